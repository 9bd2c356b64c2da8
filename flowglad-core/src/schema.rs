//! The client's own description: what each operation sends and reads, as JSON Schemas made from the types themselves.
//!
//! For tools that compare it with the API's description; an app has no use for it.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Value, json};

pub use crate::client::endpoint::QueryParameter;
use crate::{
    api,
    client::endpoint::{Endpoint, Method, Route},
    customer::billing::View,
};

/// One operation of the API as the client uses it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Operation {
    /// The name in errors and traces, for example `customers.billing`.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// Relative to `/api/v1`, with at most one `{placeholder}`.
    pub path: &'static str,
    /// Whether a second send has no second effect.
    pub idempotent: bool,
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
    vec![
        Operation::of(&api::api_keys::GET),
        Operation::of(&api::checkout_sessions::CREATE),
        Operation::of(&api::checkout_sessions::GET),
        Operation::of(&api::checkout_sessions::LIST),
        Operation::of_reply::<View>(api::customers::BILLING.route()),
        Operation::of(&api::customers::ARCHIVE),
        Operation::of(&api::customers::CREATE),
        Operation::of(&api::customers::GET),
        Operation::of(&api::customers::LIST),
        Operation::of(&api::customers::UPDATE),
        Operation::of(&api::customers::USAGE_BALANCES),
        Operation::of(&api::discounts::CREATE),
        Operation::of(&api::discounts::GET),
        Operation::of(&api::discounts::LIST),
        Operation::of(&api::discounts::UPDATE),
        Operation::of(&api::features::CREATE),
        Operation::of(&api::features::GET),
        Operation::of(&api::features::LIST),
        Operation::of(&api::features::UPDATE),
        Operation::of(&api::invoice_line_items::GET),
        Operation::of(&api::invoice_line_items::LIST),
        Operation::of(&api::invoices::GET),
        Operation::of(&api::invoices::LIST),
        Operation::of(&api::payment_methods::GET),
        Operation::of(&api::payment_methods::LIST),
        Operation::of(&api::payments::GET),
        Operation::of(&api::payments::LIST),
        Operation::of(&api::payments::REFUND),
        Operation::of(&api::prices::CREATE),
        Operation::of(&api::prices::GET),
        Operation::of(&api::prices::LIST),
        Operation::of(&api::prices::UPDATE),
        Operation::of(&api::pricing_models::CLONE),
        Operation::of(&api::pricing_models::CREATE),
        Operation::of(&api::pricing_models::DEFAULT),
        Operation::of(&api::pricing_models::EXPORT),
        Operation::of(&api::pricing_models::GET),
        Operation::of(&api::pricing_models::LIST),
        Operation::of(&api::pricing_models::SETUP),
        Operation::of(&api::pricing_models::UPDATE),
        Operation::of(&api::product_features::CREATE),
        Operation::of(&api::product_features::EXPIRE),
        Operation::of(&api::product_features::GET),
        Operation::of(&api::product_features::LIST),
        Operation::of(&api::products::CREATE),
        Operation::of(&api::products::GET),
        Operation::of(&api::products::LIST),
        Operation::of(&api::products::UPDATE),
        Operation::of(&api::purchases::GET),
        Operation::of(&api::resource_claims::CLAIM),
        Operation::of(&api::resource_claims::CLAIM_NAMED),
        Operation::of(&api::resource_claims::CLAIMS),
        Operation::of(&api::resource_claims::RELEASE),
        Operation::of(&api::resource_claims::USAGE),
        Operation::of(&api::resource_claims::USAGES),
        Operation::of(&api::resources::CREATE),
        Operation::of(&api::resources::GET),
        Operation::of(&api::resources::LIST),
        Operation::of(&api::resources::UPDATE),
        Operation::of(&api::subscription_item_features::CREATE),
        Operation::of(&api::subscription_item_features::EXPIRE),
        Operation::of(&api::subscription_item_features::GET),
        Operation::of(&api::subscription_item_features::UPDATE),
        Operation::of(&api::subscriptions::ADD_FEATURE),
        Operation::of(&api::subscription_adjustments::ADJUST),
        Operation::of(&api::subscriptions::CANCEL),
        Operation::of(&api::subscription_adjustments::CANCEL_SCHEDULED_ADJUSTMENT),
        Operation::of(&api::subscriptions::CREATE),
        Operation::of(&api::subscriptions::GET),
        Operation::of(&api::subscriptions::LIST),
        Operation::of(&api::subscription_adjustments::PREVIEW_ADJUST),
        Operation::of(&api::subscriptions::UNCANCEL),
        Operation::of(&api::usage_events::BULK),
        Operation::of(&api::usage_events::CREATE),
        Operation::of(&api::usage_events::GET),
        Operation::of(&api::usage_events::LIST),
        Operation::of(&api::usage_meters::CREATE),
        Operation::of(&api::usage_meters::GET),
        Operation::of(&api::usage_meters::LIST),
        Operation::of(&api::usage_meters::UPDATE),
        Operation::of(&api::webhooks::CREATE),
        Operation::of(&api::webhooks::GET),
        Operation::of(&api::webhooks::UPDATE),
    ]
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
        let Route { operation, method, path, idempotent, key, query } = route;
        Self { name: operation, method, path, idempotent, query, body, reply: reply::<Reply>(key) }
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
