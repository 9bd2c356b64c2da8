//! Who is asking, by the means of the app.

use std::{fmt, marker::PhantomData};

use actix_web::{Error, FromRequest, HttpRequest, error::InternalError};
use flowglad_core::{InvalidCustomer, RequestingCustomer, action::Visitor};

/// How the app finds out who is asking. There is exactly one source per scope.
///
/// Implemented by [`extracted`] for an extractor of the app, and by closures
/// `async |request: HttpRequest| -> Result<Visitor, actix_web::Error>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say who the customer is",
    note = "give an extractor of the app by `flowglad_actix::extracted::<User>()`, where `User: FromRequest + TryInto<RequestingCustomer>`, or a closure `async |request: HttpRequest| -> Result<Visitor, actix_web::Error>`",
    note = "the error of `TryInto<RequestingCustomer>` must be one that converts into `InvalidCustomer`"
)]
pub trait CustomerSource: 'static {
    /// Who is asking.
    ///
    /// # Errors
    /// The app's own error, where the session could not be looked up at all. Its response is sent as it is: a session
    /// store that is down does not make people strangers.
    fn visitor(&self, request: HttpRequest) -> impl Future<Output = Result<Visitor, Error>>;
}

/// The customer is what the app's extractor `U` gives. Made by [`extracted`].
pub struct Extracted<U>(PhantomData<fn() -> U>);

/// Takes the customer from the app's own extractor, which must not need the body.
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

impl<U> CustomerSource for Extracted<U>
where
    U: FromRequest + TryInto<RequestingCustomer> + 'static,
    <U as TryInto<RequestingCustomer>>::Error: Into<InvalidCustomer>,
{
    async fn visitor(&self, request: HttpRequest) -> Result<Visitor, Error> {
        let rejection: Error = match U::extract(&request).await {
            Ok(user) => return Ok(Visitor::from(user.try_into())),
            Err(rejection) => rejection.into(),
        };
        // The status that would be sent: an error's `status_code` may say something else than its response. The response
        // is kept, as some errors give theirs only once.
        let response = rejection.error_response();
        if response.status().is_server_error() {
            Err(InternalError::from_response(rejection, response).into())
        } else {
            Ok(Visitor::Anonymous)
        }
    }
}

impl<F, Fut> CustomerSource for F
where
    F: Fn(HttpRequest) -> Fut + 'static,
    Fut: Future<Output = Result<Visitor, Error>>,
{
    fn visitor(&self, request: HttpRequest) -> impl Future<Output = Result<Visitor, Error>> {
        self(request)
    }
}
