//! `/purchases`.

use crate::{
    client::{endpoint::Endpoint, json::Response, transport::Call},
    error::Error,
    flowglad::Flowglad,
    model::{Purchase, PurchaseId},
};

pub(crate) const GET: Endpoint<(), Purchase> = Endpoint::get("purchases.get", "/purchases/{id}").under("purchase");

/// What was bought at the checkout (`/purchases`). Made by [`Flowglad::purchases`].
#[derive(Clone, Debug)]
pub struct Purchases {
    flowglad: Flowglad,
}

impl Flowglad {
    /// What was bought at the checkout (`/purchases`).
    #[must_use]
    pub fn purchases(&self) -> Purchases {
        Purchases { flowglad: self.clone() }
    }
}

impl Purchases {
    /// Reads a purchase (`GET /purchases/{id}`). The API has no list of them; a customer's are in the billing document.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; else as every call.
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
