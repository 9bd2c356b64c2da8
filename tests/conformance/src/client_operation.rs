//! What the client does, as the comparison takes it.

use serde::Deserialize;
use serde_json::Value;

/// One operation of the client.
#[derive(Clone, Debug, Deserialize)]
pub struct ClientOperation {
    /// The name in errors and traces, for example `customers.billing`.
    pub name: String,
    /// The method, in capitals.
    pub method: String,
    /// Relative to `/api/v1`, with placeholders as in the description.
    pub path: String,
    /// What may follow the path. Every parameter may be left out.
    #[serde(default)]
    pub query: Vec<QueryParameter>,
    /// What is sent, as a JSON Schema: a field that may be left out is not in `required`. `None`: no body.
    ///
    /// A schema with `"x-sends-null": true` says that its field may be left out and may be `null`. Without that mark,
    /// `null` in a field that may be left out counts as the way in which JSON Schema shows an absent value.
    #[serde(default)]
    pub body: Option<Value>,
    /// What is read of the reply, as a JSON Schema: `required` is what the record cannot do without.
    pub reply: Value,
}

/// A parameter that may follow the path.
#[derive(Clone, Debug, Deserialize)]
pub struct QueryParameter {
    /// Its name, for example `limit`.
    pub name: String,
    /// Whether it may be given several times.
    #[serde(default)]
    pub repeated: bool,
}
