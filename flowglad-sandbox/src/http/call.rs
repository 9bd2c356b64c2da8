//! One call of an operation: path, query and body, read and checked as far as every operation needs it.

use axum::body::Body;
use axum::extract::{FromRequestParts as _, Query, RawPathParams};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Request};
use serde_json::{Map, Value};

use super::api_error::ApiError;
use super::auth;

/// Larger bodies are refused.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// What an operation gets to see of a request.
#[derive(Debug)]
pub(crate) struct Call {
    params: Vec<(String, String)>,
    query: Vec<(String, String)>,
    /// An empty object for operations that take none.
    pub(crate) body: Value,
    /// Where this sandbox is to be reached.
    pub(crate) base_url: String,
    /// The key that the caller showed.
    pub(crate) api_key: String,
}

impl Call {
    pub(crate) async fn read(
        request: Request<Body>,
        empty_body_allowed: bool,
        base_url: &str,
    ) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let params = path_params(&mut parts).await?;
        let api_key = auth::shown_key(&parts.headers).unwrap_or_default().to_owned();
        let Query(query) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_| ApiError::bad_request("The query string cannot be read"))?;
        let body = if parts.method == Method::POST || parts.method == Method::PUT {
            read_body(&parts.headers, body, empty_body_allowed).await?
        } else {
            Value::Object(Map::new())
        };
        Ok(Self { params, query, body, base_url: base_url.to_owned(), api_key })
    }

    /// A part of the path, percent-decoded.
    pub(crate) fn param(&self, name: &str) -> &str {
        let param = self.params.iter().find(|(key, _)| key == name);
        param.map_or("", |(_, value)| value)
    }

    /// A query value that may be given once.
    pub(crate) fn query_value(&self, name: &str) -> Result<Option<&str>, ApiError> {
        let mut values = self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() {
            return Err(ApiError::bad_request(format!("The query key {name} may be given once only")));
        }
        Ok(first)
    }

    /// All values of a query key, repeated or separated by commas.
    pub(crate) fn query_values(&self, name: &str) -> Vec<&str> {
        self.query
            .iter()
            .filter(|(key, _)| key == name)
            .flat_map(|(_, value)| value.split(','))
            .filter(|value| !value.is_empty())
            .collect()
    }
}

async fn path_params(parts: &mut Parts) -> Result<Vec<(String, String)>, ApiError> {
    let params = RawPathParams::from_request_parts(parts, &())
        .await
        .map_err(|_| ApiError::bad_request("The path is not UTF-8 after percent-decoding"))?;
    Ok(params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

async fn read_body(headers: &HeaderMap, body: Body, empty_allowed: bool) -> Result<Value, ApiError> {
    let bytes = axum::body::to_bytes(body, MAX_BODY)
        .await
        .map_err(|_| ApiError::payload_too_large("The request body is larger than 4 MiB or was cut off"))?;
    if bytes.is_empty() && empty_allowed {
        return Ok(Value::Object(Map::new()));
    }
    let body = serde_json::from_slice(&bytes).map_err(|_| ApiError::unreadable_body("Invalid JSON in request body"))?;
    if !is_json(headers) {
        return Err(ApiError::unsupported_media_type("Unsupported content-type: send application/json"));
    }
    Ok(body)
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}
