//! `/resource-claims`: who holds which seats.

use std::{iter, num::NonZeroU64};

use serde::Serialize;

use crate::{
    api::resources::ResourceRef,
    client::{endpoint::Endpoint, json::Response, transport::Call},
    error::Error,
    flowglad::Flowglad,
    input::{ClaimExternalId, Metadata},
    model::{ClaimResult, ReleaseResult, ResourceClaim, ResourceClaimId, ResourceUsageWithClaims, SubscriptionId},
};

/// What is taken of every resource of a subscription.
pub(crate) const USAGES: Endpoint<(), Vec<ResourceUsageWithClaims>> =
    Endpoint::get("resource_claims.usages", "/resource-claims/{subscriptionId}/usages");

/// What is taken of one resource.
pub(crate) const USAGE: Endpoint<(), ResourceUsageWithClaims> =
    Endpoint::get("resource_claims.usage", "/resource-claims/{subscriptionId}/usage");

/// Who holds what.
pub(crate) const CLAIMS: Endpoint<(), Vec<ResourceClaim>> =
    Endpoint::get("resource_claims.claims", "/resource-claims/{subscriptionId}/claims").under("claims");

/// Anonymous claims: a second send takes a second seat.
pub(crate) const CLAIM: Endpoint<NewClaim, ClaimResult> =
    Endpoint::post("resource_claims.claim", "/resource-claims/{subscriptionId}/claim");

/// Claims by the app's own ids, which the API makes once however often it is asked.
pub(crate) const CLAIM_NAMED: Endpoint<NewClaim, ClaimResult> =
    Endpoint::post("resource_claims.claim", "/resource-claims/{subscriptionId}/claim").idempotent();

/// A second send gives another anonymous seat back, and fails for a named one.
pub(crate) const RELEASE: Endpoint<NewRelease, ReleaseResult> =
    Endpoint::post("resource_claims.release", "/resource-claims/{subscriptionId}/release");

const RESOURCE_SLUG: &str = "resourceSlug";
const RESOURCE_ID: &str = "resourceId";
const RESOURCE_SLUGS: &str = "resourceSlugs";
const RESOURCE_IDS: &str = "resourceIds";

/// A claim to make.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewClaim {
    /// The resource.
    pub resource_slug: String,
    /// For whom.
    #[serde(flatten)]
    pub target: ClaimTarget,
    /// What to attach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
}

impl NewClaim {
    /// Without metadata.
    #[must_use]
    pub fn new(resource_slug: impl Into<String>, target: ClaimTarget) -> Self {
        Self { resource_slug: resource_slug.into(), target, metadata: None }
    }
}

/// For whom something is claimed. Claims with the app's own ids are made once however often they are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ClaimTarget {
    /// So many, for nobody in particular.
    Quantity(NonZeroU64),
    /// One, for this holder.
    ExternalId(ClaimExternalId),
    /// One for each of these holders, or none at all.
    ExternalIds(Vec<ClaimExternalId>),
}

/// A claim to give back.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewRelease {
    /// The resource.
    pub resource_slug: String,
    /// What to give back.
    #[serde(flatten)]
    pub target: ReleaseTarget,
}

impl NewRelease {
    /// So much of a resource.
    #[must_use]
    pub fn new(resource_slug: impl Into<String>, target: ReleaseTarget) -> Self {
        Self { resource_slug: resource_slug.into(), target }
    }
}

/// What is given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ReleaseTarget {
    /// So many anonymous claims, the oldest first.
    Quantity(NonZeroU64),
    /// This holder's.
    ExternalId(ClaimExternalId),
    /// All of these holders', or none at all.
    ExternalIds(Vec<ClaimExternalId>),
    /// These claims.
    ClaimIds(Vec<ResourceClaimId>),
}

/// Who holds which seats and the like of a subscription (`/resource-claims`). Made by [`Flowglad::resource_claims`].
#[derive(Clone, Debug)]
pub struct ResourceClaims {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Who holds which seats and the like of a subscription (`/resource-claims`).
    #[must_use]
    pub fn resource_claims(&self) -> ResourceClaims {
        ResourceClaims { flowglad: self.clone() }
    }
}

impl ResourceClaims {
    /// How much is taken of some resources of a subscription, or of all if none is named, and by whom
    /// (`GET /resource-claims/{subscriptionId}/usages`).
    ///
    /// The API takes a single name of this list for text and refuses it, so one is sent twice.
    ///
    /// # Errors
    /// As every call.
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

    /// How much is taken of one resource of a subscription, and by whom
    /// (`GET /resource-claims/{subscriptionId}/usage`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is no such resource, or the plan has none of it; else as every call.
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

    /// The claims in force of a subscription, of all resources or of one
    /// (`GET /resource-claims/{subscriptionId}/claims`).
    ///
    /// # Errors
    /// As every call.
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

    /// Claims seats and the like (`POST /resource-claims/{subscriptionId}/claim`). A lost answer is asked for again only
    /// for claims with the app's own ids.
    ///
    /// # Errors
    /// [`Error::Api`] (400) if there is not enough left; else as every call.
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
        let endpoint = match claim.target {
            ClaimTarget::Quantity(_) => CLAIM,
            ClaimTarget::ExternalId(_) | ClaimTarget::ExternalIds(_) => CLAIM_NAMED,
        };
        self.flowglad.call(&endpoint, Call::id(subscription.as_str()).and_body(claim)).await
    }

    /// Gives seats and the like back (`POST /resource-claims/{subscriptionId}/release`). Never sent twice.
    ///
    /// # Errors
    /// No such claim is a 500 of the API, not a 404; else as every call.
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
