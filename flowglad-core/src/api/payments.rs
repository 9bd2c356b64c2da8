//! `/payments`.

use crate::{
    client::{
        endpoint::{Endpoint, NoFields},
        json::Response,
        list::{List, ListEndpoint, list},
        transport::Call,
    },
    error::Error,
    flowglad::Flowglad,
    model::{Payment, PaymentId},
};

pub(crate) const GET: Endpoint<(), Payment> = Endpoint::get("payments.get", "/payments/{id}").under("payment");

/// The API drops `partialAmount` and pays everything back, so it is not offered. A second send is refused, so a success
/// whose answer was lost would look like a failure.
pub(crate) const REFUND: Endpoint<NoFields, Payment> =
    Endpoint::post("payments.refund", "/payments/{id}/refund").under("payment");

pub(crate) const LIST: ListEndpoint<Payment> = list("payments.list", "/payments");

/// Payments (`/payments`). Made by [`Flowglad::payments`].
#[derive(Clone, Debug)]
pub struct Payments {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Payments (`/payments`).
    #[must_use]
    pub fn payments(&self) -> Payments {
        Payments { flowglad: self.clone() }
    }
}

impl Payments {
    /// Reads a payment (`GET /payments/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let payment = flowglad.payments().get(&"pym_1".parse()?).await?;
    /// println!("{:?} {:?}", payment.money().map(|money| money.to_string()), payment.status);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &PaymentId) -> Result<Response<Payment>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Pays a payment back in full (`POST /payments/{id}/refund`). Never sent twice.
    ///
    /// The API's description knows a partial amount, but the API drops it and pays everything back: this method cannot be
    /// asked for a part.
    ///
    /// # Errors
    /// [`Error::Api`] if it was paid back already or never came through; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// assert!(flowglad.payments().refund(&"pym_1".parse()?).await?.refunded);
    /// # Ok(()) }
    /// ```
    pub async fn refund(&self, id: &PaymentId) -> Result<Response<Payment>, Error> {
        self.flowglad.call(&REFUND, Call::id(id.as_str()).and_body(&NoFields {})).await
    }

    /// All payments, page by page or one after the other (`GET /payments`).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.payments().list().page().await?;
    /// println!("{} of {}", page.data.len(), page.total);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<Payment> {
        List::new(&self.flowglad, &LIST)
    }
}
