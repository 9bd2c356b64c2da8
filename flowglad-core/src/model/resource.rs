//! Resources: seats and the like, of which a subscription holds so many and its users claim some.

use serde::Deserialize;

use super::{ResourceClaimId, ResourceId, SubscriptionId, Timestamp, null_as_default};

/// How much of a resource is taken.
#[derive(Clone, Debug, PartialEq, Deserialize)]
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
}

/// How much of a resource is taken, and by whom.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ResourceUsageWithClaims {
    /// How much is taken.
    pub usage: ResourceUsage,
    /// The claims in force.
    #[serde(default, deserialize_with = "null_as_default")]
    pub claims: Vec<ResourceClaim>,
}

/// What was claimed, and how much is taken now.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Claimed {
    /// The claims that were asked for: new ones, or those that were in force already.
    pub claims: Vec<ResourceClaim>,
    /// How much is taken now.
    pub usage: ResourceUsage,
}

/// What was given back, and how much is taken now.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Released {
    /// The claims that ended.
    pub released_claims: Vec<ResourceClaim>,
    /// How much is taken now.
    pub usage: ResourceUsage,
}

/// One seat, or one of whatever the resource is, taken by somebody.
#[derive(Clone, Debug, PartialEq, Deserialize)]
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
    /// When it ends by itself, if a cancellation or a move to a smaller plan is planned.
    #[serde(default)]
    pub expired_at: Option<Timestamp>,
}
