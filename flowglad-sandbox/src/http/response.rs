//! The API's responses on the wire.

use axum::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, X_FRAME_OPTIONS},
    },
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

use crate::{
    http::auth::{self, Denied},
    operations::reply::Reply,
    refusal::{ErrorMode, Refusal},
    store::Store,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACE_ID: HeaderName = HeaderName::from_static("x-trace-id");
const SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");

/// The names of one request in the API's logs.
#[derive(Debug)]
pub(crate) struct RequestIds {
    request: String,
    trace: String,
}

impl RequestIds {
    pub(crate) fn new(store: &mut Store) -> Self {
        Self { request: store.request_id(), trace: store.trace_id() }
    }
}

/// The response of an operation. An error of the server is reported under an id of its own.
pub(crate) fn response(
    outcome: Result<Reply, Refusal>,
    errors: ErrorMode,
    ids: &RequestIds,
    report_id: impl FnOnce() -> String,
) -> Response {
    match outcome {
        Ok(Reply(body)) => (StatusCode::OK, json_headers(ids), body).into_response(),
        Err(error) => error_response(error, errors, ids, report_id),
    }
}

fn error_response(error: Refusal, errors: ErrorMode, ids: &RequestIds, report_id: impl FnOnce() -> String) -> Response {
    let Refusal { kind, message } = error;
    let kind = kind.in_mode(errors);
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut body = Map::new();
    body.insert("error".to_owned(), message);
    if let Some(code) = kind.code() {
        body.insert("code".to_owned(), Value::from(code));
    }
    body.insert("request_id".to_owned(), Value::from(ids.request.as_str()));
    body.insert("trace_id".to_owned(), Value::from(ids.trace.as_str()));
    if status.is_server_error() {
        body.insert("sentry_event_id".to_owned(), Value::from(report_id()));
    }
    let mut headers = json_headers(ids);
    if kind.clients_would_retry() {
        headers.insert(SHOULD_RETRY, HeaderValue::from_static("false"));
    }
    (status, headers, Value::Object(body).to_string()).into_response()
}

fn json_headers(ids: &RequestIds) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    add_ids(&mut headers, ids);
    headers
}

fn add_ids(headers: &mut HeaderMap, ids: &RequestIds) {
    for (name, id) in [(REQUEST_ID, &ids.request), (TRACE_ID, &ids.trace)] {
        headers.insert(name, HeaderValue::from_str(id).expect("an id is hexadecimal"));
    }
}

/// The headers that every response of the API has.
pub(crate) fn with_security_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("frame-ancestors 'none'"));
    response
}

/// The 401. It is plain text.
pub(crate) fn denied(Denied(reason): Denied) -> Response {
    (StatusCode::UNAUTHORIZED, reason).into_response()
}

/// The response to a key that is over its rate limit, which the real API does not distinguish from an unknown key.
pub(crate) fn over_the_rate_limit() -> Response {
    with_security_headers(denied(auth::WRONG_KEY))
}

/// The 404 of a path without an operation. It is plain text.
pub(crate) fn path_not_found(ids: &RequestIds) -> Response {
    let mut response = (StatusCode::NOT_FOUND, "Not Found").into_response();
    add_ids(response.headers_mut(), ids);
    response
}
