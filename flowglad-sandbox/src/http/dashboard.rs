//! The dashboard at `/`: customers, invoices, requests and deliveries, with buttons for the most common controls.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    http::hosted_page,
    records::{billing::Invoice, customer::Customer, money, pricing::IntervalUnit, subscription::Subscription},
    request_log::SeenRequest,
    rules::{billing::period, entitlement::credits, subscription::current::current_subscriptions},
    state::SandboxState,
    store::Store,
    webhooks::delivery::{DeliveryState, WebhookDelivery},
};

/// The most rows of each kind that are shown, newest first.
const MOST_ROWS: usize = 50;

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/", get(show))
        .route("/dashboard/advance-day", post(advance_day))
        .route("/dashboard/advance-month", post(advance_month))
        .route("/dashboard/fail-next-payment", post(fail_next_payment))
        .route("/dashboard/reset", post(reset))
}

#[derive(Template)]
#[template(path = "dashboard.html")]
struct DashboardPage {
    base_url: String,
    now: String,
    model_name: String,
    payments_to_fail: u32,
    customers: Rows<CustomerRow>,
    invoices: Rows<InvoiceRow>,
    requests: Rows<RequestRow>,
    deliveries: Rows<DeliveryRow>,
}

/// The newest rows of a kind.
struct Rows<Row> {
    shown: Vec<Row>,
    total: usize,
}

struct CustomerRow {
    name: String,
    email: String,
    external_id: String,
    archived: bool,
    plans: Vec<PlanRow>,
    balances: Vec<BalanceRow>,
}

struct PlanRow {
    name: String,
    status: String,
    period_end: Option<String>,
}

struct BalanceRow {
    meter: String,
    left: i64,
}

struct InvoiceRow {
    number: String,
    customer: String,
    date: String,
    status: String,
    total: String,
}

struct RequestRow {
    method: String,
    path: String,
    status: String,
    tone: &'static str,
    duration: String,
}

struct DeliveryRow {
    event: String,
    url: String,
    state: &'static str,
    tone: &'static str,
    attempts: usize,
    last: String,
}

async fn show(State(state): State<Arc<SandboxState>>) -> Response {
    let requests = state.requests.newest(MOST_ROWS);
    let deliveries = state.deliveries().all();
    let page = {
        let store = state.store();
        DashboardPage {
            base_url: state.settings.base_url.clone(),
            now: minute(state.now()),
            model_name: model_name(&store),
            payments_to_fail: store.fail_next_payments,
            customers: newest(store.tables.customers.iter(), |customer| customer_row(&store, customer)),
            invoices: newest(store.tables.invoices.iter(), |invoice| invoice_row(&store, invoice)),
            requests: Rows { total: requests.len(), shown: requests.into_iter().map(request_row).collect() },
            deliveries: newest(deliveries.iter(), delivery_row),
        }
    };
    hosted_page::page(StatusCode::OK, &page)
}

fn newest<Record, Row>(records: impl DoubleEndedIterator<Item = Record>, row: impl Fn(Record) -> Row) -> Rows<Row> {
    let mut newest_first = records.rev();
    let shown: Vec<Row> = newest_first.by_ref().take(MOST_ROWS).map(row).collect();
    Rows { total: shown.len() + newest_first.count(), shown }
}

fn model_name(store: &Store) -> String {
    let model = store.tables.pricing_models.find(&store.key_model_id);
    model.map_or_else(String::new, |model| model.name.clone())
}

fn customer_row(store: &Store, customer: &Customer) -> CustomerRow {
    let current: Vec<&Subscription> = current_subscriptions(store, &customer.meta.id).collect();
    CustomerRow {
        name: customer.name.clone(),
        email: customer.email.clone(),
        external_id: customer.external_id.clone(),
        archived: customer.archived,
        plans: current.iter().map(|subscription| plan_row(subscription)).collect(),
        balances: current
            .iter()
            .flat_map(|subscription| credits::balances(store, subscription))
            .map(|balance| BalanceRow { meter: balance.meter.name.clone(), left: balance.available_balance })
            .collect(),
    }
}

