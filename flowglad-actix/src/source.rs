//! Who sends a request, as the app knows it.

use std::pin::Pin;

use actix_web::{Error, FromRequest, HttpRequest, error::InternalError};
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
/// `async |request: &HttpRequest| -> Result<Identity, actix_web::Error>`. A closure that captures something, such as a pool,
/// is `async move`, and what it captures is `Clone`: each request has a clone of its own.
///
/// With the feature `auth`, a sign-in provider is a source too. Then nothing else of the app says who pays:
///
/// ```
/// # use flowglad_actix::{Mount, flowglad_core::{Flowglad, auth::SignIn}};
/// fn mount(flowglad: Flowglad, sign_in: SignIn) -> Mount {
///     Mount::new(flowglad, sign_in)
/// }
/// ```
///
/// A second source does not compile:
///
/// ```compile_fail
/// # use flowglad_actix::{Mount, flowglad_core::{Flowglad, auth::SignIn}};
/// fn mount(flowglad: Flowglad, sign_in: SignIn, second: SignIn) -> Mount {
///     Mount::new(flowglad, (sign_in, second))
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who the customer is",
    label = "exactly one source is needed here",
    note = "give an extractor of the app by `flowglad_actix::from_extractor::<User>()`, where `User: FromRequest + TryInto<RequestingCustomer>`, or a closure `async |request: &HttpRequest| -> Result<Identity, actix_web::Error>`",
    note = "or a sign-in provider: `flowglad_core::auth::SignIn::new(provider)`, with the feature of the provider",
    note = "a closure that captures something must be `async move`, and what it captures must be `Clone + Send + Sync`",
    note = "the error of `TryInto<RequestingCustomer>` must be one that converts into `InvalidCustomer`"
)]
pub trait CustomerSource: Send + Sync + 'static {
    /// Who sends the request.
    ///
    /// # Errors
    /// Where the session could not be looked up at all: the app's own error ([`Refusal::of_app`]), whose response is sent as
    /// it is, or that of a sign-in provider. A session store that is down does not sign anyone out.
    fn identify(&self, request: &HttpRequest) -> impl Future<Output = Result<Identity, Refusal>>;
}

/// Takes the customer from the app's own extractor, which must not need the body.
///
/// If the extractor refuses with a status that means "not signed in" ([`Identity::from_refusal`]), the caller is anonymous.
/// Any other response of it, for example a 403 or a 503, is sent as it is.
#[must_use]
pub fn from_extractor<U>() -> FromExtractor<U> {
    FromExtractor::new()
}

impl<U> CustomerSource for FromExtractor<U>
where
    U: FromRequest + TryInto<RequestingCustomer> + 'static,
    <U as TryInto<RequestingCustomer>>::Error: Into<InvalidCustomer>,
{
    async fn identify(&self, request: &HttpRequest) -> Result<Identity, Refusal> {
        let rejection: Error = match U::extract(request).await {
            Ok(user) => return Ok(Identity::from(user.try_into())),
            Err(rejection) => rejection.into(),
        };
        // The status that would be sent: an error's `status_code` may say something else than its response. The response
        // is kept, as some errors give theirs only once.
        let response = rejection.error_response();
        let identity = Identity::from_refusal(response.status().as_u16());
        identity.ok_or_else(|| Refusal::of_app(InternalError::from_response(rejection, response).into()))
    }
}

impl<F> CustomerSource for F
where
    F: for<'r> LookUp<&'r HttpRequest> + Clone + Send + Sync + 'static,
{
    fn identify(&self, request: &HttpRequest) -> impl Future<Output = Result<Identity, Refusal>> {
        let found = self.clone()(request);
        async { found.await.map_err(Refusal::of_app) }
    }
}

/// A sign-in provider says who it is.
#[cfg(feature = "auth")]
impl CustomerSource for SignIn {
    async fn identify(&self, request: &HttpRequest) -> Result<Identity, Refusal> {
        Ok(SignIn::identify(self, &HeaderTexts(request.headers())).await?)
    }
}

/// An `async` function of a request that it borrows: each request has a future of its own type, for which the bound
/// `F: Fn(&HttpRequest) -> Future` has no room. It is cloned for each request and may move what it captured into the
/// future.
pub trait LookUp<R>: FnOnce(R) -> Self::Future {
    /// What the function gives.
    type Future: Future<Output = Result<Identity, Error>>;
}

impl<R, F, Fut> LookUp<R> for F
where
    F: FnOnce(R) -> Fut,
    Fut: Future<Output = Result<Identity, Error>>,
{
    type Future = Fut;
}

/// A source of any type.
pub(crate) trait Source: Send + Sync {
    fn identify<'a>(&'a self, request: &'a HttpRequest) -> Identifying<'a>;
}

type Identifying<'a> = Pin<Box<dyn Future<Output = Result<Identity, Refusal>> + 'a>>;

impl<C: CustomerSource> Source for C {
    fn identify<'a>(&'a self, request: &'a HttpRequest) -> Identifying<'a> {
        Box::pin(CustomerSource::identify(self, request))
    }
}
