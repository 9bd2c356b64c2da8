//! `/resource-claims`: claims of resources, for example seats.

use std::{iter, num::NonZeroU64};

use serde::Serialize;

use crate::{
    api::resources::ResourceRef,
    client::{
        endpoint::{Changes, Endpoint},
        json::Response,
        transport::Call,
    },
    error::Error,
    flowglad::Flowglad,
    input::{ClaimExternalId, Metadata},
    model::{ClaimResult, ReleaseResult, ResourceClaim, ResourceClaimId, ResourceUsageWithClaims, SubscriptionId},
};

pub(crate) const USAGES: Endpoint<(), Vec<ResourceUsageWithClaims>> =
    Endpoint::get("resource_claims.usages", "/resource-claims/{subscriptionId}/usages");

pub(crate) const USAGE: Endpoint<(), ResourceUsageWithClaims> =
    Endpoint::get("resource_claims.usage", "/resource-claims/{subscriptionId}/usage");

pub(crate) const CLAIMS: Endpoint<(), Vec<ResourceClaim>> =
    Endpoint::get("resource_claims.claims", "/resource-claims/{subscriptionId}/claims").under("claims");

/// Not idempotent: the claims have no external id, so a retry would claim again.
pub(crate) const CLAIM: Endpoint<NewClaim, ClaimResult> =
    Endpoint::post("resource_claims.claim", "/resource-claims/{subscriptionId}/claim")
        .changes(Changes::SubscriptionInPath);

/// Idempotent: the API creates one claim per external id, so a retry returns the same claims.
pub(crate) const CLAIM_NAMED: Endpoint<NewClaim, ClaimResult> =
    Endpoint::post("resource_claims.claim", "/resource-claims/{subscriptionId}/claim")
        .idempotent()
        .changes(Changes::SubscriptionInPath);

/// Not idempotent: a retry would release another claim without an external id, and fails for one with an external id.
pub(crate) const RELEASE: Endpoint<NewRelease, ReleaseResult> =
    Endpoint::post("resource_claims.release", "/resource-claims/{subscriptionId}/release")
        .changes(Changes::SubscriptionInPath);

const RESOURCE_SLUG: &str = "resourceSlug";
const RESOURCE_ID: &str = "resourceId";
const RESOURCE_SLUGS: &str = "resourceSlugs";
const RESOURCE_IDS: &str = "resourceIds";

/// A claim to make.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewClaim {
    /// The slug of the resource.
    pub resource_slug: String,
    /// The holders, or the number of claims.
    #[serde(flatten)]
    pub target: ClaimTarget,
    /// The metadata to attach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
}

impl NewClaim {
    /// Sets the required fields; the claim has no metadata.
    #[must_use]
    pub fn new(resource_slug: impl Into<String>, target: ClaimTarget) -> Self {
        Self { resource_slug: resource_slug.into(), target, metadata: None }
    }
}

/// The holders of new claims. The API creates one claim per external id, also if the call is made again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ClaimTarget {
    /// This many anonymous claims, without a holder.
    Quantity(NonZeroU64),
    /// One claim for the holder with this external id.
    ExternalId(ClaimExternalId),
    /// One claim for each holder; if there is not enough left for all, the API creates none.
    ExternalIds(Vec<ClaimExternalId>),
}

impl ClaimTarget {
    /// The holders by whom the claims can be found again. `None` for anonymous claims.
    pub(crate) fn holders(&self) -> Option<&[ClaimExternalId]> {
        match self {
            Self::Quantity(_) => None,
            Self::ExternalId(holder) => Some(std::slice::from_ref(holder)),
            Self::ExternalIds(holders) => Some(holders),
        }
    }
}

/// A release of claims.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewRelease {
    /// The slug of the resource.
    pub resource_slug: String,
    /// The claims to release.
    #[serde(flatten)]
    pub target: ReleaseTarget,
}

impl NewRelease {
    /// Releases claims of the resource with this slug.
    #[must_use]
    pub fn new(resource_slug: impl Into<String>, target: ReleaseTarget) -> Self {
        Self { resource_slug: resource_slug.into(), target }
    }
}

/// The claims to release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ReleaseTarget {
    /// This many anonymous claims, the oldest first.
    Quantity(NonZeroU64),
    /// The claim of the holder with this external id.
    ExternalId(ClaimExternalId),
    /// The claims of all these holders; if one of them has none, the API releases none.
    ExternalIds(Vec<ClaimExternalId>),
    /// The claims with these ids.
    ClaimIds(Vec<ResourceClaimId>),
}

/// Operations on claims of a subscription's resources, for example seats (`/resource-claims`). Returned by
/// [`Flowglad::resource_claims`].
#[derive(Clone, Debug)]
pub struct ResourceClaims {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on claims of a subscription's resources, for example seats (`/resource-claims`).
    #[must_use]
    pub fn resource_claims(&self) -> ResourceClaims {
        ResourceClaims { flowglad: self.clone() }
    }
}

