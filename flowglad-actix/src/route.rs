//! The routes: request in, core's answer out.

use std::rc::Rc;

use actix_web::{
    Error, HttpRequest, HttpResponse, Scope,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderName, HeaderValue},
    },
    web::{self, Bytes, Payload},
};
use flowglad_core::{
    action::RequestHandler,
    adapter::{ActionRequest, ActionResponse, BodyError},
};

use crate::source::CustomerSource;

/// The routes of all actions, as a service for the path where the React hooks look for them:
/// `.service(scope("/api/flowglad", flowglad, source))`.
///
/// `handler` is a [`Flowglad`](flowglad_core::Flowglad), or [`RequestHandler`] for an app with its own settings. The scope takes
/// every path under `path`; what the app itself has there is to be registered before it.
///
/// # Examples
/// See the [crate](crate).
pub fn scope(path: &str, handler: impl Into<RequestHandler>, customer: impl CustomerSource) -> Scope {
    let mount = Rc::new((handler.into(), customer));
    let handler = move |request: HttpRequest, body: Payload| {
        let mount = Rc::clone(&mount);
        async move {
            let (actions, customer) = &*mount;
            answer(actions, customer, &request, body).await.map(into_response)
        }
    };
    // The default service and no pattern: all that is under `path` is core's to judge.
    web::scope(path.trim_end_matches('/')).default_service(web::to(handler))
}

async fn answer(
    handler: &RequestHandler,
    customer: &impl CustomerSource,
    request: &HttpRequest,
    body: Payload,
) -> Result<ActionResponse, Error> {
    // A header that is not text is no content type that anybody takes.
    let content_type = request.headers().get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    let what = ActionRequest { method: request.method().as_str(), subroute: subroute(request), content_type };
    // In a block of its own, so that not even the first line of the app's code runs before it is needed.
    let identity = async { customer.identify(request.clone()).await };
    handler.handle(what, identity, read_body(body, handler.body_limit())).await
}

/// The raw path after the mount point. What actix has left to match is decoded in part, so it only says how long the
/// mount point is: decoding neither adds nor removes a slash.
fn subroute(request: &HttpRequest) -> &str {
    let left_to_match = request.match_info().unprocessed();
    let slashes = left_to_match.bytes().filter(|&byte| byte == b'/').count();
    let path = request.uri().path();
    path.rmatch_indices('/').take(slashes).last().map_or("", |(start, _)| &path[start..])
}

async fn read_body(body: Payload, limit: usize) -> Result<Bytes, BodyError> {
    match body.to_bytes_limited(limit).await {
        Ok(read) => read.map_err(|_| BodyError::Broken),
        Err(_) => Err(BodyError::TooLarge),
    }
}

fn into_response(answer: ActionResponse) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).expect("core gives real statuses");
    let mut response = HttpResponse::with_body(status, answer.body);
    for (name, value) in answer.headers {
        let value = HeaderValue::try_from(value).expect("core gives plain header values");
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    response.map_into_boxed_body()
}
