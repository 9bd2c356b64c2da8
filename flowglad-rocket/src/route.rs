//! The routes: request in, core's answer out.

use std::io::Cursor;

use bytes::Bytes;
#[cfg(feature = "usage-recorder")]
use flowglad_core::usage::Meter;
use flowglad_core::{
    adapter::{ActionRequest, ActionResponse, BodyError, Headers as _},
    gate::Gate,
};
use rocket::{
    Data, Request, Response, Route,
    data::ToByteUnit as _,
    http::{
        Method::{self, Connect, Delete, Get, Head, Options, Patch, Post, Put, Trace},
        Status,
    },
    route::{Handler, Outcome},
};

#[cfg(feature = "usage-recorder")]
use crate::meter::charged;
use crate::{gate::Refusal, headers::HeaderTexts, mount::Mount};

/// All of Rocket's methods, as which ones an action takes is core's to say.
pub(crate) const METHODS: [Method; 9] = [Get, Put, Post, Delete, Options, Head, Trace, Connect, Patch];

/// After routes of the app without parameters (by default -12 to -9), such as a webhook beside the actions, and before
/// those with parameters (-8 to -1) and file servers (10), which would hide the actions.
const RANK: isize = -8;

/// How many bytes of each body Rocket reads before any handler, to look for the method that a form may name.
const ROCKET_PEEKS_AT: u64 = "_method=delete".len() as u64;

/// Rocket's own size of 4 KiB costs a third of the requests per second for billing documents.
const MAX_CHUNK: usize = 64 * 1024;

impl Mount {
    /// The routes of all actions, to be mounted where the React hooks look for them:
    /// `.mount("/api/flowglad", mount.routes())`.
    ///
    /// The routes take every path under the mount point, but for routes of the app without parameters; one with parameters
    /// needs a rank of -9 or less to come first.
    ///
    /// # Examples
    /// See the [crate](crate).
    #[must_use]
    pub fn routes(&self) -> Vec<Route> {
        METHODS.map(|method| Route::ranked(RANK, method, "/<action..>", self.served(What::Actions))).into()
    }

    /// A route that sends the signed-in customer to Flowglad's own page for cards and invoices:
    /// `.mount("/billing", mount.portal())`.
    #[must_use]
    pub fn portal(&self) -> Vec<Route> {
        vec![Route::new(Get, "/", self.served(What::Portal))]
    }

    pub(crate) fn served(&self, what: What) -> Served {
        Served { mount: self.clone(), what }
    }

    async fn answer(&self, request: &Request<'_>, body: Data<'_>) -> Result<ActionResponse, Refusal> {
        let headers = HeaderTexts(request.headers());
        let action = ActionRequest {
            method: request.method().as_str(),
            subroute: subroute(request),
            content_type: headers.header("content-type"),
        };
        // In a block of its own, so that not even the first line of the app's code runs before it is needed.
        let identity = async { self.identify(request).await };
        self.handler.handle(action, identity, read_body(request, body, self.handler.body_limit())).await
    }
}

/// A route of a mount.
#[derive(Clone)]
pub(crate) struct Served {
    mount: Mount,
    what: What,
}

#[derive(Clone)]
pub(crate) enum What {
    Actions,
    Portal,
    /// A route of the app.
    Gated(Gate, Box<dyn Handler>),
    #[cfg(feature = "usage-recorder")]
    Metered(Meter, Box<dyn Handler>),
}

#[rocket::async_trait]
impl Handler for Served {
    async fn handle<'r>(&self, request: &'r Request<'_>, body: Data<'r>) -> Outcome<'r> {
        let mount = &self.mount;
        let answer = match &self.what {
            What::Actions => mount.answer(request, body).await,
            What::Portal => mount.handler.portal(mount.identify(request)).await,
            What::Gated(gate, route) => match mount.admit(request, gate).await {
                Ok(()) => return route.handle(request, body).await,
                Err(refusal) => Err(refusal),
            },
            #[cfg(feature = "usage-recorder")]
            What::Metered(meter, route) => match mount.begin(request, meter).await {
                Ok(call) => match charged(call, route.handle(request, body).await).await {
                    Ok(outcome) => return outcome,
                    Err(refusal) => Err(refusal),
                },
                Err(refusal) => Err(refusal),
            },
        };
        Outcome::from(request, answer.map_or_else(|refusal| refusal, Refusal::from))
    }
}

/// The raw path after the mount point. Rocket's own parameter is decoded, and `%2F` would become a slash.
fn subroute<'r>(request: &'r Request<'_>) -> &'r str {
    let mount_point = request.route().map_or("", |route| route.uri.base());
    let segments = mount_point.split('/').filter(|segment| !segment.is_empty()).count();
    // As when Rocket matches, empty segments do not count.
    (0..segments).fold(request.uri().path().raw().as_str(), |path, _| {
        path.trim_start_matches('/').split_once('/').map_or("", |(_, rest)| rest)
    })
}

pub(crate) async fn read_body(request: &Request<'_>, body: Data<'_>, limit: usize) -> Result<Bytes, BodyError> {
    // Rocket looks at the first bytes before any handler, and takes a connection that breaks meanwhile for the end.
    let ended_early = !body.peek_complete();
    let read = body.open(limit.bytes()).into_bytes().await.map_err(|_| BodyError::Broken)?;
    if !read.is_complete() {
        return Err(BodyError::TooLarge);
    }
    let announced = request.headers().get_one("content-length").and_then(|length| length.parse().ok());
    let is_whole = announced.is_none_or(|length: u64| length == read.n.written);
    let broke_in_first_bytes = ended_early && read.n.written < ROCKET_PEEKS_AT;
    if is_whole && !broke_in_first_bytes { Ok(read.into_inner().into()) } else { Err(BodyError::Broken) }
}

pub(crate) fn into_response<'r>(answer: ActionResponse) -> Response<'r> {
    let mut response = Response::build();
    response.status(Status::new(answer.status)).sized_body(answer.body.len(), Cursor::new(answer.body));
    response.max_chunk_size(MAX_CHUNK);
    for (name, value) in answer.headers {
        response.raw_header(name, value);
    }
    response.finalize()
}
