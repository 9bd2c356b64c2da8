//! Webhooks: where Flowglad tells the app what happened.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{OrganizationId, PricingModelId, Secret, Timestamp, WebhookId, null_as_default};

/// An address to which Flowglad posts events.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Webhook {
    /// Flowglad's id.
    pub id: WebhookId,
    /// Its name in the dashboard.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// Where events are posted.
    pub url: String,
    /// The events that are posted.
    #[serde(default, deserialize_with = "null_as_default")]
    pub filter_types: Vec<WebhookEventType>,
    /// Whether events are posted now.
    #[serde(default, deserialize_with = "null_as_default")]
    pub active: bool,
    /// The organization that sells.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The pricing model that it belongs to.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
    /// Whether it belongs to live mode, where real money moves.
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

/// A webhook that was created. It is not written as JSON again, so that its secret does not get where nobody expects it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CreatedWebhook {
    /// The webhook.
    pub webhook: Webhook,
    /// With which every post is signed (`whsec_…`). It is told only here: store it.
    pub secret: Secret,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[non_exhaustive]
pub enum WebhookEventType {
    /// A customer was created.
    #[serde(rename = "customer.created")]
    CustomerCreated,
    /// A customer was changed. The API takes it, but posts none.
    #[serde(rename = "customer.updated")]
    CustomerUpdated,
    /// Something was bought.
    #[serde(rename = "purchase.completed")]
    PurchaseCompleted,
    /// A payment was given up.
    #[serde(rename = "payment.failed")]
    PaymentFailed,
    /// A payment came through.
    #[serde(rename = "payment.succeeded")]
    PaymentSucceeded,
    /// A subscription began.
    #[serde(rename = "subscription.created")]
    SubscriptionCreated,
    /// A subscription was changed. The API takes it, but posts none.
    #[serde(rename = "subscription.updated")]
    SubscriptionUpdated,
    /// A subscription ended.
    #[serde(rename = "subscription.canceled")]
    SubscriptionCanceled,
    /// There is something to synchronize. The API takes it, but posts none.
    #[serde(rename = "sync.events_available")]
    SyncEventsAvailable,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
