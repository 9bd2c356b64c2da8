//! Requests that no typed method makes, on the same way as all others.

use std::fmt;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Answer, Error, Flowglad, Method,
    client::{
        endpoint::{Resend, Route},
        path,
        transport::{self, Prepared},
    },
};

/// A request to an operation that this version of the crate does not know, begun by [`Flowglad::request`].
///
/// A GET may be sent again after a failure that may pass; anything else only if it certainly did not arrive, unless
/// [`idempotent`](Self::idempotent) says otherwise.
#[must_use = "a request does nothing until `send` is called"]
pub struct RawRequest {
    flowglad: Flowglad,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    body: Option<serde_json::Result<Vec<u8>>>,
    resend: Resend,
}

/// Shows neither path nor query nor body: they hold people's data.
impl fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest").field("method", &self.method).finish_non_exhaustive()
    }
}

impl RawRequest {
    pub(crate) fn new(flowglad: Flowglad, method: Method, path: &str) -> Self {
        let resend = if method == Method::Get { Resend::Always } else { Resend::IfNotDelivered };
        Self { flowglad, method, path: path.to_owned(), query: Vec::new(), body: None, resend }
    }

    /// Adds a parameter to the query. One of the same name stays.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sets the body. What cannot be written as JSON is reported by [`send`](Self::send).
    pub fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        self.body = Some(serde_json::to_vec(body));
        self
    }

    /// Says that sending this twice has the effect of sending it once, so that a lost answer may be asked for again.
    pub fn idempotent(mut self) -> Self {
        self.resend = Resend::Always;
        self
    }

    /// Sends the request and reads the JSON of the answer. An empty answer is read as `null`.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the path could lead elsewhere; else as every call.
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
    pub async fn send<T: DeserializeOwned>(self) -> Result<Answer<T>, Error> {
        let operation = self.operation();
        let mut target = path::encode(&self.path)?;
        path::push_query(&mut target, &self.query);
        let body = match self.body {
            Some(body) => Some(body.map_err(|cause| Error::decode(operation, ".", cause))?.into()),
            None => None,
        };
        let route = Route { operation, method: self.method, path: "", resend: self.resend, key: None, query: &[] };
        let settings = self.flowglad.settings();
        let deadline = transport::deadline(settings);
        let request = Prepared { route, target, body, empty_is_null: true, settings, deadline };
        self.flowglad.exchange(&request).await
    }

    /// The path stays out of errors and logs: it holds customers' ids.
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
