//! The registered webhooks, and the deliveries to them.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;

use crate::{
    http::{
        dashboard::{
            frame::{Frame, Part},
            outcome,
            paging::{Page, ROWS},
            rows::DeliveryRow,
        },
        pages::page::page,
    },
    records::webhook::Webhook,
    state::SandboxState,
    webhooks::delivery::{DeliveryState, WebhookDelivery},
};

const PATH: &str = "/dashboard/webhooks";

pub(super) fn routes() -> Router<Arc<SandboxState>> {
    Router::new().route(PATH, get(show)).route("/dashboard/webhooks/release", post(release))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    q: String,
    state: String,
    from: usize,
}

#[derive(Template)]
#[template(path = "dashboard/webhooks.html")]
struct WebhooksPage {
    frame: Frame,
    webhooks: Vec<WebhookRow>,
    search: String,
    /// The states: the value, the text, and whether it is chosen.
    states: Vec<(&'static str, &'static str, bool)>,
    deliveries: Page<DeliveryRow>,
}

/// A webhook, without its secret.
struct WebhookRow {
    id: String,
    name: String,
    url: String,
    events: String,
    active: bool,
}

const STATES: [(&str, &str, Option<DeliveryState>); 6] = [
    ("", "Any state", None),
    ("pending", "Pending", Some(DeliveryState::Pending)),
    ("held", "Held", Some(DeliveryState::Held)),
    ("delivered", "Delivered", Some(DeliveryState::Delivered)),
    ("failed", "Failed", Some(DeliveryState::Failed)),
    ("refused", "Not sent", Some(DeliveryState::Refused)),
];

async fn show(State(state): State<Arc<SandboxState>>, Query(filter): Query<Filter>) -> Response {
    let wanted = filter.q.trim();
    let chosen = STATES.iter().find(|(value, ..)| *value == filter.state).and_then(|(_, _, state)| *state);
    let is_wanted = |delivery: &WebhookDelivery| {
        chosen.is_none_or(|state| state == delivery.state)
            && [&delivery.event_type, &delivery.url, &delivery.body, &delivery.id]
                .iter()
                .any(|text| text.contains(wanted))
    };
    let (deliveries, total) = state.deliveries().newest(filter.from, ROWS, is_wanted);
    let rows = deliveries.iter().map(DeliveryRow::new).collect();
    let limits = vec![("q", wanted.to_owned()), ("state", filter.state.clone())];
    let webhooks = state.read(|store| WebhooksPage {
        frame: Frame::new(&state, store, Part::Webhooks),
        webhooks: store.tables.webhooks.iter().rev().map(webhook_row).collect(),
        search: wanted.to_owned(),
        states: STATES.map(|(value, text, _)| (value, text, value == filter.state)).to_vec(),
        deliveries: Page::of(PATH, limits, filter.from, (rows, total)),
    });
    page(StatusCode::OK, &webhooks)
}

fn webhook_row(webhook: &Webhook) -> WebhookRow {
    WebhookRow {
        id: webhook.meta.id.clone(),
        name: webhook.name.clone(),
        url: webhook.url.clone(),
        events: webhook.filter_types.join(", "),
        active: webhook.active,
    }
}

async fn release(State(state): State<Arc<SandboxState>>, headers: HeaderMap) -> Response {
    state.release_webhooks();
    outcome::back(&headers)
}
