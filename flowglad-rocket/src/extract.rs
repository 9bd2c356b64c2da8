//! What handlers of the app can take from a request.

use bytes::Bytes;
use flowglad_core::{CustomerScope, action::RequestHandler, adapter::ActionResponse};
use rocket::{
    Catcher, Request,
    catcher::{self, BoxFuture},
    http::Status,
    request::{FromRequest, Outcome},
};

use crate::{mount::Mount, route::into_response};

/// The scope of the signed-in customer, as a request guard. Needs `.manage(mount)`.
///
/// For a caller who is not signed in it fails with 401, for the app's own catcher or, with the same JSON as from a mounted
/// action, for one of [`catchers`].
///
/// # Examples
/// ```no_run
/// use flowglad_rocket::Customer;
///
/// #[rocket::get("/reports.csv")]
/// async fn export(customer: Customer) -> &'static str {
///     match customer.0.billing().await {
///         Ok(billing) if billing.check_feature_access("export_csv") => "month,calls\n",
///         _ => "not for you",
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Customer(pub CustomerScope);

/// The response to a request that a guard of this crate refused, for the catcher.
struct Refusal(ActionResponse);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Customer {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let Some(mount) = request.rocket().state::<Mount>() else {
            return refuse(request, RequestHandler::not_mounted("add `.manage(mount)` to the rocket"));
        };
        match mount.handler.customer(mount.identify(request)).await {
            Ok(Ok(scope)) => Outcome::Success(Self(scope)),
            Ok(Err(refusal)) => refuse(request, refusal),
            Err(status) => Outcome::Error((status, ())),
        }
    }
}

fn refuse(request: &Request<'_>, response: ActionResponse) -> Outcome<Customer, ()> {
    let status = Status::new(response.status);
    request.local_cache(|| Refusal(response));
    Outcome::Error((status, ()))
}

/// Catchers that send the JSON of what a guard of this crate refused: `.register("/", catchers())`. Without them, and
/// under a longer path that has catchers of its own, the app's catchers answer.
#[must_use]
pub fn catchers() -> Vec<Catcher> {
    vec![Catcher::new(Status::Unauthorized.code, send_refusal)]
}

fn send_refusal<'r>(status: Status, request: &'r Request<'_>) -> BoxFuture<'r, catcher::Result<'r>> {
    let nothing_refused =
        || ActionResponse { status: status.code, headers: Vec::new(), body: Bytes::new(), code: None };
    let Refusal(response) = request.local_cache(|| Refusal(nothing_refused()));
    Box::pin(async { Ok(into_response(response.clone())) })
}
