//! Flowglad in the app: one value that the routes and the extractors share.

use std::sync::Arc;

use axum::{Extension, http::request::Parts};
use flowglad_core::{
    Billing,
    action::RequestHandler,
    adapter::{Identity, SharedSource},
};

use crate::{
    gate::Refusal,
    source::{CustomerSource, Source},
};

/// Flowglad in an app: what answers the requests, and the source of the customer. Cloning is cheap.
///
/// [`service`](Self::service) serves the actions to the React hooks. [`layer`](Self::layer) lets handlers of the app take a
/// [`Customer`](crate::Customer). The source runs once for each request, however many ask.
#[derive(Clone, Debug)]
pub struct Mount {
    pub(crate) handler: RequestHandler,
    pub(crate) source: SharedSource<dyn Source>,
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
        Self { handler: handler.into(), source: SharedSource::new(Arc::new((source, state))) }
    }

    /// The layer that lets the handlers under it take a [`Customer`](crate::Customer).
    pub fn layer(&self) -> Extension<Self> {
        Extension(self.clone())
    }

    /// Who sends the request, from the source or, if that ran already, from the request.
    pub(crate) async fn identify(&self, parts: &mut Parts) -> Result<Identity, Refusal> {
        if let Some(identity) = self.source.kept(parts.extensions.get()) {
            return Ok(identity);
        }
        let identity = self.source.identify(parts).await?;
        parts.extensions.insert(self.source.keep(identity.clone()));
        Ok(identity)
    }

    /// Keeps the billing that was read for the request.
    pub(crate) fn keep(&self, billing: &Billing, parts: &mut Parts) {
        parts.extensions.insert(self.source.keep(billing.clone()));
    }
}
