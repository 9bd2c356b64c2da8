//! Meters before the app's own routes.

use std::{
    future::{Ready, ready},
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    Error, FromRequest, HttpMessage as _, HttpRequest,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform},
    middleware::{Next, from_fn},
    web::Bytes,
};
use flowglad_core::{
    action::{ChargedChunks, MeteredCall, RequestHandler},
    usage::{self, Meter, MeteredRequest, MeteredResponse},
};

use crate::{gate::Refusal, headers::HeaderTexts, mount::Mount};

/// What the handler of a metered route counts, as an extractor: for a meter that is
/// [counted](flowglad_core::usage::Meter::counted), before the route.
///
/// # Examples
/// ```no_run
/// use flowglad_actix::UsageCounter;
///
/// async fn chat(UsageCounter(tokens): UsageCounter) -> &'static str {
///     tokens.add(3);
///     "Hello."
/// }
/// ```
#[derive(Clone, Debug)]
pub struct UsageCounter(pub usage::UsageCounter);

impl FromRequest for UsageCounter {
    type Error = Refusal;
    type Future = Ready<Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get().cloned();
        let counter = RequestHandler::mounted(found, "put a meter of `Mount::meter` before the route");
        ready(counter.map(Self).map_err(Refusal::from))
    }
}

impl Mount {
    /// A meter before a route, a scope or the whole app, as a middleware:
    /// `.wrap(mount.meter(Meter::new("api_calls").cost(3)))`. A request is charged if it succeeds. Needs a client with an
    /// [outbox](flowglad_core::FlowgladBuilder::usage).
    ///
    /// Handlers under it can take a [`Customer`](crate::Customer) and a [`UsageCounter`].
    ///
    /// # Examples
    /// ```no_run
    /// use actix_web::{Resource, web};
    /// use flowglad_actix::{Mount, flowglad_core::usage::Meter};
    ///
    /// fn search(app: &mut web::ServiceConfig, mount: &Mount) {
    ///     let search = web::resource("/search").post(async || "found");
    ///     app.service(search.wrap(mount.meter(Meter::new("api_calls").cost(3))));
    /// }
    /// ```
    pub fn meter<M, S, B>(
        &self,
        meter: M,
    ) -> impl Transform<S, ServiceRequest, Response = ServiceResponse, Error = Error, InitError = ()> + use<M, S, B>
    where
        M: Into<Meter>,
        S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
        B: MessageBody + 'static,
    {
        let (mount, meter) = (self.clone(), meter.into());
        from_fn(move |request: ServiceRequest, next: Next<B>| {
            let (mount, meter) = (mount.clone(), meter.clone());
            async move {
                request.extensions_mut().insert(mount.clone());
                let call = match mount.begin(request.request(), &meter).await {
                    Ok(call) => call,
                    Err(refusal) => return Ok(request.error_response(refusal)),
                };
                request.extensions_mut().insert(call.counter());
                let response = next.call(request).await?.map_into_boxed_body();
                Ok(charged(call, response).await)
            }
        })
    }

    async fn begin(&self, request: &HttpRequest, meter: &Meter) -> Result<MeteredCall, Refusal> {
        let path_and_query = request.uri().path_and_query().map_or("", |path| path.as_str());
        let headers = HeaderTexts(request.headers());
        let metered = MeteredRequest { method: request.method().as_str(), path_and_query, headers: &headers };
        Ok(self.handler.begin_metered(self.identify(request), meter, metered).await??)
    }
}

async fn charged(call: MeteredCall, response: ServiceResponse) -> ServiceResponse {
    let body_bytes = match response.response().body().size() {
        BodySize::None => Some(0),
        BodySize::Sized(bytes) => Some(bytes),
        BodySize::Stream => None,
    };
    let (status, headers) = (response.status().as_u16(), &HeaderTexts(response.headers()));
    match call.end(MeteredResponse { status, headers, body_bytes }).await {
        Ok(None) => response,
        Ok(Some(charge)) => response.map_body(|_, body| ChargedBody { body, chunks: charge.into() }.boxed()),
        Err(answer) => response.error_response(Refusal::from(answer)),
    }
}

struct ChargedBody {
    body: BoxBody,
    chunks: ChargedChunks<Result<Bytes, <BoxBody as MessageBody>::Error>>,
}

impl MessageBody for ChargedBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let Self { body, chunks } = self.get_mut();
        let bytes = |chunk: &Result<Bytes, _>| chunk.as_ref().map_or(0, Bytes::len);
        chunks.poll_next(cx, |cx| Pin::new(body).poll_next(cx), bytes)
    }
}
