//! Webhooks: the addresses to which Flowglad posts events.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{OrganizationId, PricingModelId, Secret, Timestamp, WebhookId, null_as_default};

/// A webhook: an address to which Flowglad posts events.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Webhook {
    /// Flowglad's id.
    pub id: WebhookId,
    /// The name shown in the dashboard.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// The URL to which events are posted.
    pub url: String,
    /// The types of events that are posted.
    #[serde(default, deserialize_with = "null_as_default")]
    pub filter_types: Vec<WebhookEventType>,
    /// Whether events are posted.
    #[serde(default, deserialize_with = "null_as_default")]
    pub active: bool,
    /// The organization that it belongs to.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The pricing model that it belongs to.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
    /// `true` in live mode (real payments), `false` in test mode.
    #[serde(default, deserialize_with = "null_as_default")]
    pub livemode: bool,
    /// When it was created.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A new webhook with its secret. It has no `Serialize`, so that its secret is not written by accident.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreatedWebhook {
    /// The webhook.
    pub webhook: Webhook,
    /// The secret that signs every event (`whsec_…`). The API returns it only here: store it.
    pub secret: Secret,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The type of a webhook event.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[non_exhaustive]
pub enum WebhookEventType {
    /// A customer was created.
    #[serde(rename = "customer.created")]
    CustomerCreated,
    /// A customer was changed. The API accepts this type but does not post it.
    #[serde(rename = "customer.updated")]
    CustomerUpdated,
    /// A purchase was completed.
    #[serde(rename = "purchase.completed")]
    PurchaseCompleted,
    /// A payment failed.
    #[serde(rename = "payment.failed")]
    PaymentFailed,
    /// A payment succeeded.
    #[serde(rename = "payment.succeeded")]
    PaymentSucceeded,
    /// A subscription was created.
    #[serde(rename = "subscription.created")]
    SubscriptionCreated,
    /// A subscription was changed. The API accepts this type but does not post it.
    #[serde(rename = "subscription.updated")]
    SubscriptionUpdated,
    /// A subscription was canceled.
    #[serde(rename = "subscription.canceled")]
    SubscriptionCanceled,
    /// There are events to synchronize. The API accepts this type but does not post it.
    #[serde(rename = "sync.events_available")]
    SyncEventsAvailable,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// The name as the API writes it, for example `payment.failed`.
impl fmt::Display for WebhookEventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
