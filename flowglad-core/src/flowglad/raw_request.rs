//! Requests to operations without a typed method, sent like all others.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    client::{
        endpoint::{Method, Route},
        json::Response,
        path, settings,
        transport::Prepared,
    },
    error::Error,
    flowglad::Flowglad,
};

/// A request to an operation that this version of the crate does not know, made by [`Flowglad::request`].
///
/// A GET is retried after transient failures; any other method only if the request did not reach Flowglad, or Flowglad
/// answered 429 or 503 and said when to come back, unless it is declared [`idempotent`](Self::idempotent).
#[must_use = "a request does nothing until `send` is called"]
pub struct RawRequest {
    flowglad: Flowglad,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    body: Option<serde_json::Result<Vec<u8>>>,
    idempotent: bool,
}

/// Shows neither path, query nor body: they hold personal data.
impl fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest").field("method", &self.method).finish_non_exhaustive()
    }
}

impl Flowglad {
    /// Makes a request to an operation without a typed method. It has the same key, limits, retries and errors as any
    /// call.
    ///
    /// `path` is relative to `/api/v1`. Its segments are percent-encoded, so a `?` in it does not begin a query.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::Method;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.request(Method::Get, "/brand-new-things").query("limit", "5").send::<serde_json::Value>().await?;
    /// println!("{} of {}", page["data"].as_array().map_or(0, Vec::len), page["total"]);
    /// # Ok(()) }
    /// ```
    pub fn request(&self, method: Method, path: &str) -> RawRequest {
        RawRequest::new(self.clone(), method, path)
    }
}

impl RawRequest {
    fn new(flowglad: Flowglad, method: Method, path: &str) -> Self {
        let idempotent = method == Method::Get;
        Self { flowglad, method, path: path.to_owned(), query: Vec::new(), body: None, idempotent }
    }

    /// Adds a query parameter. Earlier parameters of the same name stay.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sets the JSON body. [`send`](Self::send) returns an error if it cannot be written as JSON.
    pub fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        self.body = Some(serde_json::to_vec(body));
        self
    }

    /// Declares that sending the request twice has the same effect as sending it once, so that it is retried after
    /// every transient failure.
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// Sends the request and reads the JSON of the response. An empty response is read as `null`.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the path could lead to another one. Errors common to
    /// [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{Method, model::Product};
    /// use serde_json::{Value, json};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let product = flowglad.request(Method::Get, "/products/prod_1").send::<Product>().await?;
    /// let renamed = flowglad
    ///     .request(Method::Put, "/resources/resource_1")
    ///     .json(&json!({"resource": {"id": "resource_1", "name": "Desks"}}))
    ///     .send::<Value>()
    ///     .await?;
    /// println!("{} {}", product.name, renamed.raw().as_str());
    /// # Ok(()) }
    /// ```
    pub async fn send<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        let operation = self.operation();
        let mut target = path::encode(&self.path)?;
        path::push_query(&mut target, &self.query);
        let body = match self.body {
            Some(body) => Some(body.map_err(|cause| Error::unwritable_body(operation, cause))?.into()),
            None => None,
        };
        let changes = self.method.changes();
        let route = Route { operation, method: self.method, path: "", idempotent: self.idempotent, key: None, changes };
        let call_settings = self.flowglad.settings();
        let deadline = settings::deadline(call_settings);
        let request = Prepared { route, target, body, empty_is_null: true, settings: call_settings, deadline };
        self.flowglad.exchange(&request).await
    }

    /// The path stays out of errors and logs, since it holds customers' ids.
    fn operation(&self) -> &'static str {
        match self.method {
            Method::Get => "GET request",
            Method::Post => "POST request",
            Method::Put => "PUT request",
            Method::Patch => "PATCH request",
            Method::Delete => "DELETE request",
        }
    }
}
