//! Who is asking, by the means of the app.

use std::{fmt, marker::PhantomData};

use axum::{
    extract::FromRequestParts,
    http::request::Parts,
    response::{IntoResponse as _, Response},
};
use flowglad_core::{InvalidCustomer, RequestingCustomer, action::Visitor};

/// How the app finds out who is asking. There is exactly one source per router.
///
/// Implemented by [`extracted`] for an extractor of the app, and by closures
/// `async |parts: Parts| -> Result<Visitor, Response>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who the customer is",
    note = "give an extractor of the app by `flowglad_axum::extracted::<User>()`, where `User: FromRequestParts<S> + TryInto<RequestingCustomer>`, or a closure `async |parts: Parts| -> Result<Visitor, Response>`",
    note = "the error of `TryInto<RequestingCustomer>` must be one that converts into `InvalidCustomer`"
)]
pub trait CustomerSource<S>: Clone + Send + Sync + 'static {
    /// Who is asking.
    ///
    /// # Errors
    /// The app's own response, where the session could not be looked up at all. It is sent as it is: a session store
    /// that is down does not make people strangers.
    fn visitor(&self, parts: Parts, state: S) -> impl Future<Output = Result<Visitor, Response>> + Send;
}

/// The customer is what the app's extractor `U` gives. Made by [`extracted`].
pub struct Extracted<U>(PhantomData<fn() -> U>);

/// Takes the customer from the app's own extractor.
///
/// If the extractor refuses with a status below 500, nobody is signed in. If it breaks down (500 or above), its response
/// is sent as it is.
#[must_use]
pub fn extracted<U>() -> Extracted<U> {
    Extracted(PhantomData)
}

impl<U> Clone for Extracted<U> {
    fn clone(&self) -> Self {
        extracted()
    }
}

impl<U> fmt::Debug for Extracted<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Extracted<{}>", std::any::type_name::<U>())
    }
}

impl<S, U> CustomerSource<S> for Extracted<U>
where
    S: Send + Sync + 'static,
    U: FromRequestParts<S> + TryInto<RequestingCustomer> + Send + 'static,
    U::Error: Into<InvalidCustomer>,
{
    async fn visitor(&self, mut parts: Parts, state: S) -> Result<Visitor, Response> {
        let rejection = match U::from_request_parts(&mut parts, &state).await {
            Ok(user) => return Ok(Visitor::from(user.try_into())),
            Err(rejection) => rejection.into_response(),
        };
        if rejection.status().is_server_error() { Err(rejection) } else { Ok(Visitor::Anonymous) }
    }
}

impl<S, F, Fut> CustomerSource<S> for F
where
    S: Send + Sync + 'static,
    F: Fn(Parts) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<Visitor, Response>> + Send,
{
    fn visitor(&self, parts: Parts, _: S) -> impl Future<Output = Result<Visitor, Response>> + Send {
        self(parts)
    }
}