fn plan_row(subscription: &Subscription) -> PlanRow {
    PlanRow {
        name: subscription.name.clone(),
        status: word(&subscription.status),
        period_end: subscription.current_billing_period_end.map(day),
    }
}

fn invoice_row(store: &Store, invoice: &Invoice) -> InvoiceRow {
    let customer = store.tables.customers.find(&invoice.customer_id);
    InvoiceRow {
        number: invoice.invoice_number.clone(),
        customer: customer.map_or_else(String::new, |customer| customer.name.clone()),
        date: day(invoice.invoice_date),
        status: word(&invoice.status),
        total: money::format(invoice.subtotal, &invoice.currency),
    }
}

fn request_row(request: SeenRequest) -> RequestRow {
    let path = match &request.query {
        Some(query) => format!("{}?{query}", request.path),
        None => request.path,
    };
    RequestRow {
        method: request.method,
        path,
        status: request.status.map_or_else(|| "…".to_owned(), |status| status.to_string()),
        tone: match request.status {
            None => "calm",
            Some(200..=399) => "good",
            Some(400..=499) => "warn",
            Some(_) => "bad",
        },
        duration: request.duration_us.map_or_else(String::new, |us| format!("{}.{:02} ms", us / 1000, us % 1000 / 10)),
    }
}

fn delivery_row(delivery: &WebhookDelivery) -> DeliveryRow {
    let (state, tone) = match delivery.state {
        DeliveryState::Pending => ("pending", "calm"),
        DeliveryState::Held => ("held", "calm"),
        DeliveryState::Delivered => ("delivered", "good"),
        DeliveryState::Failed => ("failed", "bad"),
        DeliveryState::Refused => ("not sent", "warn"),
    };
    let last = delivery.attempts.last();
    DeliveryRow {
        event: delivery.event_type.clone(),
        url: delivery.url.clone(),
        state,
        tone,
        attempts: delivery.attempts.len(),
        last: last.map_or_else(String::new, |attempt| match (attempt.status, &attempt.error) {
            (Some(status), _) => format!("answered {status}"),
            (None, Some(error)) => error.clone(),
            (None, None) => String::new(),
        }),
    }
}

/// The API's name of a status, with spaces.
fn word(status: &impl Serialize) -> String {
    serde_json::to_value(status)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
        .replace('_', " ")
}

fn day(epoch_ms: i64) -> String {
    format_time(epoch_ms, "%Y-%m-%d")
}

fn minute(epoch_ms: i64) -> String {
    format_time(epoch_ms, "%Y-%m-%d %H:%M UTC")
}

fn format_time(epoch_ms: i64, form: &str) -> String {
    Timestamp::from_millisecond(epoch_ms).map_or_else(|_| epoch_ms.to_string(), |time| time.strftime(form).to_string())
}

async fn advance_day(State(state): State<Arc<SandboxState>>) -> Response {
    let to = state.now().saturating_add(period::DAY_MS);
    advance(&state, to)
}

async fn advance_month(State(state): State<Arc<SandboxState>>) -> Response {
    match period::end_of(state.now(), IntervalUnit::Month, 1) {
        Ok(to) => advance(&state, to),
        Err(error) => (StatusCode::CONFLICT, error.sentence()).into_response(),
    }
}

fn advance(state: &SandboxState, to: i64) -> Response {
    match state.advance_to(to) {
        Ok(_) => back(),
        Err(error) => (StatusCode::CONFLICT, error.to_string()).into_response(),
    }
}

async fn fail_next_payment(State(state): State<Arc<SandboxState>>) -> Response {
    state.fail_next_payments(1);
    back()
}

async fn reset(State(state): State<Arc<SandboxState>>) -> Response {
    state.reset();
    back()
}

fn back() -> Response {
    Redirect::to("/").into_response()
}
