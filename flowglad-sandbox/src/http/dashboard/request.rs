//! One request with the bodies of both sides. Keys and secrets are masked.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
    routing::get,
};
use serde_json::Value;

use crate::{
    exchange_log::{BodyCopy, Exchange},
    http::{
        dashboard::{
            frame::{Frame, Part},
            masking::{mask_key, mask_secrets},
            outcome,
            rows::{milliseconds, with_query},
        },
        pages::{badge::Badge, page::page},
    },
    request_log::SeenRequest,
    state::SandboxState,
};

pub(super) fn routes() -> Router<Arc<SandboxState>> {
    Router::new().route("/dashboard/requests/{number}", get(show))
}

#[derive(Template)]
#[template(path = "dashboard/request.html")]
struct RequestPage {
    frame: Frame,
    method: String,
    path: String,
    badge: Badge,
    duration: String,
    key: String,
    bodies: Option<[BodyPart; 2]>,
}

struct BodyPart {
    id: &'static str,
    heading: &'static str,
    text: String,
    is_cut: bool,
}

async fn show(State(state): State<Arc<SandboxState>>, Path(number): Path<u64>) -> Response {
    let Some(request) = state.requests.find(number) else { return outcome::not_found("request") };
    let exchange = state.exchanges.find(number);
    let frame = state.read(|store| Frame::new(&state, store, Part::Requests));
    page(StatusCode::OK, &request_page(frame, &request, exchange, &state.settings.api_key))
}

fn request_page(frame: Frame, request: &SeenRequest, exchange: Option<Exchange>, api_key: &str) -> RequestPage {
    let part = |id, heading, copy: &BodyCopy| {
        let (text, is_cut) = copy.text();
        BodyPart { id, heading, text: mask_secrets(&pretty(&text), api_key), is_cut }
    };
    let authorization = exchange.as_ref().and_then(|exchange| exchange.authorization.as_deref());
    RequestPage {
        frame,
        method: request.method.clone(),
        path: mask_secrets(&with_query(request), api_key),
        badge: Badge::of_status(request.status),
        duration: request.duration_us.map_or_else(|| "not yet".to_owned(), milliseconds),
        key: authorization.map_or_else(|| "none".to_owned(), mask_key),
        bodies: exchange.map(|exchange| {
            [part("sent", "Sent", &exchange.request), part("received", "Response", &exchange.response)]
        }),
    }
}

/// JSON with line breaks; any other text as it is.
pub(super) fn pretty(text: &str) -> String {
    let value = serde_json::from_str::<Value>(text).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| text.to_owned())
}
