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
    /// The JSON body. Empty for a redirect and for a 204.
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

    /// A 204.
    #[cfg(feature = "webhook")]
    pub(crate) fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), body: Bytes::new(), code: None }
    }

    /// A 200 with the data, byte for byte, inside the envelope.
    pub(crate) fn success(data: &RawJson) -> Self {
        Self::json(200, data.as_data())
    }
}

/// What an app can ask of a response that refuses a request: its status, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalFacts {
    status: u16,
    is_signed_out: bool,
    response: Option<Box<ActionResponse>>,
}

impl RefusalFacts {
    /// Of the app's own response, for example that of its session layer.
    #[must_use]
    pub fn of_app(status: u16) -> Self {
        Self { status, is_signed_out: false, response: None }
    }

    pub(crate) fn new(response: ActionResponse, is_signed_out: bool) -> Self {
        Self { status: response.status, is_signed_out, response: Some(Box::new(response)) }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The `error.code`, for example `feature_required`. `None` for the app's own response.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.response.as_ref()?.code.as_deref()
    }

    /// Whether the caller is anonymous: no user is signed in.
    #[must_use]
    pub fn is_signed_out(&self) -> bool {
        self.is_signed_out
    }

    /// The response. `None` if it is the app's own.
    #[must_use]
    pub fn response(&self) -> Option<ActionResponse> {
        self.response.as_deref().cloned()
    }
}
