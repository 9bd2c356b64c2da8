//! The checkout page: shows a session, and simulates its payment. Two of its buttons are a developer's: they decline the
//! card, or ask for authentication first.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, RawQuery, State},
    http::{HeaderValue, StatusCode, header::LOCATION},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};

use crate::{
    error::SandboxError,
    http::{
        control_api::status_of,
        pages::{
            notice::{Notice, without_internal_prefix},
            page::{page, with_page_headers},
            plan::{self, Benefit},
            return_url, wording,
        },
    },
    records::{
        checkout::{CheckoutSession, CheckoutStatus, CheckoutType},
        money,
    },
    rules::checkout::{
        completion::{self, CheckoutError},
        quote::{self, Quote},
    },
    state::SandboxState,
    store::Store,
};

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    // The API returns the second path when a session for a card is created, and the first one when it is read later.
    Router::new()
        .route("/checkout/{id}", get(show))
        .route("/checkout/{id}/pay", post(pay))
        .route("/checkout/{id}/decline", post(decline))
        .route("/checkout/{id}/authentication", get(ask_for_authentication))
        .route("/add-payment-method/{id}", get(show))
        .route("/add-payment-method/{id}/pay", post(pay))
}

#[derive(Template)]
#[template(path = "checkout.html")]
struct CheckoutPage {
    heading: String,
    order: Option<Order>,
    customer_name: String,
    customer_email: String,
    /// The path of the session's own page.
    path: String,
    button: String,
    cancel_url: Option<String>,
    card_was_declined: bool,
    asks_for_authentication: bool,
}

/// What is bought, as text.
struct Order {
    plan_name: String,
    price: String,
    quantity: i64,
    trial: Option<String>,
    due_now: String,
    renewal: String,
    benefits: Vec<Benefit>,
}

async fn show(State(state): State<Arc<SandboxState>>, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let card_was_declined = query.as_deref() == Some("declined");
    show_page(&state, &id, |checkout| CheckoutPage { card_was_declined, ..checkout })
}

async fn ask_for_authentication(State(state): State<Arc<SandboxState>>, Path(id): Path<String>) -> Response {
    show_page(&state, &id, |checkout| CheckoutPage { asks_for_authentication: true, ..checkout })
}

fn show_page(state: &SandboxState, id: &str, change: impl FnOnce(CheckoutPage) -> CheckoutPage) -> Response {
    let found = state.transaction(|store| {
        let session = completion::open_session(store, id, store.now())?;
        Ok::<_, CheckoutError>(checkout_page(store, session))
    });
    match found {
        Ok(checkout) => page(StatusCode::OK, &change(checkout)),
        // Reloading the page after the payment is no error.
        Err(CheckoutError::NotOpen) => {
            let mut response = refused(state, id, CheckoutError::NotOpen);
            *response.status_mut() = StatusCode::OK;
            response
        }
        Err(refusal) => refused(state, id, refusal),
    }
}

async fn pay(State(state): State<Arc<SandboxState>>, Path(id): Path<String>) -> Response {
    match state.complete_checkout_session(&id) {
        Ok(session) => paid(&session),
        Err(refusal) => refused(&state, &id, refusal),
    }
}

/// A card that is declined changes nothing: the customer can pay with another one.
async fn decline(State(state): State<Arc<SandboxState>>, Path(id): Path<String>) -> Response {
    let is_open = state.transaction(|store| completion::open_session(store, &id, store.now()).map(drop));
    match is_open {
        Ok(()) => Redirect::to(&format!("/checkout/{id}?declined")).into_response(),
        Err(refusal) => refused(&state, &id, refusal),
    }
}

fn checkout_page(store: &Store, session: &CheckoutSession) -> CheckoutPage {
    let order = quote::quote_for(store, session).map(|quote| order(store, quote));
    let plan_name = order.as_ref().map_or("", |order| order.plan_name.as_str());
    let due_now = order.as_ref().map_or("", |order| order.due_now.as_str());
    let (heading, button) = match session.kind {
        CheckoutType::Product => (format!("Pay for {plan_name}"), format!("Pay {due_now}")),
        CheckoutType::AddPaymentMethod => ("Save a card".to_owned(), "Save card".to_owned()),
        CheckoutType::ActivateSubscription => (format!("Activate {plan_name}"), format!("Activate and pay {due_now}")),
    };
    CheckoutPage {
        heading,
        button,
        order,
        customer_name: session.customer_name.clone().unwrap_or_else(|| "New customer".to_owned()),
        customer_email: session.customer_email.clone().unwrap_or_else(|| "none yet".to_owned()),
        path: format!("/checkout/{}", session.meta.id),
        cancel_url: return_url::safe(&session.cancel_url),
        card_was_declined: false,
        asks_for_authentication: false,
    }
}

