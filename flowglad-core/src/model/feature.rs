//! Features, as products and subscription items grant them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    FeatureId, OrganizationId, PricingModelId, ProductFeatureId, ProductId, ResourceId, SubscriptionItemFeatureId,
    SubscriptionItemId, Timestamp, UsageMeterId, null_as_default,
};

/// A feature that products can grant.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Feature {
    /// Flowglad's id.
    pub id: FeatureId,
    /// The slug: the name used in code.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// A description for display.
    #[serde(default)]
    pub description: Option<String>,
    /// The kind of feature.
    #[serde(rename = "type")]
    pub kind: FeatureKind,
    /// The amount of credits or capacity. `None` for toggles.
    #[serde(default)]
    pub amount: Option<i64>,
    /// The usage meter that receives the credits.
    #[serde(default)]
    pub usage_meter_id: Option<UsageMeterId>,
    /// How often credits are granted.
    #[serde(default)]
    pub renewal_frequency: Option<RenewalFrequency>,
    /// The resource whose capacity is granted.
    #[serde(default)]
    pub resource_id: Option<ResourceId>,
    /// Whether products can grant it.
    #[serde(default)]
    pub active: Option<bool>,
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

/// A feature attached to a product.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductFeature {
    /// Flowglad's id.
    pub id: ProductFeatureId,
    /// The id of the product.
    pub product_id: ProductId,
    /// The id of the feature.
    pub feature_id: FeatureId,
    /// When the product stopped granting it.
    #[serde(default)]
    pub expired_at: Option<Timestamp>,
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

/// The result of expiring a product feature.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ExpiredProductFeature {
    /// Whether the product feature was expired.
    pub success: bool,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A feature that a subscription item grants.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SubscriptionItemFeature {
    /// Flowglad's id of this grant.
    pub id: SubscriptionItemFeatureId,
    /// `true` in live mode (real payments), `false` in test mode.
    #[serde(default, deserialize_with = "null_as_default")]
    pub livemode: bool,
    /// The slug: the name used in code.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// The kind of feature.
    #[serde(rename = "type")]
    pub kind: FeatureKind,
    /// The amount of credits or capacity. `None` for toggles.
    #[serde(default)]
    pub amount: Option<i64>,
    /// The usage meter that receives the credits.
    #[serde(default)]
    pub usage_meter_id: Option<UsageMeterId>,
    /// How often credits are granted.
    #[serde(default)]
    pub renewal_frequency: Option<RenewalFrequency>,
    /// The resource whose capacity is granted.
    #[serde(default)]
    pub resource_id: Option<ResourceId>,
    /// The subscription item that grants it.
    #[serde(default)]
    pub subscription_item_id: Option<SubscriptionItemId>,
    /// The feature that is granted.
    #[serde(default)]
    pub feature_id: Option<FeatureId>,
    /// The product feature that it comes from. `None` for a manually granted feature.
    #[serde(default)]
    pub product_feature_id: Option<ProductFeatureId>,
    /// When it expired or will expire.
    #[serde(default)]
    pub expired_at: Option<Timestamp>,
    /// When it was detached from its product feature.
    #[serde(default)]
    pub detached_at: Option<Timestamp>,
    /// Why it was detached from its product feature.
    #[serde(default)]
    pub detached_reason: Option<String>,
    /// Whether it was granted manually.
    #[serde(default)]
    pub manually_created: Option<bool>,
    /// The pricing model that it belongs to.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
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

/// The kind of feature.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FeatureKind {
    /// On or off.
    Toggle,
    /// Credits on a usage meter.
    UsageCreditGrant,
    /// Capacity of a resource, for example seats.
    Resource,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// How often a feature grants its credits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RenewalFrequency {
    /// Once, with the first payment; the credits do not expire.
    Once,
    /// Every billing period; the credits expire at its end.
    EveryBillingPeriod,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
