//! Answers API requests wrongly where a fault is planned for them.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures_util::stream;
use serde_json::Value;

use crate::{
    fault::{Cut, Fault},
    http::{path::is_api, response},
    state::SandboxState,
};

/// Applies the next fault that is planned for an API request.
pub(crate) async fn inject(State(state): State<Arc<SandboxState>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let Some(fault) = fault_for(&state, request.method().as_str(), path) else { return next.run(request).await };
    if let Some(delay) = fault.delay_ms {
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
    match (fault.status, fault.cut) {
        (Some(status), _) => {
            if fault.after_running {
                next.run(request).await;
            }
            answer(status, fault.body)
        }
        _ if fault.rate_limited => response::over_the_rate_limit(),
        (None, Some(Cut::Before)) => cut(),
        (None, Some(Cut::After)) => {
            next.run(request).await;
            cut()
        }
        (None, None) if fault.wrong_json => json_response(StatusCode::OK, "{\"data\": [{\"id\": ".to_owned()),
        (None, None) => next.run(request).await,
    }
}

/// The fault that a test has planned for a request, or else what the availability of the whole API does to it.
fn fault_for(state: &SandboxState, method: &str, path: &str) -> Option<Fault> {
    if !is_api(path) {
        return None;
    }
    state.faults.take(|fault| fault.is_for(method, path)).or_else(|| state.availability.fault())
}

fn answer(status: u16, body: Option<Value>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match body {
        None => status.into_response(),
        Some(Value::String(text)) => (status, text).into_response(),
        Some(body) => json_response(status, body.to_string()),
    }
}

fn json_response(status: StatusCode, body: String) -> Response {
    let mut response = (status, body).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A response that breaks off after a few bytes: the server closes the connection on the error.
fn cut() -> Response {
    let cut = std::io::Error::other("the connection is cut on purpose");
    let parts = stream::iter([Ok(Bytes::from_static(b"{\"da")), Err(cut)]);
    let mut response = Body::from_stream(parts).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
