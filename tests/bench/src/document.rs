//! Billing documents of a chosen size.

use serde_json::Value;

const EXAMPLE: &str = include_str!("../../spec/examples/customer-billing.json");
const CUSTOMER: &str = include_str!("../../spec/examples/customer-get.json");

/// The external id of the customer whose document is about 20 KB.
pub(crate) const SMALL: &str = "small";

/// The external id of the customer whose document is about 1 MB.
pub(crate) const LARGE: &str = "large";

/// The size to which a customer's document is filled, in bytes.
fn size(external_id: &str) -> usize {
    if external_id == LARGE { 1_000_000 } else { 20_000 }
}

/// A billing document: the example record of the API with as many of its invoices as the size holds.
pub(crate) fn billing(external_id: &str) -> String {
    let mut document: Value = serde_json::from_str(EXAMPLE).expect("the example is JSON");
    document["customer"]["externalId"] = external_id.into();
    // What the example has twice does not fit into a small document.
    document["catalog"] = Value::Null;
    document["currentSubscription"] = Value::Null;
    document["subscriptions"] = document["currentSubscriptions"].clone();
    document["purchases"] = Value::Array(Vec::new());
    let invoice = document["invoices"][0].clone();
    let mut invoices = Vec::new();
    document["invoices"] = Value::Array(Vec::new());
    let mut length = document.to_string().len();
    while length + invoice.to_string().len() < size(external_id) {
        length += invoice.to_string().len() + 1;
        invoices.push(invoice.clone());
    }
    document["invoices"] = invoices.into();
    document.to_string()
}

/// The customer record, as the official server reads it before billing.
pub(crate) fn customer(external_id: &str) -> String {
    let mut document: Value = serde_json::from_str(CUSTOMER).expect("the example is JSON");
    document["customer"]["externalId"] = external_id.into();
    document.to_string()
}
