//! The buttons on a customer's page.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
    routing::post,
};
use serde::Deserialize;

use crate::{
    error::SandboxError,
    http::dashboard::outcome,
    records::subscription::Subscription,
    refusal::Refusal,
    rules::{
        entitlement::credits,
        subscription::{
            cancellation::{self, Timing},
            current::current_subscription,
        },
    },
    state::SandboxState,
    store::Store,
};

pub(super) fn routes() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/dashboard/customers/{id}/advance-to-renewal", post(advance_to_renewal))
        .route("/dashboard/customers/{id}/advance-through-dunning", post(advance_through_dunning))
        .route("/dashboard/customers/{id}/fail-next-payment", post(fail_next_payment))
        .route("/dashboard/customers/{id}/grant-credits", post(grant_credits))
        .route("/dashboard/subscriptions/{id}/cancel", post(cancel))
        .route("/dashboard/subscriptions/{id}/end", post(end))
        .route("/dashboard/subscriptions/{id}/keep", post(keep))
}

async fn advance_to_renewal(
    State(state): State<Arc<SandboxState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    for_customer(&state, &id, &headers, || state.advance_to_next_renewal(&id).map(drop))
}

async fn advance_through_dunning(
    State(state): State<Arc<SandboxState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    for_customer(&state, &id, &headers, || state.advance_through_dunning(&id).map(drop))
}

async fn fail_next_payment(
    State(state): State<Arc<SandboxState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    for_customer(&state, &id, &headers, || {
        state.fail_payments_of(&id, 1);
        Ok(())
    })
}

/// Changes something for a customer, who is named by the id: archived ones and those of other pricing models can have the
/// same external id.
fn for_customer(
    state: &SandboxState,
    id: &str,
    headers: &HeaderMap,
    change: impl FnOnce() -> Result<(), SandboxError>,
) -> Response {
    let is_archived = state.store().tables.customers.find(id).map(|customer| customer.archived);
    match is_archived {
        None => outcome::not_found("customer"),
        Some(true) => outcome::refused(headers, "The customer is archived."),
        Some(false) => outcome::after(headers, change().map_err(|error| outcome::sentence(&error))),
    }
}

#[derive(Deserialize)]
struct Grant {
    meter: String,
    amount: i64,
}

async fn grant_credits(
    State(state): State<Arc<SandboxState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(grant): Form<Grant>,
) -> Response {
    outcome::after(&headers, state.transaction(|store| grant_to(store, &id, &grant)))
}

fn grant_to(store: &mut Store, customer_id: &str, grant: &Grant) -> Result<(), String> {
    if grant.amount <= 0 {
        return Err("the amount must be at least 1".to_owned());
    }
    let customer = store.tables.customers.find(customer_id).ok_or("there is no such customer")?;
    let meter_id = meter_id(store, &customer.pricing_model_id, &grant.meter).ok_or("there is no such usage meter")?;
    let current = current_subscription(store, customer_id).ok_or("the customer has no plan that could have credits")?;
    let subscription_id = current.meta.id.clone();
    credits::issue_bought(store, &subscription_id, &meter_id, grant.amount);
    Ok(())
}

fn meter_id(store: &Store, model_id: &str, slug: &str) -> Option<String> {
    let mut meters = store.tables.usage_meters.iter();
    let meter = meters.find(|meter| meter.slug == slug && meter.pricing_model_id == model_id);
    meter.map(|meter| meter.meta.id.clone())
}

async fn cancel(State(state): State<Arc<SandboxState>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    change(&state, &id, &headers, |store, plan| cancellation::cancel(store, plan, Timing::AtPeriodEnd))
}

async fn end(State(state): State<Arc<SandboxState>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    change(&state, &id, &headers, |store, plan| cancellation::cancel(store, plan, Timing::Immediately))
}

async fn keep(State(state): State<Arc<SandboxState>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    change(&state, &id, &headers, cancellation::uncancel)
}

fn change(
    state: &SandboxState,
    id: &str,
    headers: &HeaderMap,
    change: impl FnOnce(&mut Store, &Subscription) -> Result<(), Refusal>,
) -> Response {
    let changed = state.transaction(|store| {
        let subscription = store.tables.subscriptions.find(id).cloned();
        let subscription = subscription.ok_or_else(|| "there is no such subscription".to_owned())?;
        change(store, &subscription).map_err(|refusal| outcome::reason(&refusal))
    });
    outcome::after(headers, changed)
}
