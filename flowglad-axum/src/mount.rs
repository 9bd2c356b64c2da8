//! Flowglad in the app: one value that the routes and the extractors share.

use std::{fmt, sync::Arc};

use axum::{Extension, http::request::Parts, response::Response};
use flowglad_core::{action::RequestHandler, adapter::Identity};

use crate::source::{CustomerSource, Source, WithState};

/// Flowglad in an app: what answers the requests, and the source of the customer. Cloning is cheap.
///
/// [`router`](Self::router) gives the routes for the React hooks. [`layer`](Self::layer) lets handlers of the app take a
/// [`Customer`](crate::Customer). The source runs once for each request, however many ask.
#[derive(Clone)]
pub struct Mount {
    pub(crate) handler: RequestHandler,
    source: Arc<dyn Source>,
}

/// What a source found for this request.
#[derive(Clone)]
struct Found {
    source: Arc<dyn Source>,
    identity: Identity,
}

impl Mount {
    /// Puts together a [`Flowglad`](flowglad_core::Flowglad), or a [`RequestHandler`] for an app with its own settings, and
    /// the source of the customer.
    pub fn new(handler: impl Into<RequestHandler>, source: impl CustomerSource<()>) -> Self {
        Self::with_state(handler, source, ())
    }

    /// The same for an extractor that needs the app's state.
    pub fn with_state<S>(handler: impl Into<RequestHandler>, source: impl CustomerSource<S>, state: S) -> Self
    where
        S: Send + Sync + 'static,
    {
        Self { handler: handler.into(), source: Arc::new(WithState { source, state }) }
    }

    /// The layer that lets the handlers under it take a [`Customer`](crate::Customer).
    #[must_use]
    pub fn layer(&self) -> Extension<Self> {
        Extension(self.clone())
    }

    /// Who sends the request, from the source or, if that ran already, from the request.
    pub(crate) async fn identify(&self, parts: &mut Parts) -> Result<Identity, Response> {
        if let Some(found) = parts.extensions.get::<Found>().filter(|found| Arc::ptr_eq(&found.source, &self.source)) {
            return Ok(found.identity.clone());
        }
        let identity = self.source.identify(parts).await?;
        parts.extensions.insert(Found { source: Arc::clone(&self.source), identity: identity.clone() });
        Ok(identity)
    }
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mount").field("handler", &self.handler).finish_non_exhaustive()
    }
}
