//! `/payments`: payments and refunds.

use crate::{
    client::{
        endpoint::{Endpoint, NoFields},
        json::Response,
        transport::Call,
    },
    error::Error,
    flowglad::{
        Flowglad,
        list::{List, ListEndpoint, list},
    },
    model::{Payment, PaymentId},
};

pub(crate) const GET: Endpoint<(), Payment> = Endpoint::get("payments.get", "/payments/{id}").under("payment");

/// The body has no `partialAmount`, because the API ignores it and refunds everything. Not idempotent: the API refuses
/// a second refund, so a retry after a lost response would turn a success into an error.
pub(crate) const REFUND: Endpoint<NoFields, Payment> =
    Endpoint::post("payments.refund", "/payments/{id}/refund").under("payment");

pub(crate) const LIST: ListEndpoint<Payment> = list("payments.list", "/payments");

/// Operations on payments (`/payments`). Returned by [`Flowglad::payments`].
#[derive(Clone, Debug)]
pub struct Payments {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on payments (`/payments`).
    #[must_use]
    pub fn payments(&self) -> Payments {
        Payments { flowglad: self.clone() }
    }
}

impl Payments {
    /// Reads a payment (`GET /payments/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no payment has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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

    /// Refunds a payment in full (`POST /payments/{id}/refund`).
    /// Not retried after it was sent.
    ///
    /// Partial refunds are not available: the API specification has a partial amount, but the API ignores it and
    /// refunds everything.
    ///
    /// # Errors
    /// [`Error::Api`] if the payment was refunded already or did not succeed.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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

    /// Lists all payments (`GET /payments`), page by page or record by record.
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
