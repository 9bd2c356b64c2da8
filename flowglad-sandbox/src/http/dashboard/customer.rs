//! The page of one customer: what it has, what it paid, what happened to it, and buttons that change only this customer.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
    routing::get,
};

use crate::{
    http::{
        dashboard::{
            customer_history::{EventRow, MOST_ROWS, PaymentRow, events, payments},
            customer_plans::{PlanPart, plans},
            frame::{Frame, Part},
            links, outcome,
            rows::DeliveryRow,
        },
        pages::{invoice::InvoiceRow, page::page, portal, wording},
    },
    records::{customer::Customer, money},
    state::SandboxState,
    store::Store,
    webhooks::delivery::WebhookDelivery,
};

pub(super) fn routes() -> Router<Arc<SandboxState>> {
    Router::new().route("/dashboard/customers/{id}", get(show))
}

#[derive(Template)]
#[template(path = "dashboard/customer.html")]
struct CustomerPage {
    frame: Frame,
    customer: Profile,
    plans: Vec<PlanPart>,
    meters: Vec<Meter>,
    invoices: Vec<InvoiceRow>,
    payments: Vec<PaymentRow>,
    events: Vec<EventRow>,
    deliveries: Vec<DeliveryRow>,
}

struct Profile {
    id: String,
    external_id: String,
    name: String,
    email: String,
    archived: bool,
    created: String,
    path: String,
    portal: String,
    payments_to_fail: u32,
    paid: String,
}

/// A meter of which credits can be granted.
struct Meter {
    slug: String,
    name: String,
}

async fn show(State(state): State<Arc<SandboxState>>, Path(id): Path<String>) -> Response {
    // A delivery does not say whose it is; its body does.
    let mark = format!("\"customer\":{{\"id\":\"{id}\"");
    let is_theirs = |delivery: &WebhookDelivery| delivery.body.contains(&mark);
    let (deliveries, _) = state.deliveries().newest(0, MOST_ROWS, is_theirs);
    let found = state.read(|store| {
        let customer = store.tables.customers.find(&id)?;
        let frame = Frame::new(&state, store, Part::Customers);
        Some(customer_page(frame, store, customer, &deliveries))
    });
    match found {
        Some(customer) => page(StatusCode::OK, &customer),
        None => outcome::not_found("customer"),
    }
}

fn customer_page(frame: Frame, store: &Store, customer: &Customer, deliveries: &[WebhookDelivery]) -> CustomerPage {
    let id = customer.meta.id.as_str();
    let invoices = store.tables.invoices.owned_by(id).rev().take(MOST_ROWS);
    let meters = store.tables.usage_meters.iter();
    let meters = meters.filter(|meter| meter.pricing_model_id == customer.pricing_model_id);
    CustomerPage {
        frame,
        customer: profile(store, customer),
        plans: plans(store, customer),
        meters: meters.map(|meter| Meter { slug: meter.slug.clone(), name: meter.name.clone() }).collect(),
        invoices: invoices.map(|invoice| InvoiceRow::new(store, invoice, wording::day)).collect(),
        payments: payments(store, id),
        events: events(store, customer),
        deliveries: deliveries.iter().map(DeliveryRow::new).collect(),
    }
}

fn profile(store: &Store, customer: &Customer) -> Profile {
    let paid = store.tables.payments.owned_by(&customer.meta.id).filter(|payment| payment.status == "succeeded");
    let (sum, currency) = paid
        .fold((0_i64, None), |(sum, _), payment| (sum.saturating_add(payment.amount), Some(payment.currency.as_ref())));
    Profile {
        id: customer.meta.id.clone(),
        external_id: customer.external_id.clone(),
        name: customer.name.clone(),
        email: customer.email.clone(),
        archived: customer.archived,
        created: wording::minute(customer.meta.created_at),
        path: links::customer(&customer.meta.id),
        portal: portal::path(store, customer),
        payments_to_fail: store.fail_payments_of.get(&customer.meta.id).copied().unwrap_or(0),
        paid: money::format(sum, currency.unwrap_or("USD")),
    }
}
