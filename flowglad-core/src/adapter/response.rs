//! Responses as plain data.

use bytes::Bytes;

use crate::client::json::RawJson;

/// A response that the adapter copies into the framework's response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionResponse {
    /// The HTTP status.
    pub status: u16,
    /// All headers of the response, names in lower case. The first is the content type.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON body.
    pub body: Bytes,
}

impl ActionResponse {
    pub(crate) fn json(status: u16, body: Bytes) -> Self {
        Self { status, headers: vec![("content-type", "application/json".to_owned())], body }
    }

    /// A 200 with the data, byte for byte, inside the envelope.
    pub(crate) fn success(data: &RawJson) -> Self {
        Self::json(200, data.as_data())
    }
}
