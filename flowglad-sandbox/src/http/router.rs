//! Routes requests: to the API's operations, the control API and the pages.

use std::{sync::Arc, time::Instant};

use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{StatusCode, header::AUTHORIZATION},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use tokio::sync::watch;

use crate::{
    exchange_log::Exchange,
    http::{
        api,
        body_copy::copying,
        control_api,
        dashboard::{self, live::Stopped},
        fault_injection,
        pages::{assets, checkout, portal, portal_sign_in},
        path::is_api,
        same_origin,
    },
    state::SandboxState,
};

/// The routes of a sandbox, whose server ends when `stopped` does.
pub(crate) fn router(state: Arc<SandboxState>, stopped: watch::Receiver<()>) -> Router {
    let mut routes = checkout::routes().merge(portal::routes()).merge(portal_sign_in::routes());
    if state.settings.control_api_is_open {
        routes = routes.merge(control_api::routes()).merge(dashboard::routes().layer(Extension(Stopped(stopped))));
    }
    routes
        .route_layer(middleware::from_fn(same_origin::require_same_origin))
        .merge(assets::routes())
        .fallback(api_or_not_found)
        .method_not_allowed_fallback(api_or_not_found)
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
    let exchange = Exchange { authorization: authorization(&request), ..Exchange::default() };
    state.exchanges.add(number, exchange.clone());
    let came_in = Instant::now();
    let response = next.run(request.map(|body| copying(body, exchange.request))).await;
    state.requests.note_answer(number, response.status().as_u16(), came_in.elapsed());
    response.map(|body| copying(body, exchange.response))
}

fn authorization(request: &Request) -> Option<String> {
    request.headers().get(AUTHORIZATION).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// What no route of the sandbox's own takes: the API, which reads its paths by itself, and unknown paths.
async fn api_or_not_found(State(state): State<Arc<SandboxState>>, request: Request) -> Response {
    if is_api(request.uri().path()) {
        return api::respond(&state, request).await;
    }
    (StatusCode::NOT_FOUND, "Not Found").into_response()
}
