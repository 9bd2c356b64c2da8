//! Features: what products grant, and what a subscription has of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    FeatureId, OrganizationId, PricingModelId, ProductFeatureId, ProductId, ResourceId, SubscriptionItemFeatureId,
    SubscriptionItemId, Timestamp, UsageMeterId, null_as_default,
};

/// A feature as a product offers it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Feature {
    /// Flowglad's id.
    pub id: FeatureId,
    /// The name that code asks for.
    pub slug: String,
    /// The name that people see.
    pub name: String,
    /// A sentence for people.
    #[serde(default)]
    pub description: Option<String>,
    /// What sort of feature it is.
    #[serde(rename = "type")]
    pub kind: FeatureKind,
    /// Credits or capacity granted. `None` for toggles.
    #[serde(default)]
    pub amount: Option<i64>,
    /// The meter that credits go to.
    #[serde(default)]
    pub usage_meter_id: Option<UsageMeterId>,
    /// How often credits are granted.
    #[serde(default)]
    pub renewal_frequency: Option<RenewalFrequency>,
    /// The resource that capacity is of.
    #[serde(default)]
    pub resource_id: Option<ResourceId>,
    /// Whether it can be granted.
    #[serde(default)]
    pub active: Option<bool>,
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

/// That a product grants a feature.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ProductFeature {
    /// Flowglad's id.
    pub id: ProductFeatureId,
    /// The product.
    pub product_id: ProductId,
    /// The feature.
    pub feature_id: FeatureId,
    /// When the product stopped granting it.
    #[serde(default)]
    pub expired_at: Option<Timestamp>,
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

/// What ending a product's feature led to.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ExpiredProductFeature {
    /// Whether it has ended.
    pub success: bool,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A feature as a subscription grants it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SubscriptionItemFeature {
    /// Flowglad's id of this grant.
    pub id: SubscriptionItemFeatureId,
    /// Whether it belongs to live mode.
    #[serde(default, deserialize_with = "null_as_default")]
    pub livemode: bool,
    /// The name that code asks for.
    pub slug: String,
    /// The name that people see.
    pub name: String,
    /// What sort of feature it is.
    #[serde(rename = "type")]
    pub kind: FeatureKind,
    /// Credits or capacity granted. `None` for toggles.
    #[serde(default)]
    pub amount: Option<i64>,
    /// The meter that credits go to.
    #[serde(default)]
    pub usage_meter_id: Option<UsageMeterId>,
    /// How often credits are granted.
    #[serde(default)]
    pub renewal_frequency: Option<RenewalFrequency>,
    /// The resource that capacity is of.
    #[serde(default)]
    pub resource_id: Option<ResourceId>,
    /// The part of the subscription that grants it.
    #[serde(default)]
    pub subscription_item_id: Option<SubscriptionItemId>,
    /// The feature that is granted.
    #[serde(default)]
    pub feature_id: Option<FeatureId>,
    /// The product's promise that led to it. `None` for a feature given by hand.
    #[serde(default)]
    pub product_feature_id: Option<ProductFeatureId>,
    /// When it ended, or will end.
    #[serde(default)]
    pub expired_at: Option<Timestamp>,
    /// When it stopped following its product.
    #[serde(default)]
    pub detached_at: Option<Timestamp>,
    /// Why it stopped following its product.
    #[serde(default)]
    pub detached_reason: Option<String>,
    /// Whether it was given by hand.
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

/// What sort of feature it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FeatureKind {
    /// On or off.
    Toggle,
    /// Grants credits on a usage meter.
    UsageCreditGrant,
    /// Grants capacity, for example seats.
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
    /// With the first payment; they never expire.
    Once,
    /// With every paid period; they expire with it.
    EveryBillingPeriod,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
