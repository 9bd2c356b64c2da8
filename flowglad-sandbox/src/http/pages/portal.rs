//! The billing portal of a customer: plans, cards and invoices, and the changes that a customer can make alone.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};

use crate::{
    http::pages::{
        badge::Badge,
        invoice::InvoiceRow,
        notice::{Notice, without_internal_prefix},
        page::page,
        plan, wording,
    },
    operations::checkout_sessions::{self, NewCheckout},
    records::{
        billing::{InvoiceStatus, PaymentMethod},
        customer::Customer,
        money,
        pricing::Price,
        subscription::{Subscription, SubscriptionStatus},
    },
    refusal::Refusal,
    rules::{
        entitlement::features,
        subscription::{
            cancellation::{self, Timing},
            current::{current_subscription, current_subscriptions},
        },
    },
    state::SandboxState,
    store::Store,
};

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/billing-portal/{organization}/{customer}", get(show))
        .route("/billing-portal/{organization}/{customer}/add-card", post(add_card))
        .route("/billing-portal/{organization}/{customer}/{subscription}/cancel", post(cancel))
        .route("/billing-portal/{organization}/{customer}/{subscription}/keep", post(keep))
}

/// The path of a customer's portal.
pub(crate) fn path(store: &Store, customer: &Customer) -> String {
    format!("/billing-portal/{}/{}", store.organization_id, customer.meta.id)
}

#[derive(Template)]
#[template(path = "portal.html")]
struct PortalPage {
    name: String,
    email: String,
    path: String,
    today: String,
    plans: Vec<PlanPart>,
    cards: Vec<CardRow>,
    invoices: Vec<InvoiceRow>,
}

struct PlanPart {
    id: String,
    name: String,
    price: String,
    badge: Badge,
    sentence: String,
    /// What the customer has to do, if a payment failed.
    alert: Option<String>,
    can_cancel: bool,
    can_keep: bool,
}

struct CardRow {
    name: String,
    expiry: String,
    is_default: bool,
}

async fn show(State(state): State<Arc<SandboxState>>, Path((organization, id)): Path<(String, String)>) -> Response {
    let found = state.transaction(|store| {
        let customer = customer(store, &organization, &id)?;
        Ok::<_, Problem>(portal_page(store, customer))
    });
    match found {
        Ok(portal) => page(StatusCode::OK, &portal),
        Err(problem) => problem.into_response(),
    }
}

/// Why there is nothing to show, or nothing was changed.
enum Problem {
    /// There is no such customer, or no longer.
    Absent,
    /// A billing rule refuses the change.
    Refused { reason: String, portal: String },
}

impl Problem {
    fn refused(refusal: &Refusal, portal: String) -> Self {
        Self::Refused { reason: refusal.sentence(), portal }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        match self {
            Self::Absent => {
                let reason = "No customer has a billing portal at this address.";
                Notice::new("No such portal", reason).response(StatusCode::NOT_FOUND)
            }
            Self::Refused { reason, portal } => Notice::new("Nothing was changed", without_internal_prefix(&reason))
                .with_link("Back", Some(portal))
                .response(StatusCode::CONFLICT),
        }
    }
}

fn customer<'a>(store: &'a Store, organization: &str, id: &str) -> Result<&'a Customer, Problem> {
    let customer = store.tables.customers.find(id).filter(|customer| !customer.archived);
    customer.filter(|_| organization == store.organization_id).ok_or(Problem::Absent)
}

fn portal_page(store: &Store, customer: &Customer) -> PortalPage {
    let id = customer.meta.id.as_str();
    let tables = &store.tables;
    PortalPage {
        name: customer.name.clone(),
        email: customer.email.clone(),
        path: path(store, customer),
        today: wording::long_date(store.now()),
        plans: current_subscriptions(store, id).map(|subscription| plan_part(store, subscription)).collect(),
        cards: tables.payment_methods.owned_by(id).rev().map(card_row).collect(),
        invoices: tables
            .invoices
            .owned_by(id)
            .rev()
            .filter(|invoice| invoice.status != InvoiceStatus::Draft)
            .map(|invoice| InvoiceRow::new(store, invoice, wording::long_date))
            .collect(),
    }
}

fn plan_part(store: &Store, subscription: &Subscription) -> PlanPart {
    let price = store.tables.prices.find(&subscription.price_id);
    let ends = subscription.status == SubscriptionStatus::CancellationScheduled;
    PlanPart {
        id: subscription.meta.id.clone(),
        name: plan::name_of(store, subscription),
        price: price.map_or_else(String::new, |price| price_of(store, subscription, price)),
        badge: Badge::for_customer(subscription),
        sentence: sentence(subscription),
        alert: alert(store, subscription),
        can_cancel: !subscription.is_free_plan && subscription.renews && !ends,
        can_keep: ends,
    }
}

