//! Seats and the like: who holds how much of what a subscription has.

use std::{num::NonZeroU64, str::FromStr};

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    Answer, CustomerScope, Error, InvalidInput, Metadata,
    api::resource_claims,
    model::{
        Claimed, Released, ResourceClaim, ResourceClaimId, ResourceId, ResourceUsage, ResourceUsageWithClaims,
        SubscriptionId,
    },
};

/// The app's own id of who holds a claim: 1 to 255 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

/// A claim to give back.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewRelease {
    /// The resource.
    pub resource_slug: String,
    /// What to give back.
    #[serde(flatten)]
    pub target: ReleaseTarget,
}

impl NewClaim {
    /// Without metadata.
    #[must_use]
    pub fn new(resource_slug: impl Into<String>, target: ClaimTarget) -> Self {
        Self { resource_slug: resource_slug.into(), target, metadata: None }
    }
}

impl NewRelease {
    /// So much of a resource.
    #[must_use]
    pub fn new(resource_slug: impl Into<String>, target: ReleaseTarget) -> Self {
        Self { resource_slug: resource_slug.into(), target }
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
        let reply = self.flowglad.resource_claims().usages(&subscription.id, &[]).await?;
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
        self.flowglad.resource_claims().usage(&subscription.id, resource).await
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
        self.flowglad.resource_claims().claims(&subscription.id, resource_slug).await
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
    /// println!("{} left", me.claim_resource(&NewClaim::new("seats", target), None).await?.usage.available);
    /// # Ok(()) }
    /// ```
    pub async fn claim_resource(
        &self,
        claim: &NewClaim,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Answer<Claimed>, Error> {
        let subscription = self.owned_or_only_current(subscription).await?;
        self.flowglad.resource_claims().claim(&subscription.id, claim).await
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
    /// me.release_resource(&NewRelease::new("seats", target), None).await?;
    /// # Ok(()) }
    /// ```
    pub async fn release_resource(
        &self,
        release: &NewRelease,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Answer<Released>, Error> {
        let subscription = self.owned_or_only_current(subscription).await?;
        self.flowglad.resource_claims().release(&subscription.id, release).await
    }
}
