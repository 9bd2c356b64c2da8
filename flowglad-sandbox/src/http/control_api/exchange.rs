//! How the control API reads requests and refuses them.

use axum::{
    Json,
    extract::{Query, rejection::QueryRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{error::SandboxError, http::call_reader};

/// The error response of the control API.
pub(super) struct ControlError(pub(super) StatusCode, pub(super) String);

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

impl From<SandboxError> for ControlError {
    fn from(error: SandboxError) -> Self {
        Self(status_of(&error), error.to_string())
    }
}

pub(super) fn bad_request(problem: impl Into<String>) -> ControlError {
    ControlError(StatusCode::BAD_REQUEST, problem.into())
}

/// The JSON of a body. No body means `{}`, and is named where that is not enough. Any other body must have the content type of JSON, which a form of another
/// site cannot send.
pub(super) fn read<T: DeserializeOwned>(headers: &HeaderMap, bytes: &[u8]) -> Result<T, ControlError> {
    if !bytes.is_empty() && !call_reader::is_json(headers) {
        let problem = "send the body as JSON, with content-type: application/json";
        return Err(ControlError(StatusCode::UNSUPPORTED_MEDIA_TYPE, problem.to_owned()));
    }
    let unreadable = |error: serde_json::Error| bad_request(format!("the body cannot be read: {error}"));
    let body: Value = serde_json::from_slice(if bytes.is_empty() { b"{}" } else { bytes }).map_err(unreadable)?;
    if !body.is_object() {
        return Err(bad_request("the body cannot be read: it must be a JSON object"));
    }
    let is_empty = bytes.is_empty();
    serde_json::from_value(body).map_err(|error| {
        if is_empty { bad_request(format!("this needs a body of JSON: {error}")) } else { unreadable(error) }
    })
}

/// The fields of a query.
pub(super) fn read_query<T>(query: Result<Query<T>, QueryRejection>) -> Result<T, ControlError> {
    query.map(|Query(fields)| fields).map_err(|error| bad_request(error.body_text()))
}

/// How often something happens unless a body says more.
pub(super) fn once() -> u32 {
    1
}

/// The status for what the sandbox cannot do.
pub(crate) fn status_of(error: &SandboxError) -> StatusCode {
    match error {
        SandboxError::CheckoutSessionNotFound { .. }
        | SandboxError::CustomerNotFound { .. }
        | SandboxError::WebhookNotFound { .. }
        | SandboxError::WebhookDeliveryNotFound { .. } => StatusCode::NOT_FOUND,
        SandboxError::CheckoutSessionExpired { .. } => StatusCode::GONE,
        SandboxError::CheckoutSessionNotOpen { .. } | SandboxError::CheckoutRefused { .. } => StatusCode::CONFLICT,
        _ => StatusCode::BAD_REQUEST,
    }
}
