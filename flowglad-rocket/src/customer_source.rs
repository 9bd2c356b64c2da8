//! Who is asking, by the means of the app.

use std::{fmt, marker::PhantomData};

use flowglad_core::{InvalidCustomer, RequestingCustomer, action::Visitor};
use rocket::{
    http::Status,
    request::{FromRequest, Outcome, Request},
};

/// How the app finds out who is asking. There is exactly one source per mount point.
///
/// Implemented by [`extracted`] for a request guard of the app, and by functions and closures
/// `async |request: &Request<'_>| -> Result<Visitor, Status>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who the customer is",
    note = "give a request guard of the app by `flowglad_rocket::extracted::<User>()`, where `User: FromRequest + TryInto<RequestingCustomer>`, or a closure `async |request: &Request<'_>| -> Result<Visitor, Status>`",
    note = "the error of `TryInto<RequestingCustomer>` must be one that converts into `InvalidCustomer`"
)]
pub trait CustomerSource: Clone + Send + Sync + 'static {
    /// Who is asking.
    ///
    /// # Errors
    /// A status for the app's own catcher, where the session could not be looked up at all: a session store that is
    /// down does not make people strangers.
    fn visitor(&self, request: &Request<'_>) -> impl Future<Output = Result<Visitor, Status>> + Send;
}

/// The customer is what the app's request guard `U` gives. Made by [`extracted`].
pub struct Extracted<U>(PhantomData<fn() -> U>);

/// Takes the customer from the app's own request guard.
///
/// If the guard forwards or fails with a status below 500, nobody is signed in. If it breaks down (500 or above), the
/// app's own catcher answers.
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

impl<U> CustomerSource for Extracted<U>
where
    U: for<'r> FromRequest<'r> + TryInto<RequestingCustomer> + Send + 'static,
    <U as TryInto<RequestingCustomer>>::Error: Into<InvalidCustomer>,
{
    async fn visitor(&self, request: &Request<'_>) -> Result<Visitor, Status> {
        let status = match request.guard::<U>().await {
            Outcome::Success(user) => return Ok(Visitor::from(user.try_into())),
            Outcome::Forward(status) | Outcome::Error((status, _)) => status,
        };
        if status.class().is_server_error() { Err(status) } else { Ok(Visitor::Anonymous) }
    }
}

impl<F> CustomerSource for F
where
    F: for<'r, 'q> LookUp<&'r Request<'q>> + Clone + Send + Sync + 'static,
{
    fn visitor(&self, request: &Request<'_>) -> impl Future<Output = Result<Visitor, Status>> + Send {
        self(request)
    }
}

/// An `async` function of a request that it borrows: each request has a future of its own type, for which the bound
/// `F: Fn(&Request<'_>) -> Future` has no room.
pub trait LookUp<R>: Fn(R) -> Self::Future {
    /// What the function gives.
    type Future: Future<Output = Result<Visitor, Status>> + Send;
}

impl<R, F, Fut> LookUp<R> for F
where
    F: Fn(R) -> Fut,
    Fut: Future<Output = Result<Visitor, Status>> + Send,
{
    type Future = Fut;
}
