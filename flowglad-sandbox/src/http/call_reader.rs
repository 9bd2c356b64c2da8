//! Reads the request of an operation: path, query and body, checked as far as every operation needs it.

use axum::{
    body::Body,
    extract::{FromRequestParts as _, Query, RawPathParams},
    http::{HeaderMap, Method, Request, header::CONTENT_TYPE, request::Parts},
};
use serde_json::{Map, Value};

use crate::{http::auth, operations::call::Call, refusal::Refusal};

/// Larger bodies are refused.
const MAX_BODY: usize = 4 * 1024 * 1024;

pub(crate) async fn read(request: Request<Body>, empty_body_allowed: bool, base_url: &str) -> Result<Call, Refusal> {
    let (mut parts, body) = request.into_parts();
    let params = path_params(&mut parts).await?;
    let api_key = auth::key_of(&parts.headers).unwrap_or_default().to_owned();
    let Query(query) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
        .map_err(|_| Refusal::bad_request("The query string cannot be read"))?;
    let body = if parts.method == Method::POST || parts.method == Method::PUT {
        read_body(&parts.headers, body, empty_body_allowed).await?
    } else {
        Value::Object(Map::new())
    };
    Ok(Call { params, query, body, base_url: base_url.to_owned(), api_key })
}

async fn path_params(parts: &mut Parts) -> Result<Vec<(String, String)>, Refusal> {
    let params = RawPathParams::from_request_parts(parts, &())
        .await
        .map_err(|_| Refusal::bad_request("The path is not UTF-8 after percent-decoding"))?;
    Ok(params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

async fn read_body(headers: &HeaderMap, body: Body, empty_allowed: bool) -> Result<Value, Refusal> {
    let bytes = axum::body::to_bytes(body, MAX_BODY)
        .await
        .map_err(|_| Refusal::payload_too_large("The request body is larger than 4 MiB or was cut off"))?;
    if bytes.is_empty() && empty_allowed {
        return Ok(Value::Object(Map::new()));
    }
    let body = serde_json::from_slice(&bytes).map_err(|_| Refusal::unreadable_body("Invalid JSON in request body"))?;
    if !is_json(headers) {
        return Err(Refusal::unsupported_media_type("Unsupported content-type: send application/json"));
    }
    Ok(body)
}

pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}
