//! One call of an operation, as plain data.

use serde_json::Value;

/// The parts of a request that an operation can see.
#[derive(Debug)]
pub(crate) struct Call {
    /// The body with the parts of the path, or the query with the parts of the path.
    pub(crate) input: Value,
    /// Whether a text of the path or the body has a NUL.
    pub(crate) has_nul: bool,
    /// The base URL of this sandbox.
    pub(crate) base_url: String,
    /// The caller's API key.
    pub(crate) api_key: String,
}

impl Call {
    /// A part of the path, percent-decoded. As on the real API, a query key of the same name replaces it.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.input.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}
