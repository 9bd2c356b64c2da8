//! The client that an app makes once and shares.

use std::{fmt, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use tokio::time::Instant;

use crate::{
    Answer, CustomerScope, Error, FlowgladBuilder, RequestingCustomer,
    api::pricing_models,
    client::{
        endpoint::Endpoint,
        transport::{Call, Transport},
    },
    model::PricingModel,
};

/// A client of the Flowglad API. Cloning is cheap, and clones share one connection pool.
///
/// ```no_run
/// # fn main() -> Result<(), flowglad_core::Error> {
/// let flowglad = flowglad_core::Flowglad::from_env()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Flowglad {
    transport: Arc<Transport>,
}

impl Flowglad {
    /// Begins the configuration of a client.
    pub fn builder() -> FlowgladBuilder {
        FlowgladBuilder::default()
    }

    /// Makes a client from `FLOWGLAD_SECRET_KEY` and, if set, `FLOWGLAD_BASE_URL`.
    ///
    /// # Errors
    /// [`Error::Config`] names what is missing or wrong.
    pub fn from_env() -> Result<Self, Error> {
        FlowgladBuilder::from_env()?.build()
    }

    pub(crate) fn new(transport: Transport) -> Self {
        Self { transport: Arc::new(transport) }
    }

    /// Everything that can be read and done for one customer. Makes no request by itself.
    #[must_use]
    pub fn customer(&self, who: &RequestingCustomer) -> CustomerScope {
        CustomerScope::new(self.clone(), who.clone())
    }

    /// Reads the pricing that people see who are not signed in (`GET /pricing-models/default`).
    ///
    /// # Errors
    /// [`Error::Api`] if the organization has no default pricing model; else as for every call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// for product in &flowglad.default_pricing_model().await?.products {
    ///     println!("{}", product.name);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn default_pricing_model(&self) -> Result<Answer<PricingModel>, Error> {
        let reply = self.call(&pricing_models::DEFAULT, Call::empty()).await?;
        reply.part(pricing_models::DEFAULT.route().operation, "pricingModel", |reply| reply.pricing_model)
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.transport.deadline()
    }

    pub(crate) async fn call<Body: Serialize, Record: DeserializeOwned>(
        &self,
        endpoint: &Endpoint<Body, Record>,
        call: Call<'_, Body>,
    ) -> Result<Answer<Record>, Error> {
        self.transport.call(endpoint, call).await
    }
}

impl fmt::Debug for Flowglad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flowglad").field("api_url", &self.transport.api_url()).finish_non_exhaustive()
    }
}