fn order(store: &Store, quote: Quote) -> Order {
    let price = &quote.price;
    Order {
        price: plan::price_in_words(price, quote.interval),
        due_now: money::format(quote.due_now, &price.currency),
        trial: quote.trial_days.map(|days| wording::counted(days, "day")),
        renewal: renewal(&quote, store.now()),
        benefits: price.product_id.as_deref().map(|id| plan::benefits(store, id)).unwrap_or_default(),
        quantity: quote.quantity,
        plan_name: quote.plan_name,
    }
}

/// When the next payment is due.
fn renewal(quote: &Quote, now: i64) -> String {
    let Some(next_payment_at) = quote.next_payment_at else {
        return "You pay once. Nothing renews.".to_owned();
    };
    let next = wording::long_date(next_payment_at);
    let total = money::format(quote.per_period, &quote.price.currency);
    match quote.trial_days {
        // A subscription whose activation comes late begins with the period that it was made for.
        _ if next_payment_at <= now => format!(
            "You pay for the period that ended on {next}. Later periods are charged too, {total} each, and the plan renews \
             until you cancel."
        ),
        Some(_) => format!("The trial ends on {next}. Then {total} is due, and the plan renews until you cancel."),
        None => format!("The plan renews on {next} for {total}, and then until you cancel."),
    }
}

/// Redirects to the app after the payment.
fn paid(session: &CheckoutSession) -> Response {
    let location = return_url::safe(&session.success_url).and_then(|url| HeaderValue::try_from(url).ok());
    let Some(location) = location else {
        let reason = "The session is complete. Its successUrl is no address that a browser may be sent to.";
        return Notice::new("Done", reason).response(StatusCode::OK);
    };
    let mut response = with_page_headers(StatusCode::SEE_OTHER.into_response());
    response.headers_mut().insert(LOCATION, location);
    response
}

/// Shows why nothing was paid. The session is unchanged.
fn refused(state: &SandboxState, id: &str, refusal: CheckoutError) -> Response {
    let error = SandboxError::from_checkout(id, refusal);
    let session = state.store().tables.checkout_sessions.find(id).cloned();
    let status = session.as_ref().map(|session| session.status);
    let notice = Notice::new(heading_of_refusal(status), sentence(&error, status));
    let notice = match &session {
        Some(session) if session.status == CheckoutStatus::Succeeded => {
            notice.with_link("Continue", return_url::safe(&session.success_url))
        }
        Some(session) => notice.with_link("Back", return_url::safe(&session.cancel_url)),
        None => notice,
    };
    notice.response(status_of(&error))
}

fn heading_of_refusal(session: Option<CheckoutStatus>) -> &'static str {
    match session {
        Some(CheckoutStatus::Succeeded) => "Already complete",
        Some(CheckoutStatus::Open | CheckoutStatus::Failed) => "This checkout cannot be completed",
        None => "No such checkout",
    }
}

fn sentence(error: &SandboxError, session: Option<CheckoutStatus>) -> String {
    match error {
        SandboxError::CheckoutSessionNotFound { .. } => "There is no checkout session at this address.".to_owned(),
        SandboxError::CheckoutSessionNotOpen { .. } if session == Some(CheckoutStatus::Failed) => {
            "The payment of this checkout failed. Start a new one.".to_owned()
        }
        SandboxError::CheckoutSessionNotOpen { .. } => "This checkout was completed before; nothing is due.".to_owned(),
        SandboxError::CheckoutSessionExpired { .. } => "This checkout has expired. Start a new one.".to_owned(),
        SandboxError::CheckoutRefused { reason, .. } => without_internal_prefix(reason).to_owned(),
        other => other.to_string(),
    }
}
