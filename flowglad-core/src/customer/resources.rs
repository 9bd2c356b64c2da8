//! Seats and the like: who holds how much of what a subscription has.

use serde_json::value::RawValue;

use crate::{
    api::{NewClaim, NewRelease, ResourceRef, resource_claims::USAGES},
    client::json::{DecodeError, Response},
    customer::CustomerScope,
    error::Error,
    model::{ClaimResult, ReleaseResult, ResourceClaim, ResourceUsage, ResourceUsageWithClaims, SubscriptionId},
};

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
    ) -> Result<Vec<Response<ResourceUsage>>, Error> {
        let subscription = self.owned_or_only_current(subscription).await?;
        let response = self.flowglad.resource_claims().usages(&subscription.id, &[]).await?;
        usages(&response).map_err(|error| error.into_error(&USAGES.route(), None))
    }

    /// How much of one resource is taken, and by whom (`GET /resource-claims/{subscriptionId}/usage`).
    ///
    /// # Errors
    /// As all calls about resources; [`Error::Api`] with code `NOT_FOUND` if the plan has no such resource.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::ResourceRef;
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let seats = me.resource_usage(&ResourceRef::Slug("seats".into()), None).await?;
    /// println!("{} left", seats.usage.available);
    /// # Ok(()) }
    /// ```
    pub async fn resource_usage(
        &self,
        resource: &ResourceRef,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Response<ResourceUsageWithClaims>, Error> {
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
    ) -> Result<Response<Vec<ResourceClaim>>, Error> {
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
    /// use flowglad_core::api::{ClaimTarget, NewClaim};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// let target = ClaimTarget::ExternalId("member_1".parse()?);
    /// println!("{} left", me.claim_resource(&NewClaim::new("seats", target), None).await?.usage.available);
    /// # Ok(()) }
    /// ```
    pub async fn claim_resource(
        &self,
        claim: &NewClaim,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Response<ClaimResult>, Error> {
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
    /// use flowglad_core::api::{NewRelease, ReleaseTarget};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// let target = ReleaseTarget::ExternalId("member_1".parse()?);
    /// me.release_resource(&NewRelease::new("seats", target), None).await?;
    /// # Ok(()) }
    /// ```
    pub async fn release_resource(
        &self,
        release: &NewRelease,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Response<ReleaseResult>, Error> {
        let subscription = self.owned_or_only_current(subscription).await?;
        self.flowglad.resource_claims().release(&subscription.id, release).await
    }
}

/// The usages without the claims beside them.
fn usages(response: &Response<Vec<ResourceUsageWithClaims>>) -> Result<Vec<Response<ResourceUsage>>, DecodeError> {
    let parts: Vec<&RawValue> = response.raw().decode_borrowed()?;
    let usage = |part: &RawValue| {
        let raw = response.raw().slice(part).field("usage")?;
        Ok(Response::new(raw.decode()?, raw))
    };
    parts.into_iter().map(usage).collect()
}
