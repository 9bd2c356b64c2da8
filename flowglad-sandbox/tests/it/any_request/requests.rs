//! One random request: an operation, its path, and its body.

use std::fmt;

use fastrand::Rng;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::{
    bodies::{Maker, Seen, kind_for},
    mutations, shown,
};
use crate::{
    Api, Reply,
    description::{Description, Operation},
};

/// The body of a request.
#[derive(Clone, Debug)]
enum Body {
    None,
    Json(Value),
    /// JSON with another content type.
    Typed(Value, &'static str),
    /// Text that is not JSON.
    Bytes(Vec<u8>),
}

#[derive(Clone, Debug)]
pub(super) struct RandomRequest {
    pub(super) operation: Operation,
    pub(super) method: Method,
    path_and_query: String,
    body: Body,
    key: Key,
    /// Whether it is as described, as far as a schema can decide.
    pub(super) is_good: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Good,
    Bearer,
    Wrong,
    Missing,
}

impl RandomRequest {
    pub(super) fn make(rng: &mut Rng, description: &Description, seen: &Seen) -> Self {
        let operation = random_operation(rng, description);
        let own = operation.name.split('.').next().unwrap_or_default().to_owned();
        let is_good = rng.u8(..100) < 60;
        let mut maker = Maker { rng: &mut *rng, description, seen, own: &own };
        let mut body = match (&operation.body, &operation.method) {
            (Some(schema), _) => Body::Json(body(&mut maker, schema, &operation)),
            (None, &Method::POST) => Body::Json(json!({})),
            (None, _) => Body::None,
        };
        let query = query(&mut maker, &operation);
        let path = path(&mut maker, &operation, &body);
        let mut request = Self {
            method: operation.method.clone(),
            path_and_query: format!("{path}{query}"),
            body: Body::None,
            key: if rng.bool() { Key::Good } else { Key::Bearer },
            is_good,
            operation,
        };
        if !is_good {
            request.spoil(rng, &mut body);
        }
        request.body = body;
        request
    }

    fn spoil(&mut self, rng: &mut Rng, body: &mut Body) {
        match (rng.u8(..100), &mut *body) {
            (0..3, _) => self.key = Key::Wrong,
            (3..6, _) => self.key = Key::Missing,
            (6..9, _) => self.method = [Method::PATCH, Method::DELETE, Method::HEAD][rng.usize(..3)].clone(),
            (9..12, Body::Json(value)) => *body = Body::Typed(value.take(), "text/plain"),
            (12..17, Body::Json(_)) => *body = Body::Bytes(no_json(rng)),
            (17..20, _) => self.path_and_query = format!("{}?{}", self.operation.path, garbage(rng)),
            (_, Body::Json(value)) => (0..rng.usize(1..4)).for_each(|_| mutations::mutate(rng, value)),
            _ => {
                let sign = if self.path_and_query.contains('?') { '&' } else { '?' };
                self.path_and_query.push(sign);
                self.path_and_query.push_str(&garbage(rng));
            }
        }
    }

    pub(super) async fn send(&self, api: &Api) -> Result<Reply, reqwest::Error> {
        let url = format!("{}/api/v1{}", api.sandbox.base_url(), self.path_and_query);
        let request = with_key(&api.client, self.method.clone(), &url, self.key, api.sandbox.api_key());
        let request = match &self.body {
            Body::None => request,
            Body::Json(value) => request.json(value),
            Body::Typed(value, media_type) => request.header("content-type", *media_type).body(value.to_string()),
            Body::Bytes(bytes) => request.header("content-type", "application/json").body(bytes.clone()),
        };
        let response = request.send().await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await?;
        Ok(Reply { status, body: serde_json::from_str(&text).unwrap_or_default(), text, headers })
    }

    /// Whether its path has an escaped slash, which separates two segments.
    pub(super) fn has_escaped_slash(&self) -> bool {
        self.path_and_query.split('?').next().is_some_and(|path| path.contains("%2F"))
    }

    /// Whether it carries the key.
    pub(super) fn is_allowed(&self) -> bool {
        matches!(self.key, Key::Good | Key::Bearer)
    }
}

impl fmt::Display for RandomRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path_and_query)?;
        match &self.body {
            Body::None => Ok(()),
            Body::Json(value) => write!(f, " {}", shown(value)),
            Body::Typed(value, media_type) => write!(f, " ({media_type}) {}", shown(value)),
            Body::Bytes(bytes) => write!(f, " {:?}", String::from_utf8_lossy(bytes)),
        }
    }
}

