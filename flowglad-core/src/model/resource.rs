//! Countable resources, for example seats, and their claims.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    OrganizationId, PricingModelId, ResourceClaimId, ResourceId, SubscriptionId, Timestamp, null_as_default,
};

/// A countable resource, for example seats.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Resource {
    /// Flowglad's id.
    pub id: ResourceId,
    /// The slug: the name used in code.
    pub slug: String,
    /// The display name.
    pub name: String,
    /// Whether it can be granted and claimed.
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

/// The usage of a resource.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceUsage {
    /// The slug: the name used in code.
    pub resource_slug: String,
    /// Flowglad's id of the resource.
    pub resource_id: ResourceId,
    /// The capacity of the subscription.
    pub capacity: i64,
    /// The number of active claims.
    pub claimed: i64,
    /// The capacity that is left. Negative after a change to a smaller plan.
    pub available: i64,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The usage of a resource with its claims.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceUsageWithClaims {
    /// The usage.
    pub usage: ResourceUsage,
    /// The active claims.
    #[serde(default, deserialize_with = "null_as_default")]
    pub claims: Vec<ResourceClaim>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The result of a claim.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ClaimResult {
    /// The requested claims: new ones, and those that were active already.
    pub claims: Vec<ResourceClaim>,
    /// The usage after the call.
    pub usage: ResourceUsage,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The result of a release.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ReleaseResult {
    /// The released claims.
    pub released_claims: Vec<ResourceClaim>,
    /// The usage after the call.
    pub usage: ResourceUsage,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A claim of one unit of a resource, for example one seat.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceClaim {
    /// Flowglad's id.
    pub id: ResourceClaimId,
    /// The id of the resource.
    pub resource_id: ResourceId,
    /// The subscription whose capacity it uses.
    pub subscription_id: SubscriptionId,
    /// The app's own id of the holder. `None` for anonymous claims.
    #[serde(default)]
    pub external_id: Option<String>,
    /// When it was claimed.
    #[serde(default)]
    pub claimed_at: Option<Timestamp>,
    /// When it was released.
    #[serde(default)]
    pub released_at: Option<Timestamp>,
    /// Why it was released.
    #[serde(default)]
    pub release_reason: Option<String>,
    /// When it expires, if a cancellation or a change to a smaller plan is scheduled.
    #[serde(default)]
    pub expired_at: Option<Timestamp>,
    /// The metadata that the app attached.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
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
