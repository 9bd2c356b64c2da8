//! How answers of the API look on the wire.

use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};

use super::api_error::{ApiError, Errors};
use super::auth::Denied;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// A JSON body that is ready to be sent.
#[derive(Debug)]
pub(crate) struct Reply(Vec<u8>);

impl Reply {
    pub(crate) fn json(body: &impl Serialize) -> Self {
        Self(serde_json::to_vec(body).expect("records have string keys and serialize without fail"))
    }
}

/// The response of an operation.
pub(crate) fn response(outcome: Result<Reply, ApiError>, errors: Errors, request_id: &str) -> Response {
    match outcome {
        Ok(Reply(body)) => (StatusCode::OK, headers(request_id), body).into_response(),
        Err(error) => error_response(error, errors, request_id),
    }
}

fn error_response(error: ApiError, errors: Errors, request_id: &str) -> Response {
    let ApiError { kind, message } = error;
    let kind = kind.seen_under(errors);
    let mut body = Map::new();
    body.insert("error".to_owned(), message);
    if let Some(code) = kind.code() {
        body.insert("code".to_owned(), Value::from(code));
    }
    body.insert("request_id".to_owned(), Value::from(request_id));
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut headers = headers(request_id);
    if kind.tempts_to_retry() {
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

/// The 401, which is plain text.
pub(crate) fn denied(Denied(reason): Denied) -> Response {
    (StatusCode::UNAUTHORIZED, reason).into_response()
}

/// The 404 of a path that no operation has, which is plain text too.
pub(crate) fn path_not_found(request_id: &str) -> Response {
    let mut response = (StatusCode::NOT_FOUND, "Not Found").into_response();
    if let Ok(id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}
