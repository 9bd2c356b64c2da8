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

/// The scope of the signed-in customer, as a request guard. Needs `.manage(mount)`.
///
/// For a caller who is not signed in it fails with 401, for the app's own catcher or, with the same JSON as from a mounted
/// action, for one of [`catchers`](crate::catchers).
///
/// # Examples
/// ```no_run
/// use flowglad_rocket::{Customer, Refusal};
///
/// #[rocket::get("/reports.csv")]
/// async fn export(customer: Customer) -> Result<&'static str, Refusal> {
///     customer.0.require(flowglad_rocket::flowglad_core::gate::feature("export_csv")).await?;
///     Ok("month,calls\n")
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Customer(pub CustomerScope);

/// The billing of the signed-in customer, as a request guard: what a gate before it saw, or else from the cache, and old
/// billing if Flowglad cannot be read. Needs `.manage(mount)`.
///
/// # Examples
/// ```no_run
/// use flowglad_rocket::CurrentBilling;
///
/// #[rocket::get("/plan")]
/// fn plan(billing: CurrentBilling) -> String {
///     billing.0.current_subscription().and_then(|plan| plan.name.clone()).unwrap_or_default()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CurrentBilling(pub Billing);

/// The proof that the signed-in customer is entitled to `E`, as a request guard. It has the billing that
/// says so, and the decision. Needs
/// `.manage(mount)`.
///
/// # Examples
/// ```no_run
/// use flowglad_rocket::{Entitled, flowglad_core};
///
/// flowglad_core::feature!(pub ExportCsv = "export_csv");
///
/// #[rocket::get("/reports.csv")]
/// fn export(export: Entitled<ExportCsv>) -> String {
///     format!("month,calls\n# for {}\n", export.billing().customer().name)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Entitled<E>(Granted, PhantomData<fn() -> E>);

/// What became of the checkout from which the browser comes back, as a request guard for the page of `successUrl`. Needs
/// `.manage(mount)`.
///
/// # Examples
/// ```no_run
/// use flowglad_rocket::ReturnedCheckout;
///
/// #[rocket::get("/paid")]
/// fn paid(checkout: ReturnedCheckout) -> &'static str {
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

/// A request guard, by what it takes of the rocket's mount.
macro_rules! guard {
    ($guard:ty $(, $type:ident: $bound:ident)?; |$mount:ident, $request:ident| $take:expr) => {
        #[rocket::async_trait]
        impl<'r $(, $type: $bound)?> FromRequest<'r> for $guard {
            type Error = Refusal;

            async fn from_request($request: &'r Request<'_>) -> Outcome<Self, Refusal> {
                let taken = async {
                    let not_mounted = || RequestHandler::not_mounted("add `.manage(mount)` to the rocket");
                    let $mount = $request.rocket().state::<Mount>().ok_or_else(not_mounted)?;
                    Ok($take)
                };
                match taken.await {
                    Ok(guard) => Outcome::Success(guard),
                    Err(refusal) => Refusal::fail(refusal, $request),
                }
            }
        }
    };
}

guard!(Customer; |mount, request| Self(mount.handler.customer(mount.identify(request)).await??));

guard!(CurrentBilling; |mount, request| {
    let billing = mount.handler.current_billing(mount.identify(request), mount.kept(request)).await??;
    mount.keep(&billing, request);
    Self(billing)
});

guard!(Entitled<E>, E: Entitlement; |mount, request| {
    let known = mount.kept(request);
    let granted = mount.handler.entitled(mount.identify(request), E::requirement(), known).await??;
    mount.keep(granted.billing(), request);
    Self(granted, PhantomData)
});

guard!(ReturnedCheckout; |mount, request| {
    let query = request.uri().query().map(|query| query.as_str());
    Self(mount.handler.returned_checkout(mount.identify(request), query).await??)
});
