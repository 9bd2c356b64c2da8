//! Takes requests to where they are answered.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::on;

use super::api_error::ApiError;
use super::call::Call;
use super::operation_list::{Answer, OPERATIONS, Operation};
use super::{auth, dashboard, faults, hosted_page, reply, same_origin, side_door};
use crate::shared::Shared;

const API: &str = "/api/v1";

pub(crate) fn router(shared: Arc<Shared>, side_door_is_open: bool) -> Router {
    let mut router = Router::new();
    for operation in OPERATIONS {
        let path = format!("{API}{}", operation.path);
        router = router.route(&path, on(operation.method, move |shared, request| answer(operation, shared, request)));
    }
    if side_door_is_open {
        let guard = middleware::from_fn_with_state(Arc::clone(&shared), same_origin::guard);
        router = router.merge(side_door::routes().merge(dashboard::routes()).route_layer(guard));
    }
    router
        .merge(hosted_page::routes())
        .fallback(unmatched)
        .method_not_allowed_fallback(unmatched)
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), faults::happen))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), note_request))
        .with_state(shared)
}

async fn note_request(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    if !is_api(request.uri().path()) {
        return next.run(request).await;
    }
    let number = shared.requests.record(request.method(), request.uri());
    let came_in = Instant::now();
    let response = next.run(request).await;
    shared.requests.note_answer(number, response.status(), came_in.elapsed());
    response
}

pub(crate) fn is_api(path: &str) -> bool {
    path.strip_prefix(API).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn answer(operation: &'static Operation, State(shared): State<Arc<Shared>>, request: Request) -> Response {
    if let Err(denied) = auth::check(request.headers(), &shared.api_key) {
        return reply::denied(denied);
    }
    let outcome = match operation.answer {
        Answer::By(handler) => match Call::read(request, operation.empty_body_allowed, &shared.base_url).await {
            Ok(call) => shared.store().transaction(|store| handler(store, &call)),
            Err(error) => Err(error),
        },
        Answer::NoProcedure => Err(ApiError::not_found(format!("No procedure found on path \"{}\"", operation.name))),
    };
    let request_id = shared.store().request_id();
    reply::response(outcome, shared.errors, &request_id)
}

/// What no operation answers. On API paths the key is checked first, as the real API does.
async fn unmatched(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Response {
    if !is_api(request.uri().path()) {
        return (StatusCode::NOT_FOUND, "Not Found").into_response();
    }
    let method = request.method();
    if ![Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE].contains(method) {
        return (StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed").into_response();
    }
    if let Err(denied) = auth::check(request.headers(), &shared.api_key) {
        return reply::denied(denied);
    }
    let request_id = shared.store().request_id();
    if method == Method::DELETE && !request.headers().contains_key(CONTENT_TYPE) {
        let error = ApiError::unsupported_media_type("Unsupported content-type: the API deletes nothing");
        return reply::response(Err(error), shared.errors, &request_id);
    }
    reply::path_not_found(&request_id)
}
