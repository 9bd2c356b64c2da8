//! Who sends a request, as the app knows it.

use std::pin::Pin;

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse as _, Response},
};
#[cfg(feature = "auth")]
use flowglad_core::auth::SignIn;
use flowglad_core::{
    InvalidCustomer, RequestingCustomer,
    adapter::{FromExtractor, Identity},
};

use crate::gate::Refusal;
#[cfg(feature = "auth")]
use crate::headers::HeaderTexts;

/// How the app finds out who sends a request. There is exactly one source per [`Mount`](crate::Mount).
///
/// Implemented by [`from_extractor`] for an extractor of the app, and by functions and closures
/// `async |parts: &mut Parts| -> Result<Identity, Response>`. A closure that captures something, such as a pool, is
/// `async move`, and what it captures is `Clone`: each request has a clone of its own.
///
/// With the feature `auth`, a sign-in provider is a source too. Then nothing else of the app says who pays:
///
/// ```
/// # use flowglad_axum::{Mount, flowglad_core::{Flowglad, auth::SignIn}};
/// fn mount(flowglad: Flowglad, sign_in: SignIn) -> Mount {
///     Mount::new(flowglad, sign_in)
/// }
/// ```
///
/// A second source does not compile:
///
/// ```compile_fail
/// # use flowglad_axum::{Mount, flowglad_core::{Flowglad, auth::SignIn}};
/// fn mount(flowglad: Flowglad, sign_in: SignIn, second: SignIn) -> Mount {
///     Mount::new(flowglad, (sign_in, second))
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who the customer is",
    label = "exactly one source is needed here",
    note = "give an extractor of the app by `flowglad_axum::from_extractor::<User>()`, where `User: FromRequestParts<S> + TryInto<RequestingCustomer>`, or a closure `async |parts: &mut Parts| -> Result<Identity, Response>`",
    note = "or a sign-in provider: `flowglad_core::auth::SignIn::new(provider)`, with the feature of the provider",
    note = "a closure that captures something must be `async move`, and what it captures must be `Clone + Send + Sync`",
    note = "the error of `TryInto<RequestingCustomer>` must be one that converts into `InvalidCustomer`",
    note = "an extractor that needs the app's state is given by `Mount::with_state`"
)]
pub trait CustomerSource<S>: Send + Sync + 'static {
    /// Who sends the request.
    ///
    /// # Errors
    /// Where the session could not be looked up at all: the app's own response ([`Refusal::of_app`]), which is sent as it is,
    /// or that of a sign-in provider. A session store that is down does not sign anyone out.
    fn identify(&self, parts: &mut Parts, state: &S) -> impl Future<Output = Result<Identity, Refusal>> + Send;
}

/// Takes the customer from the app's own extractor.
///
/// If the extractor refuses with a status that means "not signed in" ([`Identity::from_refusal`]), the caller is anonymous.
/// Any other response of it, for example a 403 or a 503, is sent as it is.
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
    async fn identify(&self, parts: &mut Parts, state: &S) -> Result<Identity, Refusal> {
        let rejection = match U::from_request_parts(parts, state).await {
            Ok(user) => return Ok(Identity::from(user.try_into())),
            Err(rejection) => rejection.into_response(),
        };
        Identity::from_refusal(rejection.status().as_u16()).ok_or_else(|| Refusal::of_app(rejection))
    }
}

impl<S, F> CustomerSource<S> for F
where
    S: Send + Sync + 'static,
    F: for<'p> LookUp<&'p mut Parts> + Clone + Send + Sync + 'static,
{
    fn identify(&self, parts: &mut Parts, _: &S) -> impl Future<Output = Result<Identity, Refusal>> + Send {
        let found = self.clone()(parts);
        async { found.await.map_err(Refusal::of_app) }
    }
}

/// A sign-in provider says who it is.
#[cfg(feature = "auth")]
impl<S: Send + Sync + 'static> CustomerSource<S> for SignIn {
    async fn identify(&self, parts: &mut Parts, _: &S) -> Result<Identity, Refusal> {
        let identity = SignIn::identify(self, &HeaderTexts(&parts.headers));
        Ok(identity.await?)
    }
}

/// An `async` function of a request head that it borrows: each request has a future of its own type, for which the bound
/// `F: Fn(&mut Parts) -> Future` has no room. It is cloned for each request and may move what it captured into the future.
pub trait LookUp<P>: FnOnce(P) -> Self::Future {
    /// What the function gives.
    type Future: Future<Output = Result<Identity, Response>> + Send;
}

impl<P, F, Fut> LookUp<P> for F
where
    F: FnOnce(P) -> Fut,
    Fut: Future<Output = Result<Identity, Response>> + Send,
{
    type Future = Fut;
}

/// A source of any type.
pub(crate) trait Source: Send + Sync {
    fn identify<'a>(&'a self, parts: &'a mut Parts) -> Identifying<'a>;
}

type Identifying<'a> = Pin<Box<dyn Future<Output = Result<Identity, Refusal>> + Send + 'a>>;

/// A source with the state that it needs.
impl<S: Send + Sync, C: CustomerSource<S>> Source for (C, S) {
    fn identify<'a>(&'a self, parts: &'a mut Parts) -> Identifying<'a> {
        Box::pin(self.0.identify(parts, &self.1))
    }
}
