//! The hosted checkout page: shows a session, and simulates the payment.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION},
    },
    response::{IntoResponse, Response},
    routing::{get, post},
};

use crate::{
    error::SandboxError,
    http::{control_api::status_of, return_url},
    records::{
        checkout::{CheckoutSession, CheckoutStatus, CheckoutType},
        money,
    },
    rules::checkout::{
        completion::{self, CheckoutError},
        quote::{self, Quote},
    },
    state::SandboxState,
};

pub(crate) fn routes() -> Router<Arc<SandboxState>> {
    // The API returns the second path when a session for a card is created, and the first one when it is read later.
    Router::new()
        .route("/checkout/{id}", get(show))
        .route("/checkout/{id}/pay", post(pay))
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
    action: String,
    button: String,
    cancel_url: Option<String>,
}

/// What is bought, as text.
struct Order {
    plan_name: String,
    price: String,
    quantity: i64,
    trial: Option<String>,
    due_now: String,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage {
    heading: &'static str,
    reason: String,
    link_text: &'static str,
    link_url: Option<String>,
}

async fn show(State(state): State<Arc<SandboxState>>, Path(id): Path<String>) -> Response {
    let found = state.transaction(|store| {
        let session = completion::open_session(store, &id, store.now())?.clone();
        let quote = quote::quote_for(store, &session);
        Ok::<_, CheckoutError>((session, quote))
    });
    match found {
        Ok((session, quote)) => page(StatusCode::OK, &checkout_page(session, quote)),
        // Reloading the page after the payment is no error.
        Err(CheckoutError::NotOpen) => with_status(refused(&state, &id, CheckoutError::NotOpen), StatusCode::OK),
        Err(refusal) => refused(&state, &id, refusal),
    }
}

async fn pay(State(state): State<Arc<SandboxState>>, Path(id): Path<String>) -> Response {
    match state.complete_checkout_session(&id) {
        Ok(session) => paid(&session),
        Err(refusal) => refused(&state, &id, refusal),
    }
}

fn checkout_page(session: CheckoutSession, quote: Option<Quote>) -> CheckoutPage {
    let order = quote.map(order);
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
        customer_name: session.customer_name.unwrap_or_else(|| "New customer".to_owned()),
        customer_email: session.customer_email.unwrap_or_else(|| "none yet".to_owned()),
        action: format!("/checkout/{}/pay", session.meta.id),
        cancel_url: return_url::safe(&session.cancel_url),
    }
}

fn order(quote: Quote) -> Order {
    let price = &quote.price;
    Order {
        price: format!("{}{}", money::format(price.unit_price, &price.currency), interval(&quote)),
        due_now: money::format(quote.due_now, &price.currency),
        trial: quote.trial_days.map(|days| if days == 1 { "1 day".to_owned() } else { format!("{days} days") }),
        quantity: quote.quantity,
        plan_name: quote.plan_name,
    }
}

fn interval(quote: &Quote) -> String {
    match quote.price.interval_unit.zip(quote.price.interval_count) {
        None => " once".to_owned(),
        Some((unit, 1)) => format!(" per {}", unit.word()),
        Some((unit, count)) => format!(" every {count} {}s", unit.word()),
    }
}

/// Redirects to the app after the payment.
fn paid(session: &CheckoutSession) -> Response {
    let location = return_url::safe(&session.success_url).and_then(|url| HeaderValue::try_from(url).ok());
    match location {
        Some(location) => {
            let mut response = with_page_headers(StatusCode::SEE_OTHER.into_response());
            response.headers_mut().insert(LOCATION, location);
            response
        }
        None => page(
            StatusCode::OK,
            &NoticePage {
                heading: "Done",
                reason: "The session is complete. Its successUrl is no address that a browser may be sent to."
                    .to_owned(),
                link_text: "",
                link_url: None,
            },
        ),
    }
}

/// Shows why nothing was paid. The session is unchanged.
fn refused(state: &SandboxState, id: &str, refusal: CheckoutError) -> Response {
    let error = SandboxError::from_checkout(id, refusal);
    let session = state.store().tables.checkout_sessions.find(id).cloned();
    let done = session.as_ref().is_some_and(|session| session.status == CheckoutStatus::Succeeded);
    let (heading, link_text, link_url) = match (&session, done) {
        (Some(session), true) => ("Already complete", "Continue", return_url::safe(&session.success_url)),
        (Some(session), false) => ("This checkout cannot be completed", "Back", return_url::safe(&session.cancel_url)),
        (None, _) => ("No such checkout", "", None),
    };
    page(status_of(&error), &NoticePage { heading, reason: sentence(&error), link_text, link_url })
}

fn sentence(error: &SandboxError) -> String {
    match error {
        SandboxError::CheckoutSessionNotFound { .. } => "There is no checkout session at this address.".to_owned(),
        SandboxError::CheckoutSessionNotOpen { .. } => "This checkout was completed before; nothing is due.".to_owned(),
        SandboxError::CheckoutSessionExpired { .. } => "This checkout has expired. Start a new one.".to_owned(),
        SandboxError::CheckoutRefused { reason, .. } => without_internal_prefix(reason).to_owned(),
        other => other.to_string(),
    }
}

/// The reason without the API's internal prefix, such as `Unwrap called on Err: ConflictError: `.
fn without_internal_prefix(reason: &str) -> &str {
    let rest = reason.strip_prefix("Unwrap called on Err: ").and_then(|rest| rest.split_once("Error: "));
    rest.map_or(reason, |(_, rest)| rest)
}

fn with_status(mut response: Response, status: StatusCode) -> Response {
    *response.status_mut() = status;
    response
}

pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => with_page_headers((status, html).into_response()),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "The page could not be written").into_response(),
    }
}

fn with_page_headers(mut response: Response) -> Response {
    // No `form-action`: browsers would apply it to the redirect to the app as well.
    const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; \
                          frame-ancestors 'none'";
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    response
}
