//! Reads the request of an operation: path, query and body, checked as far as every operation needs it.

use axum::{
    body::Body,
    extract::Query,
    http::{
        HeaderMap, Request, Uri,
        header::{CONTENT_LENGTH, CONTENT_TYPE},
    },
};
use serde_json::{Map, Value};

use crate::{
    http::{
        auth,
        operation_list::{Operation, Verb},
    },
    operations::{call::Call, input, page},
    refusal::Refusal,
};

/// Larger bodies are refused.
const MAX_BODY: usize = 4 * 1024 * 1024;
const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";
const FORM: &str = "multipart/form-data";
/// The content type of a text whose sender gives none.
const TEXT: &str = "text/plain;charset=UTF-8";

/// The parts of a path that an operation's pattern names.
pub(crate) type Params = Vec<(&'static str, String)>;

/// The call that a request makes. The order of the checks is the real API's: body, page, content type.
pub(crate) async fn read(
    request: Request<Body>,
    operation: &Operation,
    params: Params,
    base_url: &str,
) -> Result<Call, Refusal> {
    let (parts, body) = request.into_parts();
    let api_key = auth::key_of(&parts.headers).unwrap_or_default().to_owned();
    let mut input = match operation.verb {
        Verb::Get => replaced_by_query(&params, &parts.uri),
        Verb::Post | Verb::Put => {
            let body = read_body(&parts.headers, body, operation.empty_body_allowed).await?;
            if operation.ignores_body { with_params(Value::Null, &params) } else { with_params(body, &params) }
        }
        Verb::Delete => with_params(Value::Null, &params),
    };
    if operation.verb == Verb::Get {
        page::check(&input)?;
    }
    match content(&parts.headers, operation.verb)? {
        // The real API hands the bytes to the operation, which finds no field in them, nor the parts of the path.
        Content::Bytes => input = Value::Object(Map::new()),
        Content::Form if operation.has_procedure() => return Err(Refusal::rule("Failed to parse body as FormData.")),
        Content::Json | Content::Form => {}
    }
    let has_nul =
        params.iter().any(|(_, value)| value.contains('\0')) || (operation.verb != Verb::Get && has_nul(&input));
    let call = Call { input, has_nul, base_url: base_url.to_owned(), api_key };
    if operation.has_procedure() {
        input::read(&call, |root| params.iter().for_each(|(name, _)| _ = root.at(name).string()))?;
    }
    Ok(call)
}

async fn read_body(headers: &HeaderMap, body: Body, empty_allowed: bool) -> Result<Value, Refusal> {
    let bytes = axum::body::to_bytes(body, MAX_BODY)
        .await
        .map_err(|_| Refusal::payload_too_large("The request body is larger than 4 MiB or was cut off"))?;
    let text = String::from_utf8_lossy(&bytes);
    match serde_json::from_str(text.trim_start_matches('\u{feff}')) {
        Ok(body) => Ok(body),
        Err(_) if empty_allowed && has_no_length(headers) => Ok(Value::Object(Map::new())),
        Err(_) => Err(Refusal::unreadable_body("Invalid JSON in request body")),
    }
}

fn has_nul(input: &Value) -> bool {
    match input {
        Value::String(text) => text.contains('\0'),
        Value::Array(entries) => entries.iter().any(has_nul),
        Value::Object(fields) => fields.values().any(has_nul),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn has_no_length(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_LENGTH).is_none_or(|length| length == "0")
}

/// A body with the parts of the path in it. As in JavaScript, what is no object has no fields of its own.
fn with_params(body: Value, params: &Params) -> Value {
    if params.is_empty() {
        return body;
    }
    let mut fields = if let Value::Object(fields) = body { fields } else { Map::new() };
    fields.extend(params.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))));
    Value::Object(fields)
}

/// The parts of the path and the query in one object. A key that comes twice has a list.
fn replaced_by_query(params: &Params, uri: &Uri) -> Value {
    let Query(query) = Query::<Vec<(String, String)>>::try_from_uri(uri).unwrap_or_default();
    let mut fields = Map::new();
    for (name, value) in query {
        match fields.get_mut(&name) {
            None => _ = fields.insert(name, Value::from(value)),
            Some(Value::Array(values)) => values.push(Value::from(value)),
            Some(one) => *one = Value::from(vec![one.take(), Value::from(value)]),
        }
    }
    for (name, value) in params {
        fields.entry(*name).or_insert_with(|| Value::from(value.as_str()));
    }
    Value::Object(fields)
}

#[derive(Clone, Copy, Debug)]
enum Content {
    Json,
    Bytes,
    Form,
}

fn content(headers: &HeaderMap, verb: Verb) -> Result<Content, Refusal> {
    let given = headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    let content_type = match (given, verb) {
        (Some(given), _) => given,
        (None, Verb::Get) => JSON,
        (None, Verb::Delete) => return Err(Refusal::unsupported_media_type("Missing content-type header")),
        (None, Verb::Post | Verb::Put) => TEXT,
    };
    let of_body = |media_type: &str, content| match verb {
        Verb::Post | Verb::Put => Ok(content),
        Verb::Get | Verb::Delete => {
            Err(Refusal::method_not_supported(format!("Only POST requests are supported for {media_type} requests")))
        }
    };
    match content_type {
        _ if content_type.starts_with(JSON) => Ok(Content::Json),
        _ if content_type.starts_with(BYTES) => of_body(BYTES, Content::Bytes),
        _ if content_type.starts_with(FORM) => of_body(FORM, Content::Form),
        _ if verb == Verb::Get => Ok(Content::Json),
        // The quotation mark is left open on the real API too.
        _ => Err(Refusal::unsupported_media_type(&format!("Unsupported content-type \"{content_type}"))),
    }
}

/// Whether the control API takes the body for JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case(JSON)
}
