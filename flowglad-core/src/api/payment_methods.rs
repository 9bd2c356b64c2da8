//! `/payment-methods`.

use crate::{
    client::{
        endpoint::Endpoint,
        json::Response,
        list::{List, ListEndpoint, list},
        transport::Call,
    },
    error::Error,
    flowglad::Flowglad,
    model::{PaymentMethod, PaymentMethodId},
};

pub(crate) const GET: Endpoint<(), PaymentMethod> =
    Endpoint::get("payment_methods.get", "/payment-methods/{id}").under("paymentMethod");

pub(crate) const LIST: ListEndpoint<PaymentMethod> = list("payment_methods.list", "/payment-methods");

/// Cards and other ways to pay. Customers store them at the checkout (`/payment-methods`). Made by [`Flowglad::payment_methods`].
#[derive(Clone, Debug)]
pub struct PaymentMethods {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Cards and other ways to pay. Customers store them at the checkout (`/payment-methods`).
    #[must_use]
    pub fn payment_methods(&self) -> PaymentMethods {
        PaymentMethods { flowglad: self.clone() }
    }
}

impl PaymentMethods {
    /// Reads a card or another way to pay (`GET /payment-methods/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{:?}", flowglad.payment_methods().get(&"pm_1".parse()?).await?.kind);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &PaymentMethodId) -> Result<Response<PaymentMethod>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// The cards of all customers, page by page or one after the other (`GET /payment-methods`).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.payment_methods().list().page().await?;
    /// println!("{} of {}", page.data.len(), page.total);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<PaymentMethod> {
        List::new(&self.flowglad, &LIST)
    }
}
