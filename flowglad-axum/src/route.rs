//! The routes: request in, core's answer out.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse as _, Response},
    routing::{MethodRouter, any, get},
};
use flowglad_core::adapter::{ActionRequest, ActionResponse, Headers as _, read_body};

use crate::{gate::Refusal, headers::HeaderTexts, mount::Mount};

impl Mount {
    /// The routes of all actions, as a service for the path where the React hooks look for them:
    /// `.nest_service("/api/flowglad", mount.service())`.
    ///
    /// A service and not a `Router`, because a nested router does not get the path with a slash at its end.
    ///
    /// # Examples
    /// See the [crate](crate).
    pub fn service(&self) -> MethodRouter {
        let mount = self.clone();
        any(move |request: Request| {
            let mount = mount.clone();
            async move { mount.answer(request).await }
        })
    }

    /// A route that sends the signed-in customer to Flowglad's own page for cards and invoices:
    /// `.route("/billing", mount.portal())`.
    pub fn portal(&self) -> MethodRouter {
        let mount = self.clone();
        get(move |request: Request| {
            let (mount, (mut parts, _)) = (mount.clone(), request.into_parts());
            async move { mount.handler.portal(mount.identify(&mut parts)).await.map(into_response) }
        })
    }

    async fn answer(&self, request: Request) -> Result<Response, Refusal> {
        let (mut parts, body) = request.into_parts();
        let (method, uri) = (parts.method.clone(), parts.uri.clone());
        let content_type = HeaderTexts(&parts.headers).header("content-type").map(str::to_owned);
        let request =
            ActionRequest { method: method.as_str(), subroute: uri.path(), content_type: content_type.as_deref() };
        // In a block of its own, so that not even the first line of the app's code runs before it is needed.
        let identity = async { self.identify(&mut parts).await };
        let body = read_body(body.into_data_stream(), self.handler.body_limit());
        self.handler.handle(request, identity, body).await.map(into_response)
    }
}

pub(crate) fn into_response(answer: ActionResponse) -> Response {
    let mut response = Body::from(answer.body).into_response();
    *response.status_mut() = StatusCode::from_u16(answer.status).expect("core gives real statuses");
    for (name, value) in answer.headers {
        let value = HeaderValue::try_from(value).expect("core gives plain header values");
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    response
}
