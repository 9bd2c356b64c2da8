//! Meters before the app's own routes.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use flowglad_core::{
    action::{ChargedChunks, MeteredCall, RequestHandler},
    adapter::Latest,
    usage::{self, Meter, MeteredRequest, MeteredResponse},
};
use rocket::{
    Request, Response, Route,
    http::HeaderMap,
    request::{self, FromRequest},
    response::Body,
    route::Outcome,
    tokio::io::{AsyncRead, AsyncSeek, ReadBuf},
};

use crate::{gate::Refusal, headers::HeaderTexts, mount::Mount, route::What};

/// What the handler of a metered route counts, as a request guard: for a meter that is
/// [counted](flowglad_core::usage::Meter::counted), before the route.
///
/// # Examples
/// ```no_run
/// use flowglad_rocket::UsageCounter;
///
/// #[rocket::post("/chat")]
/// fn chat(tokens: UsageCounter) -> &'static str {
///     tokens.0.add(3);
///     "Hello."
/// }
/// ```
#[derive(Clone, Debug)]
pub struct UsageCounter(pub usage::UsageCounter);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for UsageCounter {
    type Error = Refusal;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Refusal> {
        let counter = RequestHandler::mounted(counter(request).get(), "put a meter of `Mount::meter` before the route");
        counter.map_or_else(|error| Refusal::from(error).fail(request), |found| request::Outcome::Success(Self(found)))
    }
}

fn counter<'r>(request: &'r Request<'_>) -> &'r Latest<usage::UsageCounter> {
    request.local_cache(Latest::default)
}

/// What [`Mount::meter`] gives: puts routes behind a meter.
#[derive(Clone, Debug)]
#[must_use]
pub struct MeteredRoutes {
    mount: Mount,
    meter: Meter,
}

impl Mount {
    /// A meter before routes: `.mount("/", mount.meter(Meter::new("api_calls").cost(3)).routes(routes![search]))`. A request
    /// is charged if it succeeds. Needs a client with an [outbox](flowglad_core::FlowgladBuilder::usage).
    ///
    /// Handlers behind it can take a [`Customer`](crate::Customer) and a [`UsageCounter`].
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_rocket::{Mount, flowglad_core::usage::Meter};
    /// use rocket::{Build, Rocket, routes};
    ///
    /// #[rocket::post("/search")]
    /// fn search() -> &'static str {
    ///     "found"
    /// }
    ///
    /// fn app(mount: &Mount) -> Rocket<Build> {
    ///     rocket::build().mount("/", mount.meter(Meter::new("api_calls").cost(3)).routes(routes![search]))
    /// }
    /// ```
    pub fn meter(&self, meter: impl Into<Meter>) -> MeteredRoutes {
        MeteredRoutes { mount: self.clone(), meter: meter.into() }
    }

    pub(crate) async fn begin(&self, request: &Request<'_>, meter: &Meter) -> Result<MeteredCall, Refusal> {
        request.local_cache(|| Some(self.clone()));
        let path_and_query = request.uri().to_string();
        let (method, headers) = (request.method().as_str(), &HeaderTexts(request.headers()));
        let metered = MeteredRequest { method, path_and_query: &path_and_query, headers };
        let call = self.handler.begin_metered(self.identify(request), meter, metered).await??;
        counter(request).set(call.counter());
        Ok(call)
    }
}

impl MeteredRoutes {
    /// Puts these routes behind the meter.
    #[must_use]
    pub fn routes(&self, mut routes: Vec<Route>) -> Vec<Route> {
        for route in &mut routes {
            route.handler = Box::new(self.mount.served(What::Metered(self.meter.clone(), route.handler.clone())));
        }
        routes
    }
}

/// A request that is forwarded to another route costs nothing here.
pub(crate) async fn charged(call: MeteredCall, outcome: Outcome<'_>) -> Result<Outcome<'_>, Refusal> {
    match outcome {
        Outcome::Success(response) => charged_response(call, response).await.map(Outcome::Success),
        Outcome::Error(status) => {
            let headers = &HeaderTexts(&HeaderMap::new());
            call.end(MeteredResponse { status: status.code, headers, body_bytes: Some(0) }).await?;
            Ok(Outcome::Error(status))
        }
        forwarded @ Outcome::Forward(_) => Ok(forwarded),
    }
}

async fn charged_response(call: MeteredCall, mut response: Response<'_>) -> Result<Response<'_>, Refusal> {
    let size = response.body_mut().size().await;
    let body_bytes = size.map(|size| size as u64);
    let (status, headers) = (response.status().code, &HeaderTexts(response.headers()));
    let charge = call.end(MeteredResponse { status, headers, body_bytes }).await?;
    if let Some(chunks) = charge.map(Into::into) {
        let body = response.body_mut().take();
        let max_chunk = body.max_chunk_size();
        let body = ChargedBody { body, chunks, left: Bytes::new() };
        match size {
            Some(size) => response.set_sized_body(size, body),
            None => response.set_streamed_body(body),
        }
        response.set_max_chunk_size(max_chunk);
    }
    Ok(response)
}

struct ChargedBody<'r> {
    body: Body<'r>,
    chunks: ChargedChunks<io::Result<Bytes>>,
    /// Of a chunk that had no place.
    left: Bytes,
}

impl AsyncRead for ChargedBody<'_> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { body, chunks, left } = self.get_mut();
        if left.is_empty() {
            let bytes = |chunk: &io::Result<Bytes>| chunk.as_ref().map_or(0, Bytes::len);
            let chunk = ready!(chunks.poll_next(cx, |cx| read(body, buffer.remaining(), cx), bytes));
            *left = chunk.transpose()?.unwrap_or_default();
        }
        buffer.put_slice(&left.split_to(left.len().min(buffer.remaining())));
        Poll::Ready(Ok(()))
    }
}

/// Rocket seeks only in a body whose size it does not know.
impl AsyncSeek for ChargedBody<'_> {
    fn start_seek(self: Pin<&mut Self>, _: io::SeekFrom) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn poll_complete(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Poll::Ready(Ok(0))
    }
}

fn read(body: &mut Body<'_>, most: usize, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
    let mut bytes = vec![0; most];
    let mut buffer = ReadBuf::new(&mut bytes);
    if let Err(error) = ready!(Pin::new(body).poll_read(cx, &mut buffer)) {
        return Poll::Ready(Some(Err(error)));
    }
    let length = buffer.filled().len();
    bytes.truncate(length);
    Poll::Ready((length > 0).then(|| Ok(bytes.into())))
}
