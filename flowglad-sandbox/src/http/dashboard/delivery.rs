//! One delivery of a webhook: its body, every attempt, and the button that sends it anew.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::{get, post},
};

use crate::{
    http::{
        dashboard::{
            frame::{Frame, Part},
            links, outcome,
            request::pretty,
        },
        pages::{badge::Badge, page::page, wording::minute},
    },
    state::SandboxState,
    webhooks::delivery::{WebhookAttempt, WebhookDelivery},
};

pub(super) fn routes() -> Router<Arc<SandboxState>> {
    let path = links::delivery("{webhook}", "{id}");
    Router::new().route(&format!("{path}/redeliver"), post(redeliver)).route(&path, get(show))
}

#[derive(Template)]
#[template(path = "dashboard/delivery.html")]
struct DeliveryPage {
    frame: Frame,
    path: String,
    event: String,
    id: String,
    url: String,
    badge: Badge,
    body: String,
    attempts: Vec<AttemptPart>,
}

struct AttemptPart {
    time: String,
    badge: Badge,
    error: String,
    /// The signature is none of the webhook's secrets, and does not show them.
    headers: Vec<(&'static str, String)>,
    /// The body, if a fault changed it.
    body: Option<String>,
}

async fn show(State(state): State<Arc<SandboxState>>, Path((webhook_id, id)): Path<(String, String)>) -> Response {
    let Some(delivery) = state.deliveries().find(&webhook_id, &id) else { return outcome::not_found("delivery") };
    let frame = state.read(|store| Frame::new(&state, store, Part::Webhooks));
    page(StatusCode::OK, &delivery_page(frame, delivery))
}

fn delivery_page(frame: Frame, delivery: WebhookDelivery) -> DeliveryPage {
    DeliveryPage {
        frame,
        path: links::delivery(&delivery.webhook_id, &delivery.id),
        badge: Badge::of_delivery(delivery.state),
        body: pretty(&delivery.body),
        attempts: delivery.attempts.into_iter().rev().map(attempt_part).collect(),
        event: delivery.event_type,
        id: delivery.id,
        url: delivery.url,
    }
}

fn attempt_part(attempt: WebhookAttempt) -> AttemptPart {
    AttemptPart {
        time: minute(attempt.at),
        badge: attempt.status.map_or_else(|| Badge::new("No answer", "bad"), |status| Badge::of_status(Some(status))),
        error: attempt.error.unwrap_or_default(),
        headers: attempt.headers.into_iter().collect(),
        body: attempt.body.as_deref().map(pretty),
    }
}

async fn redeliver(
    State(state): State<Arc<SandboxState>>,
    Path((_, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let delivered = state.redeliver_webhook(&id).map_err(|error| outcome::sentence(&error));
    outcome::after(&headers, delivered)
}
