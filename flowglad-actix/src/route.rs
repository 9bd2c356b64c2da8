//! The routes: request in, core's answer out.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpRequest, HttpResponse, Route, Scope,
    body::{BodySize, BoxBody, MessageBody},
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    web::{self, Bytes, Payload},
};
use flowglad_core::adapter::{ActionRequest, ActionResponse, Headers as _, read_body};

use crate::{headers::HeaderTexts, mount::Mount};

impl Mount {
    /// The routes of all actions, as a service for the path where the React hooks look for them:
    /// `.service(mount.scope("/api/flowglad"))`.
    ///
    /// The scope takes every path under `path`; what the app itself has there is to be registered before it.
    ///
    /// # Examples
    /// See the [crate](crate).
    #[must_use]
    pub fn scope(&self, path: &str) -> Scope {
        let mount = self.clone();
        let handler = move |request: HttpRequest, body: Payload| {
            let mount = mount.clone();
            async move { mount.answer(&request, body).await }
        };
        // The default service and no pattern: all that is under `path` is core's to judge.
        web::scope(path.trim_end_matches('/')).default_service(web::to(handler))
    }

    /// A route that sends the signed-in customer to Flowglad's own page for cards and invoices:
    /// `.route("/billing", mount.portal())`.
    #[must_use]
    pub fn portal(&self) -> Route {
        let mount = self.clone();
        web::get().to(move |request: HttpRequest| {
            let mount = mount.clone();
            async move { mount.handler.portal(mount.identify(&request)).await.map(into_response) }
        })
    }

    async fn answer(&self, request: &HttpRequest, mut body: Payload) -> HttpResponse {
        let headers = HeaderTexts(request.headers());
        let content_type = headers.header("content-type");
        let action = ActionRequest { method: request.method().as_str(), subroute: subroute(request), content_type };
        // In a block of its own, so that not even the first line of the app's code runs before it is needed.
        let identity = async { self.identify(request).await };
        let answer = self.handler.handle(action, identity, read_body(&mut body, self.handler.body_limit())).await;
        keep_request_body(answer.map_or_else(HttpResponse::from_error, into_response), body)
    }
}

/// The raw path after the mount point. What actix has left to match is decoded in part, so it only says how long the
/// mount point is: decoding neither adds nor removes a slash.
fn subroute(request: &HttpRequest) -> &str {
    let left_to_match = request.match_info().unprocessed();
    let slashes = left_to_match.bytes().filter(|&byte| byte == b'/').count();
    let path = request.uri().path();
    path.rmatch_indices('/').take(slashes).last().map_or("", |(start, _)| &path[start..])
}

/// Lets the request's body live as long as the response's.
pub(crate) fn keep_request_body(response: HttpResponse, body: Payload) -> HttpResponse {
    response.map_body(|_, answer| WithRequestBody { answer, _request_body: body }.boxed())
}

/// A response body that keeps the request's body. Once that is dropped, actix waits for the rest of a chunked one, without a
/// time limit, before it ends the connection or takes the next request.
struct WithRequestBody {
    answer: BoxBody,
    _request_body: Payload,
}

impl MessageBody for WithRequestBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.answer).poll_next(cx)
    }
}

pub(crate) fn into_response(answer: ActionResponse) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).expect("core gives real statuses");
    let mut response = HttpResponse::with_body(status, answer.body);
    for (name, value) in answer.headers {
        let value = HeaderValue::try_from(value).expect("core gives plain header values");
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    response.map_into_boxed_body()
}
