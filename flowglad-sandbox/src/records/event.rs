//! An event, for webhooks. No operation of the API shows it.

use serde::{Deserialize, Serialize};

use crate::records::record::{Meta, record};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum EventType {
    #[serde(rename = "customer.created")]
    CustomerCreated,
    #[serde(rename = "subscription.created")]
    SubscriptionCreated,
    #[serde(rename = "subscription.canceled")]
    SubscriptionCanceled,
    #[serde(rename = "payment.succeeded")]
    PaymentSucceeded,
    #[serde(rename = "payment.failed")]
    PaymentFailed,
    #[serde(rename = "purchase.completed")]
    PurchaseCompleted,
}

impl EventType {
    /// The type as webhooks name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CustomerCreated => "customer.created",
            Self::SubscriptionCreated => "subscription.created",
            Self::SubscriptionCanceled => "subscription.canceled",
            Self::PaymentSucceeded => "payment.succeeded",
            Self::PaymentFailed => "payment.failed",
            Self::PurchaseCompleted => "purchase.completed",
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Event {
    pub(crate) meta: Meta,
    pub(crate) kind: EventType,
    pub(crate) object_id: String,
    pub(crate) customer_id: String,
}

record!(Event: "event" of object_id);
