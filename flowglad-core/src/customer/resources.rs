//! Seats and the like: who holds how much of what a subscription has.

use std::{num::NonZeroU64, str::FromStr};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    Answer, CustomerScope, Error, InvalidInput, Metadata,
    api::resource_claims::{self, Claim, Release},
    client::transport::Call,
    model::{
        Claimed, Released, ResourceClaim, ResourceClaimId, ResourceId, ResourceUsage, ResourceUsageWithClaims,
        SubscriptionId,
    },
};

/// The app's own id of who holds a claim: 1 to 255 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ClaimExternalId(String);

impl FromStr for ClaimExternalId {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        match text.chars().count() {
            1..=255 => Ok(Self(text.to_owned())),
            _ => Err(InvalidInput::new("external id", "must be 1 to 255 characters long")),
        }
    }
}

/// A resource by its slug or its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceRef {
    /// The name that code asks for.
    Slug(String),
    /// Flowglad's id.
    Id(ResourceId),
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

/// A claim to make.
#[derive(Clone, Debug, PartialEq)]
pub struct NewClaim {
    /// The resource.
    pub resource_slug: String,
    /// For whom.
    pub target: ClaimTarget,
    /// What to attach.
    pub metadata: Option<Metadata>,
    /// The subscription that holds the resource. Default: the customer's only current one.
    pub subscription_id: Option<SubscriptionId>,
}

/// A claim to give back.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRelease {
    /// The resource.
    pub resource_slug: String,
    /// What to give back.
    pub target: ReleaseTarget,
    /// The subscription that holds the resource. Default: the customer's only current one.
    pub subscription_id: Option<SubscriptionId>,
}

impl NewClaim {
    /// Of the only current subscription, without metadata.
    #[must_use]
    pub fn new(resource_slug: impl Into<String>, target: ClaimTarget) -> Self {
        Self { resource_slug: resource_slug.into(), target, metadata: None, subscription_id: None }
    }
}

impl NewRelease {
    /// Of the only current subscription.
    #[must_use]
    pub fn new(resource_slug: impl Into<String>, target: ReleaseTarget) -> Self {
        Self { resource_slug: resource_slug.into(), target, subscription_id: None }
    }
}

/// In all of these, without a named subscription the customer must have exactly one current one; a named one must be the
/// customer's. Else [`Error::NoCurrentSubscription`], [`Error::AmbiguousSubscription`], [`Error::NotFound`] or
/// [`Error::Forbidden`].
impl CustomerScope {
    /// How much of every resource is taken (`GET /resource-claims/{subscriptionId}/usages`).
    ///
    /// # Errors
    /// As all calls about resources.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// for resource in me.resource_usages(None).await? {
    ///     println!("{}: {} of {}", resource.resource_slug, resource.claimed, resource.capacity);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn resource_usages(
        &self,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Vec<Answer<ResourceUsage>>, Error> {
        let operation = resource_claims::USAGES.route().operation;
        let subscription = self.owned_or_only_current(subscription).await?;
        let reply = self.call(&resource_claims::USAGES, Call::id(subscription.id.as_str())).await?;
        let parts: Vec<&RawValue> = reply.raw().decode_borrowed(operation)?;
        let usage = |part: &RawValue| {
            let raw = reply.raw().slice(part).field(operation, "usage")?;
            Ok(Answer::new(raw.decode(operation)?, raw))
        };
        parts.into_iter().map(usage).collect()
    }

    /// How much of one resource is taken, and by whom (`GET /resource-claims/{subscriptionId}/usage`).
    ///
    /// # Errors
    /// As all calls about resources; [`Error::Api`] with code `NOT_FOUND` if the plan has no such resource.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::ResourceRef;
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let seats = me.resource_usage(&ResourceRef::Slug("seats".into()), None).await?;
    /// println!("{} left", seats.usage.available);
    /// # Ok(()) }
    /// ```
    pub async fn resource_usage(
        &self,
        resource: &ResourceRef,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Answer<ResourceUsageWithClaims>, Error> {
        let subscription = self.owned_or_only_current(subscription).await?;
        let query = match resource {
            ResourceRef::Slug(slug) => ("resourceSlug", slug.as_str()),
            ResourceRef::Id(id) => ("resourceId", id.as_str()),
        };
        self.call(&resource_claims::USAGE, Call::id(subscription.id.as_str()).and_query(Some(query))).await
    }

    /// The claims in force, of all resources or of one (`GET /resource-claims/{subscriptionId}/claims`).
    ///
    /// # Errors
    /// As all calls about resources.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let holders = me.resource_claims(Some("seats"), None).await?.len();
    /// # Ok(()) }
    /// ```
    pub async fn resource_claims(
        &self,
        resource_slug: Option<&str>,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Answer<Vec<ResourceClaim>>, Error> {
        let subscription = self.owned_or_only_current(subscription).await?;
        let query = resource_slug.map(|slug| ("resourceSlug", slug));
        let call = Call::id(subscription.id.as_str()).and_query(query);
        let reply = self.call(&resource_claims::CLAIMS, call).await?;
        reply.part(resource_claims::CLAIMS.route().operation, "claims", |reply| reply.claims)
    }

    /// Claims seats and the like (`POST /resource-claims/{subscriptionId}/claim`). A lost answer is asked for again only
    /// for claims with the app's own ids.
    ///
    /// # Errors
    /// As all calls about resources; [`Error::Api`] if there is not enough left.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{ClaimTarget, NewClaim};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// let target = ClaimTarget::ExternalId("member_1".parse()?);
    /// println!("{} left", me.claim_resource(&NewClaim::new("seats", target)).await?.usage.available);
    /// # Ok(()) }
    /// ```
    pub async fn claim_resource(&self, claim: &NewClaim) -> Result<Answer<Claimed>, Error> {
        let subscription = self.owned_or_only_current(claim.subscription_id.as_ref()).await?;
        let NewClaim { resource_slug, target, metadata, .. } = claim;
        let body = Claim { resource_slug, target, metadata: metadata.as_ref() };
        let endpoint = match target {
            ClaimTarget::Quantity(_) => resource_claims::CLAIM,
            ClaimTarget::ExternalId(_) | ClaimTarget::ExternalIds(_) => resource_claims::CLAIM_NAMED,
        };
        self.call(&endpoint, Call::id(subscription.id.as_str()).and_body(&body)).await
    }

    /// Gives seats and the like back (`POST /resource-claims/{subscriptionId}/release`). Never sent twice.
    ///
    /// # Errors
    /// As all calls about resources; [`Error::Api`] if there is no such claim.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{NewRelease, ReleaseTarget};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// let target = ReleaseTarget::ExternalId("member_1".parse()?);
    /// me.release_resource(&NewRelease::new("seats", target)).await?;
    /// # Ok(()) }
    /// ```
    pub async fn release_resource(&self, release: &NewRelease) -> Result<Answer<Released>, Error> {
        let subscription = self.owned_or_only_current(release.subscription_id.as_ref()).await?;
        let body = Release { resource_slug: &release.resource_slug, target: &release.target };
        self.call(&resource_claims::RELEASE, Call::id(subscription.id.as_str()).and_body(&body)).await
    }
}
