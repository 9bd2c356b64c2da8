//! Routes requests: to the API's operations, the control API and the pages.

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{Method, StatusCode, header::CONTENT_TYPE},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::on,
};

use crate::{
    http::{
        api_path::{API, is_api},
        auth, call_reader, control_api, dashboard, fault_injection, hosted_page,
        operation_list::{OPERATIONS, Operation},
        response, same_origin,
    },
    refusal::Refusal,
    state::SandboxState,
};

pub(crate) fn router(state: Arc<SandboxState>, side_door_is_open: bool) -> Router {
    let mut router = Router::new();
    for operation in OPERATIONS {
        let path = format!("{API}{}", operation.path);
        router = router.route(&path, on(operation.method, move |state, request| answer(operation, state, request)));
    }
    if side_door_is_open {
        let guard = middleware::from_fn(same_origin::require_same_origin);
        router = router.merge(control_api::routes().merge(dashboard::routes()).route_layer(guard));
    }
    router
        .merge(hosted_page::routes())
        .fallback(unmatched)
        .method_not_allowed_fallback(unmatched)
        .layer(middleware::from_fn_with_state(Arc::clone(&state), fault_injection::inject))
        .layer(middleware::from_fn_with_state(Arc::clone(&state), same_origin::require_own_host))
        .layer(middleware::from_fn_with_state(Arc::clone(&state), note_request))
        .with_state(state)
}

async fn note_request(State(state): State<Arc<SandboxState>>, request: Request, next: Next) -> Response {
    if !is_api(request.uri().path()) {
        return next.run(request).await;
    }
    let number = state.requests.record(request.method().as_str(), request.uri().path(), request.uri().query());
    let came_in = Instant::now();
    let response = next.run(request).await;
    state.requests.note_answer(number, response.status().as_u16(), came_in.elapsed());
    response
}

async fn answer(operation: &'static Operation, State(state): State<Arc<SandboxState>>, request: Request) -> Response {
    if let Err(denied) = auth::check(request.headers(), &state.settings.api_key) {
        return response::denied(denied);
    }
    let arrival = state.arrival();
    let outcome = match operation.handler {
        Some(handler) => match call_reader::read(request, operation.empty_body_allowed, &state.settings.base_url).await
        {
            Ok(call) => state.request_transaction(arrival, |store| handler(store, &call)),
            Err(error) => Err(error),
        },
        None => Err(Refusal::not_found(format!("No procedure found on path \"{}\"", operation.name))),
    };
    let request_id = state.store().request_id();
    response::response(outcome, state.settings.errors, &request_id)
}

/// The response to a path without an operation. On API paths the key is checked first, as on the real API.
async fn unmatched(State(state): State<Arc<SandboxState>>, request: Request<Body>) -> Response {
    if !is_api(request.uri().path()) {
        return (StatusCode::NOT_FOUND, "Not Found").into_response();
    }
    let method = request.method();
    if ![Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE].contains(method) {
        return (StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed").into_response();
    }
    if let Err(denied) = auth::check(request.headers(), &state.settings.api_key) {
        return response::denied(denied);
    }
    let request_id = state.store().request_id();
    if method == Method::DELETE && !request.headers().contains_key(CONTENT_TYPE) {
        let error = Refusal::unsupported_media_type("Unsupported content-type: the API deletes nothing");
        return response::response(Err(error), state.settings.errors, &request_id);
    }
    response::path_not_found(&request_id)
}
