//! One call of an operation, as plain data.

use serde_json::Value;

use crate::refusal::Refusal;

/// The parts of a request that an operation can see.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) params: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    /// An empty object for operations without a body.
    pub(crate) body: Value,
    /// The base URL of this sandbox.
    pub(crate) base_url: String,
    /// The caller's API key.
    pub(crate) api_key: String,
}

impl Call {
    /// A part of the path, percent-decoded.
    pub(crate) fn param(&self, name: &str) -> &str {
        let param = self.params.iter().find(|(key, _)| key == name);
        param.map_or("", |(_, value)| value)
    }

    /// The value of a query key that can be given once.
    pub(crate) fn query_value(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut values = self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() {
            return Err(Refusal::bad_request(format!("The query key {name} may be given once only")));
        }
        Ok(first)
    }

    /// All values of a query key.
    pub(crate) fn query_values(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }
}
