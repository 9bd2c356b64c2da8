//! The client's own description: what each operation sends and reads, as JSON Schemas made from the types themselves.
//!
//! For tools that compare it with the API's description; an app has no use for it.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

pub use crate::client::endpoint::QueryParameter;
use crate::{
    api,
    client::endpoint::{Endpoint, Resend, Route},
};

/// One operation of the API as the client uses it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Operation {
    /// The name in errors and traces, for example `customers.billing`.
    pub name: &'static str,
    /// The method.
    pub method: crate::Method,
    /// Relative to `/api/v1`, with at most one `{placeholder}`.
    pub path: &'static str,
    /// Whether it may be sent twice: `always`, or `if_not_delivered`.
    pub resend: &'static str,
    /// What may follow the path.
    pub query: &'static [QueryParameter],
    /// What is sent, as a JSON Schema. `None`: no body.
    pub body: Option<Value>,
    /// What is read of the reply, as a JSON Schema.
    pub reply: Value,
}

/// Every operation of the client. Two entries may be the same operation with different rules for a second send.
#[must_use]
pub fn operations() -> Vec<Operation> {
    api::operations()
}

impl Operation {
    pub(crate) fn of<Body: JsonSchema + 'static, Reply: JsonSchema>(endpoint: &Endpoint<Body, Reply>) -> Self {
        Self::reading::<Reply>(endpoint.route(), body::<Body>())
    }

    /// For a reply that is read by a type other than the endpoint's.
    pub(crate) fn of_reply<Reply: JsonSchema>(route: Route) -> Self {
        Self::reading::<Reply>(route, None)
    }

    fn reading<Reply: JsonSchema>(route: Route, body: Option<Value>) -> Self {
        let Route { operation, method, path, resend, key, query } = route;
        let resend = match resend {
            Resend::Always => "always",
            Resend::IfNotDelivered => "if_not_delivered",
        };
        Self { name: operation, method, path, resend, query, body, reply: reply::<Reply>(key) }
    }
}

fn body<Body: JsonSchema>() -> Option<Value> {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Body>().to_value();
    (schema["type"] != "null").then_some(schema)
}

fn reply<Reply: JsonSchema>(key: Option<&str>) -> Value {
    let mut generator = SchemaSettings::draft2020_12().for_deserialize().into_generator();
    let Some(key) = key else { return generator.into_root_schema_for::<Reply>().to_value() };
    let record = generator.subschema_for::<Reply>();
    json!({
        "type": "object",
        "properties": {key: record},
        "required": [key],
        "$defs": generator.take_definitions(true),
    })
}
