//! `/_sandbox`: what tests and tools do to a sandbox that no caller of the real API can. It needs no key: the
//! sandbox listens on this computer only.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::request_log::SeenRequest;
use crate::sandbox::{API_KEY_ID, SandboxError};
use crate::shared::Shared;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/_sandbox/reset", post(reset))
        .route("/_sandbox/api-key", get(api_key))
        .route("/_sandbox/requests", get(requests))
        .route("/_sandbox/checkout-sessions/{id}/complete", post(complete))
}

async fn reset(State(shared): State<Arc<Shared>>) -> Json<Value> {
    shared.reset();
    Json(json!({ "reset": true }))
}

/// Only the id of the key's record: the key itself is for those who have it.
async fn api_key() -> Json<Value> {
    Json(json!({ "id": API_KEY_ID }))
}

async fn requests(State(shared): State<Arc<Shared>>) -> Json<Vec<SeenRequest>> {
    Json(shared.requests.all())
}

async fn complete(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    match shared.complete_checkout_session(&id) {
        Ok(session) => Json(json!({ "checkoutSession": session })).into_response(),
        Err(refusal) => {
            let error = SandboxError::of(&id, refusal);
            (status_of(&error), Json(json!({ "error": error.to_string() }))).into_response()
        }
    }
}

/// Why a session could not be completed, as a status.
pub(crate) fn status_of(error: &SandboxError) -> StatusCode {
    match error {
        SandboxError::TimeIsOver { .. } | SandboxError::TimeIsTooFar { .. } => StatusCode::BAD_REQUEST,
        SandboxError::CheckoutSessionNotFound { .. } => StatusCode::NOT_FOUND,
        SandboxError::CheckoutSessionExpired { .. } => StatusCode::GONE,
        SandboxError::CheckoutSessionNotOpen { .. } | SandboxError::CheckoutRefused { .. } => StatusCode::CONFLICT,
    }
}
