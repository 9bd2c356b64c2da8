//! Deliveries as Flowglad's sender makes them, signed by a few lines of this crate's own.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hmac::{Hmac, Mac as _};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{App, Reply};

/// The secret of most receivers.
pub const SECRET: &str = "whsec_dHdlbnR5LWZvdXIgYnl0ZXMgb2Yga2V5";

/// The secret of the second receiver.
pub const SECOND_SECRET: &str = "whsec_YW5vdGhlciBrZXkgb2YgMjQgYnl0ZXMh";

/// The time of every case, in seconds: 2026-01-15T12:00:00Z.
pub const NOW: i64 = 1_768_478_400;

/// A delivery.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// `svix` or `webhook`.
    family: &'static str,
    id: String,
    timestamp: String,
    signature: Option<String>,
    secret: &'static str,
    body: Bytes,
}

impl Delivery {
    /// Of a subscription of Ada, with this id.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            family: "svix",
            id: id.into(),
            timestamp: NOW.to_string(),
            signature: None,
            secret: SECRET,
            body: event("subscription", "sub_1").to_string().into(),
        }
    }

    /// With this body.
    #[must_use]
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// Signed at this time, in seconds.
    #[must_use]
    pub fn at(self, seconds: i64) -> Self {
        self.timestamp(seconds.to_string())
    }

    /// With this value of the timestamp's header, which is signed as it is.
    #[must_use]
    pub fn timestamp(self, text: impl Into<String>) -> Self {
        Self { timestamp: text.into(), ..self }
    }

    /// Signed with this secret.
    #[must_use]
    pub fn signed_with(self, secret: &'static str) -> Self {
        Self { secret, ..self }
    }

    /// With this value of the signature's header.
    #[must_use]
    pub fn signature(self, signature: impl Into<String>) -> Self {
        Self { signature: Some(signature.into()), ..self }
    }

    /// With headers whose names begin with this.
    #[must_use]
    pub fn family(self, family: &'static str) -> Self {
        Self { family, ..self }
    }

    /// The value of the signature's header.
    #[must_use]
    pub fn signature_value(&self) -> String {
        self.signature.clone().unwrap_or_else(|| sign(self.secret, &self.id, &self.timestamp, &self.body))
    }

    /// The headers, with names in lower case.
    #[must_use]
    pub fn headers(&self) -> [(String, String); 3] {
        let name = |of: &str| format!("{}-{of}", self.family);
        [
            (name("id"), self.id.clone()),
            (name("timestamp"), self.timestamp.clone()),
            (name("signature"), self.signature_value()),
        ]
    }

    /// The request to a path of the app.
    pub fn to(&self, app: &App, path: &str) -> RequestBuilder {
        self.headed(app.request_to(Method::POST, path)).body(self.body.clone())
    }

    /// The request with the headers of this delivery.
    pub fn headed(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.header("content-type", "application/json");
        self.headers().into_iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    /// Sends it to a path of the app.
    pub async fn send(&self, app: &App, path: &str) -> Reply {
        Reply::to(self.to(app, path)).await
    }

    /// The head of its request, up to the headers that say how long the body is.
    #[must_use]
    pub fn head(&self, path: &str) -> String {
        let headers = self.headers().map(|(name, value)| format!("{name}: {value}\r\n")).concat();
        format!("POST {path} HTTP/1.1\r\nhost: app\r\ncontent-type: application/json\r\n{headers}")
    }
}

/// The value of the signature's header: HMAC-SHA-256 over `id.timestamp.body` with the bytes after `whsec_`.
#[must_use]
pub fn sign(secret: &str, id: &str, timestamp: &str, body: &[u8]) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
        mac.update(part);
    }
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// What Flowglad sends about a record of Ada.
#[must_use]
pub fn event(object: &str, id: &str) -> Value {
    let customer = json!({"id": "cust_user_42", "externalId": "user_42"});
    json!({"object": object, "id": id, "customer": customer, "pricingModelId": "pricing_model_1"})
}

#[cfg(test)]
mod tests {
    use super::{SECOND_SECRET, SECRET, sign};

    #[test]
    fn a_signature_is_what_openssl_computes() {
        // printf 'msg_1.1768478400.{"id":"é"}' | openssl dgst -sha256 -hmac 'twenty-four bytes of key' -binary | base64
        let signature = sign(SECRET, "msg_1", "1768478400", "{\"id\":\"é\"}".as_bytes());
        assert_eq!(signature, "v1,UfXLpWbI0gh0hRRD76UHf0IcbFZcAP4Da827EqUyjNY=");
        let signature = sign(SECOND_SECRET, "msg_1", "1768478400", b"");
        assert_eq!(signature, "v1,gmP+wkbgvso7qvhm9b8UYgKGSY7nFiFG4i1NB6xje2w=");
    }
}
