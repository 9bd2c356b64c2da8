//! The API's protocol: what it answers before and after an operation is run.

use std::sync::Arc;

use axum::{
    extract::Request,
    http::{
        HeaderValue, Method, StatusCode,
        header::{ALLOW, CONTENT_TYPE, LOCATION},
    },
    response::{Html, IntoResponse, Response},
};

use crate::{
    http::{
        auth::{self, Spelling},
        call_reader::{self, Params},
        operation_list::{self, Operation, Verb},
        path,
        response::{self, RequestIds},
    },
    operations::reply::Reply,
    race::Arrival,
    refusal::{ErrorMode, Refusal},
    state::SandboxState,
};

const METHODS: HeaderValue = HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, POST, PUT");

/// The response to a request below the API's prefix.
pub(crate) async fn respond(state: &Arc<SandboxState>, request: Request) -> Response {
    response::with_security_headers(match segments_to_answer(state, &request) {
        Ok(segments) => behind_the_key(state, request, &segments).await,
        Err(response) => *response,
    })
}

/// The segments of the path, or the response that needs no key: redirects, methods and paths that the server cannot
/// read.
fn segments_to_answer(state: &SandboxState, request: &Request) -> Result<Vec<String>, Box<Response>> {
    let path = request.uri().path();
    if let Some(target) = path::redirect_target(path) {
        return Err(Box::new(redirect(StatusCode::PERMANENT_REDIRECT, &with_query_of(request, target))));
    }
    if path == path::API {
        let target = format!("{}/sign-in", state.settings.base_url);
        return Err(Box::new(redirect(StatusCode::TEMPORARY_REDIRECT, &target)));
    }
    match *request.method() {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::DELETE => {}
        Method::OPTIONS => return Err(Box::new((StatusCode::NO_CONTENT, [(ALLOW, METHODS)]).into_response())),
        _ => return Err(Box::new(StatusCode::METHOD_NOT_ALLOWED.into_response())),
    }
    let page = Html("<h1>400: Bad Request</h1>");
    path::segments(path).ok_or_else(|| Box::new((StatusCode::BAD_REQUEST, page).into_response()))
}

fn with_query_of(request: &Request, path: String) -> String {
    match request.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    }
}

fn redirect(status: StatusCode, target: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(target) else { return StatusCode::BAD_REQUEST.into_response() };
    let mut response = (status, [(LOCATION, location)], target.to_owned()).into_response();
    response.headers_mut().remove(CONTENT_TYPE);
    response
}

async fn behind_the_key(state: &Arc<SandboxState>, request: Request, segments: &[String]) -> Response {
    let spelling = match auth::check(request.headers(), &state.settings.api_key) {
        Ok(spelling) => spelling,
        Err(denied) => return response::denied(denied),
    };
    let (ids, arrival) = state.arrive(RequestIds::new);
    match Verb::of(request.method()).and_then(|verb| operation_list::find(verb, segments)) {
        Some((operation, params)) => {
            let outcome = outcome(state, request, operation, params, spelling, arrival).await;
            response::response(outcome, state.settings.errors, &ids, || state.store().trace_id())
        }
        None => response::path_not_found(&ids),
    }
}

async fn outcome(
    state: &Arc<SandboxState>,
    request: Request,
    operation: &'static Operation,
    params: Params,
    spelling: Spelling,
    arrival: Option<Arrival>,
) -> Result<Reply, Refusal> {
    let errors = state.settings.errors;
    let call = call_reader::read(request, operation, params, &state.settings.base_url).await?;
    if spelling == Spelling::OtherCase && errors == ErrorMode::Upstream {
        return Err(Refusal::rule("No unkey metadata provided"));
    }
    let handler = operation.handler(errors)?;
    state.request_transaction(arrival, |store| {
        let outcome = handler(store, &call);
        if call.has_nul { Err(unstorable(outcome)) } else { outcome }
    })
}

/// The refusal of a request with a NUL, which no text of the real API's database can hold. Bad input is refused before.
fn unstorable(outcome: Result<Reply, Refusal>) -> Refusal {
    match outcome {
        Err(refusal) if refusal.is_about_input() => refusal,
        _ => Refusal::rule("Failed query: invalid byte sequence for encoding \"UTF8\": 0x00"),
    }
}
