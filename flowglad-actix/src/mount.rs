//! Flowglad in the app: one value that the routes and the extractors share.

use std::{fmt, sync::Arc};

use actix_web::{Error, HttpMessage as _, HttpRequest};
use flowglad_core::{action::RequestHandler, adapter::Identity};

use crate::source::{CustomerSource, Source};

/// Flowglad in an app: what answers the requests, and the source of the customer. Cloning is cheap.
///
/// [`scope`](Self::scope) gives the routes for the React hooks. With `.app_data(mount.clone())` handlers of the app can
/// take a [`Customer`](crate::Customer). The source runs once for each request, however many ask.
#[derive(Clone)]
pub struct Mount {
    pub(crate) handler: RequestHandler,
    source: Arc<dyn Source>,
}

/// What a source found for this request.
struct Found {
    source: Arc<dyn Source>,
    identity: Identity,
}

impl Mount {
    /// Puts together a [`Flowglad`](flowglad_core::Flowglad), or a [`RequestHandler`] for an app with its own settings, and
    /// the source of the customer.
    pub fn new(handler: impl Into<RequestHandler>, source: impl CustomerSource) -> Self {
        Self { handler: handler.into(), source: Arc::new(source) }
    }

    /// Who sends the request, from the source or, if that ran already, from the request.
    pub(crate) async fn identify(&self, request: &HttpRequest) -> Result<Identity, Error> {
        if let Some(found) =
            request.extensions().get::<Found>().filter(|found| Arc::ptr_eq(&found.source, &self.source))
        {
            return Ok(found.identity.clone());
        }
        let identity = self.source.identify(request).await?;
        request.extensions_mut().insert(Found { source: Arc::clone(&self.source), identity: identity.clone() });
        Ok(identity)
    }
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mount").field("handler", &self.handler).finish_non_exhaustive()
    }
}
