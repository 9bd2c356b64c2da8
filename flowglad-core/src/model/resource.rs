//! Resources: seats and the like, of which a subscription holds so many and its users claim some.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    OrganizationId, PricingModelId, ResourceClaimId, ResourceId, SubscriptionId, Timestamp, null_as_default,
};

/// Something that is held in numbers, for example seats.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Resource {
    /// Flowglad's id.
    pub id: ResourceId,
    /// The name that code asks for.
    pub slug: String,
    /// The name that people see.
    pub name: String,
    /// Whether it can be granted and claimed.
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

/// How much of a resource is taken.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceUsage {
    /// The name that code asks for.
    pub resource_slug: String,
    /// Flowglad's id of the resource.
    pub resource_id: ResourceId,
    /// How much the subscription holds.
    pub capacity: i64,
    /// How much is claimed.
    pub claimed: i64,
    /// How much is left. Negative after a move to a smaller plan.
    pub available: i64,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// How much of a resource is taken, and by whom.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceUsageWithClaims {
    /// How much is taken.
    pub usage: ResourceUsage,
    /// The claims in force.
    #[serde(default, deserialize_with = "null_as_default")]
    pub claims: Vec<ResourceClaim>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What was claimed, and how much is taken now.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ClaimResult {
    /// The claims that were asked for: new ones, or those that were in force already.
    pub claims: Vec<ResourceClaim>,
    /// How much is taken now.
    pub usage: ResourceUsage,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What was given back, and how much is taken now.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReleaseResult {
    /// The claims that ended.
    pub released_claims: Vec<ResourceClaim>,
    /// How much is taken now.
    pub usage: ResourceUsage,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One seat, or one of whatever the resource is, taken by somebody.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceClaim {
    /// Flowglad's id.
    pub id: ResourceClaimId,
    /// The resource.
    pub resource_id: ResourceId,
    /// The subscription that holds it.
    pub subscription_id: SubscriptionId,
    /// The app's own id of who claimed it. `None` for anonymous claims.
    #[serde(default)]
    pub external_id: Option<String>,
    /// When it was claimed.
    #[serde(default)]
    pub claimed_at: Option<Timestamp>,
    /// When it was given back.
    #[serde(default)]
    pub released_at: Option<Timestamp>,
    /// Why it was given back.
    #[serde(default)]
    pub release_reason: Option<String>,
    /// When it ends by itself, if a cancellation or a move to a smaller plan is planned.
    #[serde(default)]
    pub expired_at: Option<Timestamp>,
    /// What the app attached.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
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
