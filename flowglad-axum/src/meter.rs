//! Meters before the app's own routes.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::{
    Error,
    body::{Body, Bytes, HttpBody},
    extract::{FromRequestParts, Request, State},
    http::request::Parts,
    middleware::{FromFnLayer, Next, from_fn_with_state},
    response::Response,
};
use flowglad_core::{
    action::{ChargedChunks, MeteredCall, RequestHandler},
    usage::{self, Meter, MeteredRequest, MeteredResponse},
};
use http_body::{Frame, SizeHint};

use crate::{
    gate::{Refusal, whole_uri},
    headers::HeaderTexts,
    mount::Mount,
};

/// The layer of [`Mount::meter`].
pub type MeterLayer = FromFnLayer<Run, (Mount, Meter), (State<(Mount, Meter)>, Request)>;

type Run = fn(State<(Mount, Meter)>, Request, Next) -> Running;

type Running = Pin<Box<dyn Future<Output = Result<Response, Refusal>> + Send>>;

/// What the handler of a metered route counts, as an extractor: for a meter that is
/// [counted](flowglad_core::usage::Meter::counted), before the route.
///
/// # Examples
/// ```no_run
/// use flowglad_axum::UsageCounter;
///
/// async fn chat(UsageCounter(tokens): UsageCounter) -> &'static str {
///     tokens.add(3);
///     "Hello."
/// }
/// ```
#[derive(Clone, Debug)]
pub struct UsageCounter(pub usage::UsageCounter);

impl<S: Sync> FromRequestParts<S> for UsageCounter {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let found = parts.extensions.get().cloned();
        Ok(Self(RequestHandler::mounted(found, "put a meter of `Mount::meter` before the route")?))
    }
}

impl Mount {
    /// A meter before a route or a router: `.route_layer(mount.meter(Meter::new("api_calls").cost(3)))`. A request is charged
    /// if it succeeds. Needs a client with an [outbox](flowglad_core::FlowgladBuilder::usage).
    ///
    /// Handlers under it can take a [`Customer`](crate::Customer) and a [`UsageCounter`].
    ///
    /// # Examples
    /// ```no_run
    /// use axum::{Router, routing::post};
    /// use flowglad_axum::{Mount, flowglad_core::usage::Meter};
    ///
    /// fn app(mount: &Mount) -> Router {
    ///     let search = post(|| async { "found" }).route_layer(mount.meter(Meter::new("api_calls").cost(3)));
    ///     Router::new().route("/search", search)
    /// }
    /// ```
    pub fn meter(&self, meter: impl Into<Meter>) -> MeterLayer {
        from_fn_with_state((self.clone(), meter.into()), run)
    }

    async fn begin(&self, parts: &mut Parts, meter: &Meter) -> Result<MeteredCall, Refusal> {
        let (method, uri, headers) = (parts.method.clone(), whole_uri(parts), parts.headers.clone());
        let path_and_query = uri.path_and_query().map_or("", |path| path.as_str());
        let request = MeteredRequest { method: method.as_str(), path_and_query, headers: &HeaderTexts(&headers) };
        Ok(self.handler.begin_metered(self.identify(parts), meter, request).await??)
    }
}

fn run(State((mount, meter)): State<(Mount, Meter)>, request: Request, next: Next) -> Running {
    Box::pin(async move {
        let (mut parts, body) = request.into_parts();
        parts.extensions.insert(mount.clone());
        let call = mount.begin(&mut parts, &meter).await?;
        parts.extensions.insert(call.counter());
        charged(call, next.run(Request::from_parts(parts, body)).await).await
    })
}

async fn charged(call: MeteredCall, response: Response) -> Result<Response, Refusal> {
    let (parts, mut body) = response.into_parts();
    let (status, headers, body_bytes) = (parts.status.as_u16(), &HeaderTexts(&parts.headers), body.size_hint().exact());
    if let Some(charge) = call.end(MeteredResponse { status, headers, body_bytes }).await? {
        body = Body::new(ChargedBody { body, chunks: charge.into() });
    }
    Ok(Response::from_parts(parts, body))
}

struct ChargedBody {
    body: Body,
    chunks: ChargedChunks<Result<Frame<Bytes>, Error>>,
}

impl HttpBody for ChargedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Self { body, chunks } = self.get_mut();
        let data = |frame: &Result<Frame<Bytes>, Error>| frame.as_ref().ok()?.data_ref().map(Bytes::len);
        chunks.poll_next(cx, |cx| Pin::new(body).poll_frame(cx), |frame| data(frame).unwrap_or_default())
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
