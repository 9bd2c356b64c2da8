//! Who sends a request, as the app knows it.

use std::pin::Pin;

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse as _, Response},
};
use flowglad_core::{
    InvalidCustomer, RequestingCustomer,
    adapter::{FromExtractor, Identity},
};

/// How the app finds out who sends a request. There is exactly one source per [`Mount`](crate::Mount).
///
/// Implemented by [`from_extractor`] for an extractor of the app, and by functions and closures
/// `async |parts: &mut Parts| -> Result<Identity, Response>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who the customer is",
    note = "give an extractor of the app by `flowglad_axum::from_extractor::<User>()`, where `User: FromRequestParts<S> + TryInto<RequestingCustomer>`, or a closure `async |parts: &mut Parts| -> Result<Identity, Response>`",
    note = "the error of `TryInto<RequestingCustomer>` must be one that converts into `InvalidCustomer`",
    note = "an extractor that needs the app's state is given by `Mount::with_state`"
)]
pub trait CustomerSource<S>: Send + Sync + 'static {
    /// Who sends the request.
    ///
    /// # Errors
    /// The app's own response, where the session could not be looked up at all. It is sent as it is: a session store
    /// that is down does not sign anyone out.
    fn identify(&self, parts: &mut Parts, state: &S) -> impl Future<Output = Result<Identity, Response>> + Send;
}

/// Takes the customer from the app's own extractor.
///
/// If the extractor refuses with a status below 500, the caller is anonymous. If it fails (500 or above), its response is
/// sent as it is.
#[must_use]
pub fn from_extractor<U>() -> FromExtractor<U> {
    FromExtractor::new()
}

impl<S, U> CustomerSource<S> for FromExtractor<U>
where
    S: Send + Sync + 'static,
    U: FromRequestParts<S> + TryInto<RequestingCustomer> + Send + 'static,
    U::Error: Into<InvalidCustomer>,
{
    async fn identify(&self, parts: &mut Parts, state: &S) -> Result<Identity, Response> {
        let rejection = match U::from_request_parts(parts, state).await {
            Ok(user) => return Ok(Identity::from(user.try_into())),
            Err(rejection) => rejection.into_response(),
        };
        if rejection.status().is_server_error() { Err(rejection) } else { Ok(Identity::Anonymous) }
    }
}

impl<S, F> CustomerSource<S> for F
where
    S: Send + Sync + 'static,
    F: for<'p> LookUp<&'p mut Parts> + Send + Sync + 'static,
{
    fn identify(&self, parts: &mut Parts, _: &S) -> impl Future<Output = Result<Identity, Response>> + Send {
        self(parts)
    }
}

/// An `async` function of a request head that it borrows: each request has a future of its own type, for which the bound
/// `F: Fn(&mut Parts) -> Future` has no room.
pub trait LookUp<P>: Fn(P) -> Self::Future {
    /// What the function gives.
    type Future: Future<Output = Result<Identity, Response>> + Send;
}

impl<P, F, Fut> LookUp<P> for F
where
    F: Fn(P) -> Fut,
    Fut: Future<Output = Result<Identity, Response>> + Send,
{
    type Future = Fut;
}

/// A source of any type.
pub(crate) trait Source: Send + Sync {
    fn identify<'a>(&'a self, parts: &'a mut Parts) -> Identifying<'a>;
}

type Identifying<'a> = Pin<Box<dyn Future<Output = Result<Identity, Response>> + Send + 'a>>;

/// A source with the state that it needs.
impl<S: Send + Sync, C: CustomerSource<S>> Source for (C, S) {
    fn identify<'a>(&'a self, parts: &'a mut Parts) -> Identifying<'a> {
        Box::pin(self.0.identify(parts, &self.1))
    }
}
