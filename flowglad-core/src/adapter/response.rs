//! Responses as plain data.

use std::borrow::Cow;

use bytes::Bytes;

use crate::client::json::RawJson;

/// A response that the adapter copies into the framework's response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionResponse {
    /// The HTTP status.
    pub status: u16,
    /// All headers of the response, names in lower case. The first is the content type, if there is a body.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON body. Empty for a redirect.
    pub body: Bytes,
    /// The `error.code` of the body, or of what was refused by a redirect. `None` for a success.
    pub code: Option<Cow<'static, str>>,
}

impl ActionResponse {
    pub(crate) fn json(status: u16, body: Bytes) -> Self {
        Self { status, headers: vec![("content-type", "application/json".to_owned())], body, code: None }
    }

    /// A redirect that a browser follows with a GET.
    pub(crate) fn see_other(location: String) -> Self {
        Self { status: 303, headers: vec![("location", location)], body: Bytes::new(), code: None }
    }

    /// A 200 with the data, byte for byte, inside the envelope.
    pub(crate) fn success(data: &RawJson) -> Self {
        Self::json(200, data.as_data())
    }
}
