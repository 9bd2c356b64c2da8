//! Who is asking, by the means of the app.

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse as _, Response},
};
use flowglad_core::{
    InvalidCustomer, RequestingCustomer,
    adapter::{FromExtractor, Identity},
};

/// How the app finds out who is asking. There is exactly one source per router.
///
/// Implemented by [`from_extractor`] for an extractor of the app, and by closures
/// `async |parts: Parts| -> Result<Identity, Response>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who the customer is",
    note = "give an extractor of the app by `flowglad_axum::from_extractor::<User>()`, where `User: FromRequestParts<S> + TryInto<RequestingCustomer>`, or a closure `async |parts: Parts| -> Result<Identity, Response>`",
    note = "the error of `TryInto<RequestingCustomer>` must be one that converts into `InvalidCustomer`"
)]
pub trait CustomerSource<S>: Clone + Send + Sync + 'static {
    /// Who is asking.
    ///
    /// # Errors
    /// The app's own response, where the session could not be looked up at all. It is sent as it is: a session store
    /// that is down does not make people strangers.
    fn identify(&self, parts: Parts, state: S) -> impl Future<Output = Result<Identity, Response>> + Send;
}

/// Takes the customer from the app's own extractor.
///
/// If the extractor refuses with a status below 500, nobody is signed in. If it breaks down (500 or above), its response
/// is sent as it is.
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
    async fn identify(&self, mut parts: Parts, state: S) -> Result<Identity, Response> {
        let rejection = match U::from_request_parts(&mut parts, &state).await {
            Ok(user) => return Ok(Identity::from(user.try_into())),
            Err(rejection) => rejection.into_response(),
        };
        if rejection.status().is_server_error() { Err(rejection) } else { Ok(Identity::Anonymous) }
    }
}

impl<S, F, Fut> CustomerSource<S> for F
where
    S: Send + Sync + 'static,
    F: Fn(Parts) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Identity, Response>> + Send,
{
    fn identify(&self, parts: Parts, _: S) -> impl Future<Output = Result<Identity, Response>> + Send {
        self(parts)
    }
}
