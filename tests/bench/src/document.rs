//! Billing documents of a chosen size.

use serde_json::Value;

const EXAMPLE: &str = include_str!("../../spec/examples/customer-billing.json");
const CUSTOMER: &str = include_str!("../../spec/examples/customer-get.json");

/// How large a customer's document is.
#[derive(Clone, Copy)]
pub(crate) enum Size {
    Small,
    Medium,
    Large,
}

impl Size {
    pub(crate) const ALL: [Self; 3] = [Self::Small, Self::Medium, Self::Large];

    /// The first part of its customers' external ids.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Small => "20 KB",
            Self::Medium => "200 KB",
            Self::Large => "1 MB",
        }
    }

    /// The size to which a document is filled.
    fn bytes(self) -> usize {
        match self {
            Self::Small => 20_000,
            Self::Medium => 200_000,
            Self::Large => 1_000_000,
        }
    }

    /// The external id of one of its customers. All are of the same length, so that the documents are too.
    pub(crate) fn customer(self, number: usize) -> String {
        format!("{}-{number:06}", self.name())
    }
}

/// A billing document: the example record of the API with as many of its invoices as the size holds.
pub(crate) fn billing(size: Size, external_id: &str) -> String {
    let mut document: Value = serde_json::from_str(EXAMPLE).expect("the example is JSON");
    document["customer"]["externalId"] = external_id.into();
    // What the example has twice does not fit into a small document.
    document["catalog"] = Value::Null;
    if matches!(size, Size::Small) {
        document["currentSubscription"] = Value::Null;
    }
    document["subscriptions"] = document["currentSubscriptions"].clone();
    document["purchases"] = Value::Array(Vec::new());
    let invoice = document["invoices"][0].clone();
    let mut invoices = Vec::new();
    document["invoices"] = Value::Array(Vec::new());
    let mut length = document.to_string().len();
    while length + invoice.to_string().len() < size.bytes() {
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
