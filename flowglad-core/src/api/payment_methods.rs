//! `/payment-methods`: the cards and other payment methods of customers.

use crate::{
    client::{endpoint::Endpoint, json::Response, transport::Call},
    error::Error,
    flowglad::{
        Flowglad,
        list::{List, ListEndpoint, list},
    },
    model::{PaymentMethod, PaymentMethodId},
};

pub(crate) const GET: Endpoint<(), PaymentMethod> =
    Endpoint::get("payment_methods.get", "/payment-methods/{id}").under("paymentMethod");

pub(crate) const LIST: ListEndpoint<PaymentMethod> = list("payment_methods.list", "/payment-methods");

/// Operations on payment methods, which customers store at the checkout (`/payment-methods`). Returned by
/// [`Flowglad::payment_methods`].
#[derive(Clone, Debug)]
pub struct PaymentMethods {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on payment methods, which customers store at the checkout (`/payment-methods`).
    #[must_use]
    pub fn payment_methods(&self) -> PaymentMethods {
        PaymentMethods { flowglad: self.clone() }
    }
}

impl PaymentMethods {
    /// Reads a payment method (`GET /payment-methods/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no payment method has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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

    /// Lists the payment methods of all customers (`GET /payment-methods`), page by page or record by record.
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
