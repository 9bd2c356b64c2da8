//! What handlers of the app can take from a request.

use std::{marker::PhantomData, ops::Deref};

use axum::{extract::FromRequestParts, http::request::Parts};
use flowglad_core::{
    Billing, CustomerScope,
    action::RequestHandler,
    customer,
    gate::{Entitlement, Granted},
};

use crate::{gate::Refusal, mount::Mount};

/// The scope of the signed-in customer, as an extractor. Needs [`Mount::layer`], or a [gate](Mount::gate).
///
/// A caller who is not signed in gets the same 401 as from a mounted action; take a `Result<Customer, Refusal>` to answer
/// yourself.
///
/// # Examples
/// ```no_run
/// use flowglad_axum::{Customer, Refusal};
///
/// async fn export(Customer(me): Customer) -> Result<&'static str, Refusal> {
///     Ok(if me.billing().await?.check_feature_access("export_csv") { "month,calls\n" } else { "not for you" })
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Customer(pub CustomerScope);

/// The billing of the signed-in customer, as an extractor: the one that a gate saw, or read for the request. Needs
/// [`Mount::layer`], or a [gate](Mount::gate).
///
/// It comes from the client's cache, or is old if Flowglad cannot be read; with neither, the caller gets a 503.
///
/// # Examples
/// ```no_run
/// use flowglad_axum::CurrentBilling;
///
/// async fn plan(CurrentBilling(billing): CurrentBilling) -> String {
///     format!("{:?}", billing.current_subscription().map(|plan| &plan.name))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct CurrentBilling(pub Billing);

/// The billing of a signed-in customer who is entitled to `E`, with the [decision](Granted::decision), as an extractor.
/// Needs [`Mount::layer`], or a [gate](Mount::gate).
///
/// Others get what a gate answers; take a `Result<Entitled<E>, Refusal>` to answer yourself.
///
/// # Examples
/// ```no_run
/// use flowglad_axum::{Entitled, flowglad_core};
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
/// [`Mount::layer`], or a [gate](Mount::gate).
///
/// # Examples
/// ```no_run
/// use flowglad_axum::ReturnedCheckout;
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
    ($extractor:ty $(, $type:ident: $bound:ident)?; |$mount:ident, $parts:ident| $take:expr) => {
        impl<S: Sync $(, $type: $bound)?> FromRequestParts<S> for $extractor {
            type Rejection = Refusal;

            async fn from_request_parts($parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
                let found = $parts.extensions.get::<Mount>().cloned();
                let $mount = RequestHandler::mounted(found, "add the layer of `Mount::layer` to the router")?;
                Ok($take)
            }
        }
    };
}

extractor!(Customer; |mount, parts| Self(mount.handler.customer(mount.identify(parts)).await??));

extractor!(CurrentBilling; |mount, parts| {
    let known = mount.source.kept(parts.extensions.get());
    let billing = mount.handler.current_billing(mount.identify(parts), known).await??;
    mount.keep(&billing, parts);
    Self(billing)
});

extractor!(Entitled<E>, E: Entitlement; |mount, parts| {
    let known = mount.source.kept(parts.extensions.get());
    let granted = mount.handler.entitled(mount.identify(parts), E::requirement(), known).await??;
    mount.keep(granted.billing(), parts);
    Self(granted, PhantomData)
});

extractor!(ReturnedCheckout; |mount, parts| {
    let uri = parts.uri.clone();
    Self(mount.handler.returned_checkout(mount.identify(parts), uri.query()).await??)
});
