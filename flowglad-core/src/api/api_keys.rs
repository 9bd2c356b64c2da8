//! `/api-keys`.

use crate::{
    client::{endpoint::Endpoint, json::Response, transport::Call},
    error::Error,
    flowglad::Flowglad,
    model::{ApiKey, ApiKeyId},
};

pub(crate) const GET: Endpoint<(), ApiKey> = Endpoint::get("api_keys.get", "/api-keys/{id}").under("apiKey");

/// The keys of the API (`/api-keys`). Made by [`Flowglad::api_keys`].
#[derive(Clone, Debug)]
pub struct ApiKeys {
    flowglad: Flowglad,
}

impl Flowglad {
    /// The keys of the API (`/api-keys`).
    #[must_use]
    pub fn api_keys(&self) -> ApiKeys {
        ApiKeys { flowglad: self.clone() }
    }
}

impl ApiKeys {
    /// Reads a key, its token included (`GET /api-keys/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; else as every call.
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
