//! What handlers of the app can take from a request.

use std::{marker::PhantomData, ops::Deref, pin::Pin};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use flowglad_core::{
    Billing, CustomerScope,
    action::RequestHandler,
    customer,
    gate::{Entitlement, Granted},
};

use crate::{gate::Refusal, mount::Mount};

/// The scope of the signed-in customer, as an extractor. Needs `.app_data(mount)` in the app, or a
/// [gate](Mount::gate).
///
/// A caller who is not signed in gets the same 401 as from a mounted action; take a `Result<Customer, Refusal>` to answer
/// yourself.
///
/// # Examples
/// ```no_run
/// use flowglad_actix::{Customer, Refusal};
///
/// async fn export(Customer(me): Customer) -> Result<&'static str, Refusal> {
///     Ok(if me.billing().await?.check_feature_access("export_csv") { "month,calls\n" } else { "not for you" })
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Customer(pub CustomerScope);

/// The billing of the signed-in customer, as an extractor: the one that a gate saw, or read for the request. Needs
/// `.app_data(mount)` in the app, or a [gate](Mount::gate).
///
/// It comes from the client's cache, or is old if Flowglad cannot be read; with neither, the caller gets a 503.
///
/// # Examples
/// ```no_run
/// use flowglad_actix::CurrentBilling;
///
/// async fn plan(CurrentBilling(billing): CurrentBilling) -> String {
///     format!("{:?}", billing.current_subscription().map(|plan| &plan.name))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CurrentBilling(pub Billing);

/// The billing of a signed-in customer who is entitled to `E`, with the [decision](Granted::decision), as an extractor.
/// Needs `.app_data(mount)` in the app, or a
/// [gate](Mount::gate).
///
/// Others get what a gate answers; take a `Result<Entitled<E>, Refusal>` to answer yourself.
///
/// # Examples
/// ```no_run
/// use flowglad_actix::{Entitled, flowglad_core};
///
/// flowglad_core::feature!(pub ExportCsv = "export_csv");
///
/// async fn export(entitled: Entitled<ExportCsv>) -> String {
///     format!("{} by {} billing", entitled.customer().name, entitled.decision().source().as_str())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Entitled<E>(Granted, PhantomData<fn() -> E>);

/// What became of the checkout from which the browser comes back, as an extractor for the page of `successUrl`. Needs
/// `.app_data(mount)` in the app, or a [gate](Mount::gate).
///
/// # Examples
/// ```no_run
/// use flowglad_actix::ReturnedCheckout;
///
/// async fn thanks(ReturnedCheckout(checkout): ReturnedCheckout) -> &'static str {
///     checkout.state.as_str()
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

/// An extractor, by what it takes of the request's mount.
macro_rules! extractor {
    ($extractor:ty $(, $type:ident: $bound:ident)?; |$mount:ident, $request:ident| $take:expr) => {
        impl$(<$type: $bound + 'static>)? FromRequest for $extractor {
            type Error = Refusal;
            type Future = Pin<Box<dyn Future<Output = Result<Self, Refusal>>>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let $request = request.clone();
                Box::pin(async move {
                    let found = $request.extensions().get().or($request.app_data()).cloned();
                    let $mount: Mount = RequestHandler::mounted(found, "add `.app_data(mount)` to the app")?;
                    Ok($take)
                })
            }
        }
    };
}

extractor!(Customer; |mount, request| Self(mount.handler.customer(mount.identify(&request)).await??));

extractor!(CurrentBilling; |mount, request| {
    let known = mount.source.kept(request.extensions().get());
    let billing = mount.handler.current_billing(mount.identify(&request), known).await??;
    request.extensions_mut().insert(mount.source.keep(billing.clone()));
    Self(billing)
});

extractor!(Entitled<E>, E: Entitlement; |mount, request| {
    let known = mount.source.kept(request.extensions().get());
    let granted = mount.handler.entitled(mount.identify(&request), E::requirement(), known).await??;
    request.extensions_mut().insert(mount.source.keep(granted.billing().clone()));
    Self(granted, PhantomData)
});

extractor!(ReturnedCheckout; |mount, request| {
    Self(mount.handler.returned_checkout(mount.identify(&request), request.uri().query()).await??)
});
