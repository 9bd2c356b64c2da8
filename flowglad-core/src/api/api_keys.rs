//! `/api-keys`: API keys.

use crate::{
    client::{endpoint::Endpoint, json::Response, transport::Call},
    error::Error,
    flowglad::Flowglad,
    model::{ApiKey, ApiKeyId},
};

pub(crate) const GET: Endpoint<(), ApiKey> = Endpoint::get("api_keys.get", "/api-keys/{id}").under("apiKey");

/// Operations on API keys (`/api-keys`). Returned by [`Flowglad::api_keys`].
#[derive(Clone, Debug)]
pub struct ApiKeys {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on API keys (`/api-keys`).
    #[must_use]
    pub fn api_keys(&self) -> ApiKeys {
        ApiKeys { flowglad: self.clone() }
    }
}

impl ApiKeys {
    /// Reads an API key, including its token (`GET /api-keys/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no API key has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let key = flowglad.api_keys().get(&"apikey_1".parse()?).await?;
    /// println!("{} is {:?}", key.name, key.kind);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &ApiKeyId) -> Result<Response<ApiKey>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }
}