/// The price, with the quantity if there are several.
fn price_of(store: &Store, subscription: &Subscription, price: &Price) -> String {
    let price = plan::price_in_words(price, subscription.interval.zip(subscription.interval_count));
    let quantity = features::active_items(store, &subscription.meta.id, store.now())
        .find(|item| item.price_id.as_ref() == Some(&subscription.price_id))
        .map_or(1, |item| item.quantity);
    if quantity == 1 { price } else { format!("{quantity} × {price}") }
}

/// What comes next.
fn sentence(subscription: &Subscription) -> String {
    let period_end = subscription.current_billing_period_end.map(wording::long_date);
    let end = subscription.cancel_scheduled_at.map(wording::long_date).or_else(|| period_end.clone());
    match subscription.status {
        SubscriptionStatus::CancellationScheduled => {
            end.map(|day| format!("Cancels on {day}. You keep it until then."))
        }
        SubscriptionStatus::Trialing => {
            subscription.trial_end.map(wording::long_date).map(|day| format!("Your trial ends on {day}."))
        }
        _ if subscription.is_free_plan => Some("Nothing is due.".to_owned()),
        SubscriptionStatus::Active if subscription.renews => period_end.map(|day| format!("Renews on {day}.")),
        _ => None,
    }
    .unwrap_or_default()
}

fn alert(store: &Store, subscription: &Subscription) -> Option<String> {
    if subscription.status != SubscriptionStatus::PastDue || subscription.is_free_plan {
        return None;
    }
    let run = store.tables.billing_runs.owned_by(&subscription.meta.id).next_back()?;
    let invoice = store.tables.invoices.find(&run.invoice_id)?;
    let amount = money::format(invoice.subtotal, &invoice.currency);
    let next = match run.next_try_at.map(wording::long_date) {
        Some(day) => format!("Your card is charged again on {day}. Add another card if this one cannot pay."),
        None => "Your card is not charged again.".to_owned(),
    };
    Some(format!("Your payment of {amount} failed. {next}"))
}

fn card_row(method: &PaymentMethod) -> CardRow {
    let card = &method.payment_method_data;
    let mut letters = card.brand.chars();
    let brand: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    CardRow {
        name: format!("{brand} ending {}", card.last4),
        expiry: format!("{:02}/{}", card.exp_month, card.exp_year),
        is_default: method.default,
    }
}

/// Opens the page on which a card is saved. It pays for the customer's plan from then on.
async fn add_card(
    State(state): State<Arc<SandboxState>>,
    Path((organization, id)): Path<(String, String)>,
) -> Response {
    let opened = state.transaction(|store| {
        let customer = customer(store, &organization, &id)?;
        let (external_id, portal) = (customer.external_id.clone(), path(store, customer));
        let paid = current_subscription(store, &id).filter(|subscription| !subscription.is_free_plan);
        let subscription_id = paid.map(|subscription| subscription.meta.id.clone());
        let return_url = format!("{}{portal}", state.settings.base_url);
        let new = NewCheckout::for_card(&external_id, subscription_id, &return_url);
        checkout_sessions::open(store, new).map_err(|refusal| Problem::refused(&refusal, portal))
    });
    match opened {
        Ok(session) => Redirect::to(&format!("/add-payment-method/{}", session.meta.id)).into_response(),
        Err(problem) => problem.into_response(),
    }
}

async fn cancel(State(state): State<Arc<SandboxState>>, Path(path): Path<(String, String, String)>) -> Response {
    change(&state, &path, |store, subscription| cancellation::cancel(store, subscription, Timing::AtPeriodEnd))
}

async fn keep(State(state): State<Arc<SandboxState>>, Path(path): Path<(String, String, String)>) -> Response {
    change(&state, &path, cancellation::uncancel)
}

/// Changes a subscription of the customer, and shows the portal again.
fn change(
    state: &SandboxState,
    (organization, customer_id, subscription_id): &(String, String, String),
    change: impl FnOnce(&mut Store, &Subscription) -> Result<(), Refusal>,
) -> Response {
    let changed = state.transaction(|store| {
        let portal = path(store, customer(store, organization, customer_id)?);
        let subscription = store.tables.subscriptions.find(subscription_id).cloned();
        let subscription = subscription.filter(|subscription| subscription.customer_id == *customer_id);
        let subscription = subscription.ok_or(Problem::Absent)?;
        change(store, &subscription).map_err(|refusal| Problem::refused(&refusal, portal.clone()))?;
        Ok::<_, Problem>(portal)
    });
    match changed {
        Ok(portal) => Redirect::to(&portal).into_response(),
        Err(problem) => problem.into_response(),
    }
}
