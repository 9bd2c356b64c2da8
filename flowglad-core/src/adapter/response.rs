//! The plain form of a response.

use bytes::Bytes;

use crate::client::json::RawJson;

/// What to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionResponse {
    /// The HTTP status.
    pub status: u16,
    /// All headers that the answer needs, names in lower case. The first is the content type.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: Bytes,
}

impl ActionResponse {
    pub(crate) fn json(status: u16, body: Bytes) -> Self {
        Self { status, headers: vec![("content-type", "application/json".to_owned())], body }
    }

    /// The data byte for byte inside the envelope.
    pub(crate) fn success(data: &RawJson) -> Self {
        Self::json(200, RawJson::object(&[("data", data)]).bytes())
    }
}
