//! The API's responses on the wire.

use axum::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, HeaderName},
    },
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

use crate::{
    http::auth::Denied,
    operations::reply::Reply,
    refusal::{ErrorMode, Refusal},
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// The response of an operation.
pub(crate) fn response(outcome: Result<Reply, Refusal>, errors: ErrorMode, request_id: &str) -> Response {
    match outcome {
        Ok(Reply(body)) => (StatusCode::OK, headers(request_id), body).into_response(),
        Err(error) => error_response(error, errors, request_id),
    }
}

fn error_response(error: Refusal, errors: ErrorMode, request_id: &str) -> Response {
    let Refusal { kind, message } = error;
    let kind = kind.in_mode(errors);
    let mut body = Map::new();
    body.insert("error".to_owned(), message);
    if let Some(code) = kind.code() {
        body.insert("code".to_owned(), Value::from(code));
    }
    body.insert("request_id".to_owned(), Value::from(request_id));
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut headers = headers(request_id);
    if kind.clients_would_retry() {
        headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
    }
    (status, headers, Value::Object(body).to_string()).into_response()
}

fn headers(request_id: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    headers
}

/// The 401. It is plain text.
pub(crate) fn denied(Denied(reason): Denied) -> Response {
    (StatusCode::UNAUTHORIZED, reason).into_response()
}

/// The 404 of a path without an operation. It is plain text.
pub(crate) fn path_not_found(request_id: &str) -> Response {
    let mut response = (StatusCode::NOT_FOUND, "Not Found").into_response();
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