impl ResourceClaims {
    /// Reads the usage and the claims of the given resources of a subscription, or of all its resources if `resources`
    /// is empty (`GET /resource-claims/{subscriptionId}/usages`).
    ///
    /// The API reads a single value of this list parameter as text and refuses it, so a single value is written into
    /// the query twice.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// for seats in flowglad.resource_claims().usages(&"sub_1".parse()?, &[]).await?.iter() {
    ///     println!("{}: {} of {}", seats.usage.resource_slug, seats.usage.claimed, seats.usage.capacity);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn usages(
        &self,
        subscription: &SubscriptionId,
        resources: &[ResourceRef],
    ) -> Result<Response<Vec<ResourceUsageWithClaims>>, Error> {
        let (mut slugs, mut ids) = (Vec::new(), Vec::new());
        for resource in resources {
            match resource {
                ResourceRef::Slug(slug) => slugs.push(slug.as_str()),
                ResourceRef::Id(id) => ids.push(id.as_str()),
            }
        }
        let mut call = Call::id(subscription.as_str());
        for (name, named) in [(RESOURCE_SLUGS, slugs), (RESOURCE_IDS, ids)] {
            let times = if named.len() == 1 { 2 } else { 1 };
            call = iter::repeat_n(named, times).flatten().fold(call, |call, one| call.and_query(name, Some(one)));
        }
        self.flowglad.call(&USAGES, call).await
    }

    /// Reads the usage and the claims of one resource of a subscription
    /// (`GET /resource-claims/{subscriptionId}/usage`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is no such resource, or the plan does not include it.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::ResourceRef;
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let seats = ResourceRef::Slug("seats".into());
    /// println!("{} left", flowglad.resource_claims().usage(&"sub_1".parse()?, &seats).await?.usage.available);
    /// # Ok(()) }
    /// ```
    pub async fn usage(
        &self,
        subscription: &SubscriptionId,
        resource: &ResourceRef,
    ) -> Result<Response<ResourceUsageWithClaims>, Error> {
        let call = Call::id(subscription.as_str());
        let call = match resource {
            ResourceRef::Slug(slug) => call.and_query(RESOURCE_SLUG, Some(slug)),
            ResourceRef::Id(id) => call.and_query(RESOURCE_ID, Some(id.as_str())),
        };
        self.flowglad.call(&USAGE, call).await
    }

    /// Reads the active claims of a subscription, for all resources or for one
    /// (`GET /resource-claims/{subscriptionId}/claims`).
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} taken", flowglad.resource_claims().claims(&"sub_1".parse()?, Some("seats")).await?.len());
    /// # Ok(()) }
    /// ```
    pub async fn claims(
        &self,
        subscription: &SubscriptionId,
        resource_slug: Option<&str>,
    ) -> Result<Response<Vec<ResourceClaim>>, Error> {
        self.flowglad.call(&CLAIMS, Call::id(subscription.as_str()).and_query(RESOURCE_SLUG, resource_slug)).await
    }

    /// Claims capacity of a resource, for example seats (`POST /resource-claims/{subscriptionId}/claim`). Claims with
    /// external ids are retried; anonymous claims are not retried after they were sent.
    ///
    /// # Errors
    /// [`Error::Api`] (400) if there is not enough capacity left.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{ClaimTarget, NewClaim};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let claim = NewClaim::new("seats", ClaimTarget::ExternalId("member_1".parse()?));
    /// flowglad.resource_claims().claim(&"sub_1".parse()?, &claim).await?;
    /// # Ok(()) }
    /// ```
    pub async fn claim(&self, subscription: &SubscriptionId, claim: &NewClaim) -> Result<Response<ClaimResult>, Error> {
        let endpoint = if claim.target.holders().is_some() { CLAIM_NAMED } else { CLAIM };
        self.flowglad.call(&endpoint, Call::id(subscription.as_str()).and_body(claim)).await
    }

    /// Releases claims of a resource, for example seats (`POST /resource-claims/{subscriptionId}/release`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// The API answers 500, not 404, if there is no such claim.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{NewRelease, ReleaseTarget};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let release = NewRelease::new("seats", ReleaseTarget::ExternalId("member_1".parse()?));
    /// flowglad.resource_claims().release(&"sub_1".parse()?, &release).await?;
    /// # Ok(()) }
    /// ```
    pub async fn release(
        &self,
        subscription: &SubscriptionId,
        release: &NewRelease,
    ) -> Result<Response<ReleaseResult>, Error> {
        self.flowglad.call(&RELEASE, Call::id(subscription.as_str()).and_body(release)).await
    }
}
