//! Routes requests: to the API's operations, the control API and the pages.

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};

use crate::{
    http::{api, control_api, dashboard, fault_injection, hosted_page, path::is_api, same_origin},
    state::SandboxState,
};

pub(crate) fn router(state: Arc<SandboxState>, side_door_is_open: bool) -> Router {
    let mut router = Router::new();
    if side_door_is_open {
        let guard = middleware::from_fn(same_origin::require_same_origin);
        router = router.merge(control_api::routes().merge(dashboard::routes()).route_layer(guard));
    }
    router
        .merge(hosted_page::routes())
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
    let came_in = Instant::now();
    let response = next.run(request).await;
    state.requests.note_answer(number, response.status().as_u16(), came_in.elapsed());
    response
}

/// What no route of the sandbox's own takes: the API, which reads its paths by itself, and unknown paths.
async fn api_or_not_found(State(state): State<Arc<SandboxState>>, request: Request) -> Response {
    if is_api(request.uri().path()) {
        return api::respond(&state, request).await;
    }
    (StatusCode::NOT_FOUND, "Not Found").into_response()
}