/// A random operation. Those that replace the pricing model are rarer, so that records can accumulate.
fn random_operation(rng: &mut Rng, description: &Description) -> Operation {
    loop {
        let operation = &description.operations[rng.usize(..description.operations.len())];
        let one_in = match operation.name.as_str() {
            "pricingModels.setup" | "customers.archive" => 4,
            _ => 1,
        };
        if rng.u8(..one_in) == 0 {
            return operation.clone();
        }
    }
}

fn body(maker: &mut Maker<'_>, schema: &Value, operation: &Operation) -> Value {
    // A random setup form is rarely consistent, so half of them are the starter model.
    if operation.name == "pricingModels.setup" && maker.rng.bool() {
        return serde_json::from_str(include_str!("../../../pricing_models/starter_saas.json")).unwrap();
    }
    maker.value(schema, "")
}

/// The path of the operation. If the body names the record too, it is mostly the same one.
fn path(maker: &mut Maker<'_>, operation: &Operation, body: &Body) -> String {
    let in_body = match body {
        Body::Json(value) => value.as_object().and_then(|fields| fields.values().next()?["id"].as_str()),
        _ => None,
    };
    let mut values = Vec::new();
    for param in operation.path_params() {
        let kind = kind_for(param, maker.own).unwrap_or("unknown");
        let value = match (in_body, maker.rng.u8(..100)) {
            (_, 0..2) => mutations::hostile_text(maker.rng).chars().take(300).collect(),
            (Some(id), _) => id.to_owned(),
            (None, _) => maker.seen.text_for(maker.rng, kind),
        };
        values.push(encoded(&value));
    }
    operation.path_with(&values)
}

fn query(maker: &mut Maker<'_>, operation: &Operation) -> String {
    let mut parts = Vec::new();
    for (name, schema) in &operation.query {
        if maker.rng.u8(..100) < 40 {
            let value = match name.as_str() {
                "limit" => Value::from(maker.rng.u8(1..=100)),
                _ => maker.value(schema, name),
            };
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value]);
            parts.extend(values.iter().map(|value| match value {
                Value::String(text) => format!("{name}={}", encoded(text)),
                other => format!("{name}={other}"),
            }));
        }
    }
    if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
}

fn garbage(rng: &mut Rng) -> String {
    let parts = [
        "limit=0",
        "limit=-1",
        "limit=99999999999999999999",
        "limit=1&limit=2",
        "cursor=%ff",
        "cursor=e30%3D",
        "cursor=a&cursor=b",
        "subscriptionId=",
        "resourceSlug=a&resourceSlug=b",
        "=&&==",
        "%00",
        "limit=ten",
        "resourceSlug[]=a",
        "subscriptionId=%F0%9F%A6%80",
    ];
    match rng.usize(..=parts.len()) {
        n if n < parts.len() => parts[n].to_owned(),
        _ => format!("cursor={}", "x".repeat(3000)),
    }
}

fn no_json(rng: &mut Rng) -> Vec<u8> {
    let bodies: [&[u8]; 9] = [
        b"",
        b"{",
        b"{\"customer\":}",
        b"\xff\xfe",
        b"{\"a\":1}{\"b\":2}",
        b"{'a': 1}",
        b"{\"amount\": NaN}",
        b"{\"n\": 1e99999}",
        b"\"\\ud800\"",
    ];
    match rng.usize(..=bodies.len()) {
        n if n < bodies.len() => bodies[n].to_vec(),
        _ => vec![b'['; 5000],
    }
}

fn with_key(client: &Client, method: Method, url: &str, key: Key, good: &str) -> reqwest::RequestBuilder {
    let request = client.request(method, url);
    match key {
        Key::Good => request.header("authorization", good),
        Key::Bearer => request.header("authorization", format!("Bearer {good}")),
        Key::Wrong => request.header("authorization", "sk_test_of_another_sandbox"),
        Key::Missing => request,
    }
}

/// Percent-encodes a text as one segment of a path, or one value of a query. What clients do not send stays out:
/// an empty segment, and the two that mean folders.
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let text = if ["", ".", ".."].contains(&text) { "_" } else { text };
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => encoded.push(char::from(byte)),
            _ => write!(encoded, "%{byte:02X}").unwrap(),
        }
    }
    encoded
}
