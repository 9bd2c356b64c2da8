//! `/resource-claims`: who holds which seats.

use serde::{Deserialize, Serialize};

use crate::{
    ClaimTarget, Metadata, ReleaseTarget,
    client::endpoint::{Endpoint, Resend},
    model::{Claimed, Released, ResourceClaim, ResourceUsageWithClaims},
};

/// What is taken of every resource of a subscription.
pub(crate) const USAGES: Endpoint<(), Vec<ResourceUsageWithClaims>> =
    Endpoint::get("resource_claims.usages", "/resource-claims/{subscriptionId}/usages");

/// What is taken of one resource.
pub(crate) const USAGE: Endpoint<(), ResourceUsageWithClaims> =
    Endpoint::get("resource_claims.usage", "/resource-claims/{subscriptionId}/usage");

/// Who holds what.
pub(crate) const CLAIMS: Endpoint<(), ResourceClaims> =
    Endpoint::get("resource_claims.claims", "/resource-claims/{subscriptionId}/claims");

/// Anonymous claims: a second send takes a second seat.
pub(crate) const CLAIM: Endpoint<Claim<'_>, Claimed> =
    Endpoint::post("resource_claims.claim", "/resource-claims/{subscriptionId}/claim");

/// Claims by the app's own ids, which the API makes once however often it is asked.
pub(crate) const CLAIM_NAMED: Endpoint<Claim<'_>, Claimed> =
    Endpoint::post("resource_claims.claim", "/resource-claims/{subscriptionId}/claim").resend(Resend::Always);

/// A second send gives another anonymous seat back, and fails for a named one.
pub(crate) const RELEASE: Endpoint<Release<'_>, Released> =
    Endpoint::post("resource_claims.release", "/resource-claims/{subscriptionId}/release");

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Claim<'a> {
    pub(crate) resource_slug: &'a str,
    #[serde(flatten)]
    pub(crate) target: &'a ClaimTarget,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) metadata: Option<&'a Metadata>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Release<'a> {
    pub(crate) resource_slug: &'a str,
    #[serde(flatten)]
    pub(crate) target: &'a ReleaseTarget,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ResourceClaims {
    pub(crate) claims: Vec<ResourceClaim>,
}
