//! What handlers of the app can take from a request.

use std::{marker::PhantomData, ops::Deref};

use flowglad_core::{
    Billing, CustomerScope,
    action::RequestHandler,
    customer,
    gate::{Entitlement, Granted},
};
use rocket::{
    Request,
    request::{FromRequest, Outcome},
};

use crate::{gate::Refusal, mount::Mount};

/// The scope of the signed-in customer, as a request guard. Needs `.manage(mount)`, or a [gate](Mount::gate).
///
/// For a caller who is not signed in it fails with 401, for the app's own catcher or, with the same JSON as from a mounted
/// action, for one of [`catchers`](crate::catchers). Take a `Result<Customer, Refusal>` to answer yourself.
///
/// # Examples
/// ```no_run
/// use flowglad_rocket::{Customer, Refusal};
///
/// #[rocket::get("/reports.csv")]
/// async fn export(customer: Customer) -> Result<&'static str, Refusal> {
///     Ok(if customer.0.billing().await?.check_feature_access("export_csv") { "month,calls\n" } else { "not for you" })
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Customer(pub CustomerScope);

/// The billing of the signed-in customer, as a request guard: the one that a gate saw, or read for the request. Needs
/// `.manage(mount)`, or a [gate](Mount::gate).
///
/// It comes from the client's cache, or is old if Flowglad cannot be read; with neither, the guard fails with 503.
///
/// # Examples
/// ```no_run
/// use flowglad_rocket::CurrentBilling;
///
/// #[rocket::get("/plan")]
/// fn plan(billing: CurrentBilling) -> String {
///     format!("{:?}", billing.0.current_subscription().map(|plan| &plan.name))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CurrentBilling(pub Billing);

/// The billing of a signed-in customer who is entitled to `E`, with the [decision](Granted::decision), as a request guard.
/// Needs `.manage(mount)`, or a [gate](Mount::gate).
///
/// For others it fails with what a gate answers: 401, 402, 403 or 503, for the app's own catchers or for
/// [`catchers`](crate::catchers). Take a `Result<Entitled<E>, Refusal>` to answer yourself.
///
/// # Examples
/// ```no_run
/// use flowglad_rocket::{Entitled, flowglad_core};
///
/// flowglad_core::feature!(pub ExportCsv = "export_csv");
///
/// #[rocket::get("/reports.csv")]
/// fn export(entitled: Entitled<ExportCsv>) -> String {
///     format!("{} by {} billing", entitled.customer().name, entitled.decision().source().as_str())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Entitled<E>(Granted, PhantomData<fn() -> E>);

/// What became of the checkout from which the browser comes back, as a request guard for the page of `successUrl`. Needs
/// `.manage(mount)`, or a [gate](Mount::gate).
///
/// # Examples
/// ```no_run
/// use flowglad_rocket::ReturnedCheckout;
///
/// #[rocket::get("/thanks")]
/// fn thanks(checkout: ReturnedCheckout) -> &'static str {
///     checkout.0.state.as_str()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct ReturnedCheckout(pub customer::ReturnedCheckout);

impl<E> Deref for Entitled<E> {
    type Target = Granted;

    fn deref(&self) -> &Granted {
        &self.0
    }
}

/// A request guard, by what it takes of the request's mount.
macro_rules! guard {
    ($guard:ty $(, $type:ident: $bound:ident)?; |$mount:ident, $request:ident| $take:expr) => {
        #[rocket::async_trait]
        impl<'r $(, $type: $bound + 'static)?> FromRequest<'r> for $guard {
            type Error = Refusal;

            async fn from_request($request: &'r Request<'_>) -> Outcome<Self, Refusal> {
                let found = $request.local_cache(|| $request.rocket().state::<Mount>().cloned()).clone();
                let taken = async {
                    let $mount = RequestHandler::mounted(found, "add `.manage(mount)` to the rocket")?;
                    Ok($take)
                };
                taken.await.map_or_else(|refusal: Refusal| refusal.fail($request), Outcome::Success)
            }
        }
    };
}

guard!(Customer; |mount, request| Self(mount.handler.customer(mount.identify(request)).await??));

guard!(CurrentBilling; |mount, request| {
    let billing = mount.handler.current_billing(mount.identify(request), mount.known(request)).await??;
    mount.keep(&billing, request);
    Self(billing)
});

guard!(Entitled<E>, E: Entitlement; |mount, request| {
    let known = mount.known(request);
    let granted = mount.handler.entitled(mount.identify(request), E::requirement(), known).await??;
    mount.keep(granted.billing(), request);
    Self(granted, PhantomData)
});

guard!(ReturnedCheckout; |mount, request| {
    let query = request.uri().query().map(|query| query.as_str());
    Self(mount.handler.returned_checkout(mount.identify(request), query).await??)
});
