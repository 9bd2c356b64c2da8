//! Something that happened, for webhooks. The API has no operation that shows it.

use serde::{Deserialize, Serialize};

use super::Head;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
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

#[derive(Debug, Clone, Deserialize, Serialize)]
pub(crate) struct Event {
    pub(crate) head: Head,
    pub(crate) kind: EventType,
    pub(crate) object_id: String,
    pub(crate) customer_id: String,
}
