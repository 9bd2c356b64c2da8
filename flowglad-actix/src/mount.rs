//! Flowglad in the app: one value that the routes and the extractors share.

use std::sync::Arc;

use actix_web::{HttpMessage as _, HttpRequest};
use flowglad_core::{
    action::RequestHandler,
    adapter::{Identity, SharedSource},
};

use crate::{
    gate::Refusal,
    source::{CustomerSource, Source},
};

/// Flowglad in an app: what answers the requests, and the source of the customer. Cloning is cheap.
///
/// [`scope`](Self::scope) gives the routes for the React hooks. With `.app_data(mount.clone())` handlers of the app can
/// take a [`Customer`](crate::Customer). The source runs once for each request, however many ask.
#[derive(Clone, Debug)]
pub struct Mount {
    pub(crate) handler: RequestHandler,
    pub(crate) source: SharedSource<dyn Source>,
}

impl Mount {
    /// Puts together a [`Flowglad`](flowglad_core::Flowglad), or a [`RequestHandler`] for an app with its own settings, and
    /// the source of the customer.
    pub fn new(handler: impl Into<RequestHandler>, source: impl CustomerSource) -> Self {
        Self { handler: handler.into(), source: SharedSource::new(Arc::new(source)) }
    }

    /// Who sends the request, from the source or, if that ran already, from the request.
    pub(crate) async fn identify(&self, request: &HttpRequest) -> Result<Identity, Refusal> {
        if let Some(identity) = self.source.kept(request.extensions().get()) {
            return Ok(identity);
        }
        let identity = self.source.identify(request).await?;
        request.extensions_mut().insert(self.source.keep(identity.clone()));
        Ok(identity)
    }
}
