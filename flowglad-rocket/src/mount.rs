//! Flowglad in the app: one value that the routes and the request guards share.

use std::sync::Arc;

use flowglad_core::{
    Billing,
    action::RequestHandler,
    adapter::{Found, Identity, Latest, SharedSource},
};
use rocket::Request;

use crate::{
    gate::Refusal,
    source::{CustomerSource, Source},
};

/// Flowglad in an app: what answers the requests, and the source of the customer. Cloning is cheap.
///
/// [`routes`](Self::routes) gives the routes for the React hooks. With `.manage(mount)` handlers of the app can take a
/// [`Customer`](crate::Customer). The source runs once for each request, however many ask.
#[derive(Clone, Debug)]
pub struct Mount {
    pub(crate) handler: RequestHandler,
    source: SharedSource<dyn Source>,
}

impl Mount {
    /// Puts together a [`Flowglad`](flowglad_core::Flowglad), or a [`RequestHandler`] for an app with its own settings, and
    /// the source of the customer.
    pub fn new(handler: impl Into<RequestHandler>, source: impl CustomerSource) -> Self {
        Self { handler: handler.into(), source: SharedSource::new(Arc::new(source)) }
    }

    /// Who sends the request, from the source or, if that ran already, from the request.
    pub(crate) async fn identify(&self, request: &Request<'_>) -> Result<Identity, Refusal> {
        let found = request.local_cache_async(async { self.source.keep(self.source.identify(request).await) }).await;
        match self.source.kept(Some(found)) {
            Some(identity) => identity,
            // A request keeps one value of a type, and this one is of another mount.
            None => self.source.identify(request).await,
        }
    }

    /// The billing that was read for the request already.
    pub(crate) fn known(&self, request: &Request<'_>) -> Option<Billing> {
        self.source.kept(request.local_cache(KnownBilling::default).get().as_ref())
    }

    /// Keeps the billing that was read for the request.
    pub(crate) fn keep(&self, billing: &Billing, request: &Request<'_>) {
        request.local_cache(KnownBilling::default).set(self.source.keep(billing.clone()));
    }
}

type KnownBilling = Latest<Found<dyn Source, Billing>>;
