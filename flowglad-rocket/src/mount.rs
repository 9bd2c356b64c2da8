//! Flowglad in the app: one value that the routes and the request guards share.

use std::{fmt, sync::Arc};

use flowglad_core::{action::RequestHandler, adapter::Identity};
use rocket::{Request, http::Status};

use crate::source::{CustomerSource, Source};

/// Flowglad in an app: what answers the requests, and the source of the customer. Cloning is cheap.
///
/// [`routes`](Self::routes) gives the routes for the React hooks. With `.manage(mount)` handlers of the app can take a
/// [`Customer`](crate::Customer). The source runs once for each request, however many ask.
#[derive(Clone)]
pub struct Mount {
    pub(crate) handler: RequestHandler,
    source: Arc<dyn Source>,
}

/// What a source found for this request.
struct Found {
    source: Arc<dyn Source>,
    identity: Result<Identity, Status>,
}

impl Mount {
    /// Puts together a [`Flowglad`](flowglad_core::Flowglad), or a [`RequestHandler`] for an app with its own settings, and
    /// the source of the customer.
    pub fn new(handler: impl Into<RequestHandler>, source: impl CustomerSource) -> Self {
        Self { handler: handler.into(), source: Arc::new(source) }
    }

    /// Who sends the request, from the source or, if that ran already, from the request.
    pub(crate) async fn identify(&self, request: &Request<'_>) -> Result<Identity, Status> {
        let find = async { Found { source: Arc::clone(&self.source), identity: self.source.identify(request).await } };
        let found: &Found = request.local_cache_async(find).await;
        // A request keeps one value of a type, and this one may be of another mount.
        if Arc::ptr_eq(&found.source, &self.source) {
            found.identity.clone()
        } else {
            self.source.identify(request).await
        }
    }
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mount").field("handler", &self.handler).finish_non_exhaustive()
    }
}
