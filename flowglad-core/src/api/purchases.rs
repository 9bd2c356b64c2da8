//! `/purchases`: purchases made at the checkout.

use crate::{
    client::{endpoint::Endpoint, json::Response, transport::Call},
    error::Error,
    flowglad::Flowglad,
    model::{Purchase, PurchaseId},
};

pub(crate) const GET: Endpoint<(), Purchase> = Endpoint::get("purchases.get", "/purchases/{id}").under("purchase");

/// Operations on purchases made at the checkout (`/purchases`). Returned by [`Flowglad::purchases`].
#[derive(Clone, Debug)]
pub struct Purchases {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on purchases made at the checkout (`/purchases`).
    #[must_use]
    pub fn purchases(&self) -> Purchases {
        Purchases { flowglad: self.clone() }
    }
}

impl Purchases {
    /// Reads a purchase (`GET /purchases/{id}`). The API has no list of purchases; the billing document contains a
    /// customer's purchases.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no purchase has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{:?}", flowglad.purchases().get(&"prch_1".parse()?).await?.status);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &PurchaseId) -> Result<Response<Purchase>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }
}
