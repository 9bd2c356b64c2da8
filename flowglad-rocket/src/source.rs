//! Who sends a request, as the app knows it.

use std::pin::Pin;

#[cfg(feature = "auth")]
use flowglad_core::auth::SignIn;
use flowglad_core::{
    InvalidCustomer, RequestingCustomer,
    adapter::{FromExtractor, Identity},
};
use rocket::{
    http::Status,
    request::{FromRequest, Outcome, Request},
};

use crate::gate::Refusal;
#[cfg(feature = "auth")]
use crate::headers::HeaderTexts;

/// How the app finds out who sends a request. There is exactly one source per [`Mount`](crate::Mount).
///
/// Implemented by [`from_guard`] for a request guard of the app, and by functions and closures
/// `async |request: &Request<'_>| -> Result<Identity, Status>`. A closure that captures something, such as a pool, is
/// `async move`, and what it captures is `Clone`: each request has a clone of its own.
///
/// With the feature `auth`, a sign-in provider is a source too. Then nothing else of the app says who pays:
///
/// ```
/// # use flowglad_rocket::{Mount, flowglad_core::{Flowglad, auth::SignIn}};
/// fn mount(flowglad: Flowglad, sign_in: SignIn) -> Mount {
///     Mount::new(flowglad, sign_in)
/// }
/// ```
///
/// A second source does not compile:
///
/// ```compile_fail
/// # use flowglad_rocket::{Mount, flowglad_core::{Flowglad, auth::SignIn}};
/// fn mount(flowglad: Flowglad, sign_in: SignIn, second: SignIn) -> Mount {
///     Mount::new(flowglad, (sign_in, second))
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who the customer is",
    label = "exactly one source is needed here",
    note = "give a request guard of the app by `flowglad_rocket::from_guard::<User>()`, where `User: FromRequest + TryInto<RequestingCustomer>`, or a closure `async |request: &Request<'_>| -> Result<Identity, Status>`",
    note = "or a sign-in provider: `flowglad_core::auth::SignIn::new(provider)`, with the feature of the provider",
    note = "a closure that captures something must be `async move`, and what it captures must be `Clone + Send + Sync`",
    note = "the error of `TryInto<RequestingCustomer>` must be one that converts into `InvalidCustomer`"
)]
pub trait CustomerSource: Send + Sync + 'static {
    /// Who sends the request.
    ///
    /// # Errors
    /// Where the session could not be looked up at all: a status for the app's own catcher ([`Refusal::of_app`]), or the
    /// response of a sign-in provider. A session store that is down does not sign anyone out.
    fn identify(&self, request: &Request<'_>) -> impl Future<Output = Result<Identity, Refusal>> + Send;
}

/// Takes the customer from the app's own request guard.
///
/// If the guard forwards or fails with a status that means "not signed in" ([`Identity::from_refusal`]), the caller is
/// anonymous. For any other status, for example 403 or 503, the app's own catcher answers.
#[must_use]
pub fn from_guard<U>() -> FromExtractor<U> {
    FromExtractor::new()
}

impl<U> CustomerSource for FromExtractor<U>
where
    U: for<'r> FromRequest<'r> + TryInto<RequestingCustomer> + Send + 'static,
    <U as TryInto<RequestingCustomer>>::Error: Into<InvalidCustomer>,
{
    async fn identify(&self, request: &Request<'_>) -> Result<Identity, Refusal> {
        let status = match request.guard::<U>().await {
            Outcome::Success(user) => return Ok(Identity::from(user.try_into())),
            Outcome::Forward(status) | Outcome::Error((status, _)) => status,
        };
        Identity::from_refusal(status.code).ok_or_else(|| Refusal::of_app(status))
    }
}

impl<F> CustomerSource for F
where
    F: for<'r, 'q> LookUp<&'r Request<'q>> + Clone + Send + Sync + 'static,
{
    fn identify(&self, request: &Request<'_>) -> impl Future<Output = Result<Identity, Refusal>> + Send {
        let found = self.clone()(request);
        async { found.await.map_err(Refusal::of_app) }
    }
}

/// A sign-in provider says who it is.
#[cfg(feature = "auth")]
impl CustomerSource for SignIn {
    async fn identify(&self, request: &Request<'_>) -> Result<Identity, Refusal> {
        let identity = SignIn::identify(self, &HeaderTexts(request.headers()));
        Ok(identity.await?)
    }
}

/// An `async` function of a request that it borrows: each request has a future of its own type, for which the bound
/// `F: Fn(&Request<'_>) -> Future` has no room. It is cloned for each request and may move what it captured into the
/// future.
pub trait LookUp<R>: FnOnce(R) -> Self::Future {
    /// What the function gives.
    type Future: Future<Output = Result<Identity, Status>> + Send;
}

impl<R, F, Fut> LookUp<R> for F
where
    F: FnOnce(R) -> Fut,
    Fut: Future<Output = Result<Identity, Status>> + Send,
{
    type Future = Fut;
}

/// A source of any type.
pub(crate) trait Source: Send + Sync {
    fn identify<'a>(&'a self, request: &'a Request<'_>) -> Identifying<'a>;
}

type Identifying<'a> = Pin<Box<dyn Future<Output = Result<Identity, Refusal>> + Send + 'a>>;

impl<C: CustomerSource> Source for C {
    fn identify<'a>(&'a self, request: &'a Request<'_>) -> Identifying<'a> {
        Box::pin(CustomerSource::identify(self, request))
    }
}
