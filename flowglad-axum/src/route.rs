//! The routes: request in, core's answer out.

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
    routing::any,
};
use flowglad_core::{
    action::RequestHandler,
    adapter::{ActionRequest, ActionResponse, BodyError},
};

use crate::source::CustomerSource;

/// The routes of all actions, to be nested where the React hooks look for them:
/// `.nest("/api/flowglad", router(flowglad, source))`.
///
/// `handler` is a [`Flowglad`](flowglad_core::Flowglad), or [`RequestHandler`] for an app with its own settings.
///
/// # Examples
/// See the [crate](crate).
pub fn router<S, C>(handler: impl Into<RequestHandler>, customer: C) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    C: CustomerSource<S>,
{
    let handler = handler.into();
    let handler =
        async move |State(state): State<S>, request: Request| match answer(&handler, &customer, state, request).await {
            Ok(answer) => into_response(answer),
            Err(of_the_app) => of_the_app,
        };
    // Routes, not a fallback, which a wildcard route of the app would hide. The wildcard's own value is not used: axum
    // decodes it, and `%2F` would become a slash.
    Router::new().route("/", any(handler.clone())).route("/{*action}", any(handler))
}

async fn answer<S>(
    handler: &RequestHandler,
    customer: &impl CustomerSource<S>,
    state: S,
    request: Request,
) -> Result<ActionResponse, Response> {
    let (parts, body) = request.into_parts();
    let (method, uri) = (parts.method.clone(), parts.uri.clone());
    // A header that is not text is no content type that anybody takes.
    let content_type = parts.headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default().to_owned());
    let request =
        ActionRequest { method: method.as_str(), subroute: uri.path(), content_type: content_type.as_deref() };
    // In a block of its own, so that not even the first line of the app's code runs before it is needed.
    let identity = async { customer.identify(parts, state).await };
    handler.handle(request, identity, read_body(body, handler.body_limit())).await
}

async fn read_body(body: Body, limit: usize) -> Result<Bytes, BodyError> {
    to_bytes(body, limit).await.map_err(|error| {
        let mut cause: &dyn std::error::Error = &error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        if cause.is::<http_body_util::LengthLimitError>() { BodyError::TooLarge } else { BodyError::Broken }
    })
}

fn into_response(answer: ActionResponse) -> Response {
    let mut response = Body::from(answer.body).into_response();
    *response.status_mut() = StatusCode::from_u16(answer.status).expect("core gives real statuses");
    for (name, value) in answer.headers {
        let value = HeaderValue::try_from(value).expect("core gives plain header values");
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    response
}
