//! Resources of the customer's subscriptions, for example seats: their usage, and their claims.

use serde_json::value::RawValue;

use crate::{
    api::{NewClaim, NewRelease, ResourceRef, resource_claims::USAGES},
    client::json::{DecodeError, Response},
    customer::{CustomerScope, uncertain_change::claims_seen_in},
    error::Error,
    model::{ClaimResult, ReleaseResult, ResourceClaim, ResourceUsage, ResourceUsageWithClaims, SubscriptionId},
};

/// Calls about resources use the named subscription, or else the only current one. All of them can fail with
/// [`Error::NotFound`] or [`Error::Forbidden`] if the named subscription is not the customer's, and with
/// [`Error::NoCurrentSubscription`] or [`Error::AmbiguousSubscription`] if none is named and there is not exactly one
/// current subscription.
impl CustomerScope {
    /// Reads the usage of every resource (`GET /resource-claims/{subscriptionId}/usages`). Without a named
    /// subscription, the customer's only current one is used.
    ///
    /// # Errors
    /// [`Error::NotFound`] or [`Error::Forbidden`] if the named subscription is not the customer's;
    /// [`Error::NoCurrentSubscription`] or [`Error::AmbiguousSubscription`] if none is named and there is not exactly
    /// one current. Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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

    /// Reads the usage of one resource, with its active claims (`GET /resource-claims/{subscriptionId}/usage`).
    ///
    /// # Errors
    /// [`Error::Api`] with code `NOT_FOUND` if the plan has no such resource. Other errors are the same as for
    /// [`resource_usages`](Self::resource_usages).
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

    /// Reads the active claims of all resources or of one (`GET /resource-claims/{subscriptionId}/claims`).
    ///
    /// # Errors
    /// [`Error::NotFound`] or [`Error::Forbidden`] if the named subscription is not the customer's;
    /// [`Error::NoCurrentSubscription`] or [`Error::AmbiguousSubscription`] if none is named and there is not exactly
    /// one current. Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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

    /// Claims units of a resource, for example seats (`POST /resource-claims/{subscriptionId}/claim`). After it was
    /// sent, it is retried only if the claims have external ids, because Flowglad then finds the existing claims. If the
    /// response of such claims is lost, they are read once, and returned if all of them are there.
    ///
    /// # Errors
    /// [`Error::Api`] if not enough units are available. Other errors are the same as for
    /// [`resource_usages`](Self::resource_usages).
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
        let id = &self.owned_or_only_current(subscription).await?.id.clone();
        let Some(holders) = claim.target.holders() else {
            return self.flowglad.resource_claims().claim(id, claim).await;
        };
        let resource = &ResourceRef::Slug(claim.resource_slug.clone());
        self.change_or_look(
            |scope| async move { scope.flowglad.resource_claims().claim(id, claim).await },
            |scope| async move {
                claims_seen_in(&scope.flowglad.resource_claims().usage(id, resource).await?, holders)
            },
        )
        .await
    }

    /// Releases claimed units of a resource, for example seats (`POST /resource-claims/{subscriptionId}/release`). Not
    /// retried after it was sent.
    ///
    /// # Errors
    /// [`Error::Api`] if there is no such claim. Other errors are the same as for
    /// [`resource_usages`](Self::resource_usages).
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

/// The usages without their claims.
fn usages(response: &Response<Vec<ResourceUsageWithClaims>>) -> Result<Vec<Response<ResourceUsage>>, DecodeError> {
    let parts: Vec<&RawValue> = response.raw().decode_borrowed()?;
    let usage = |part: &RawValue| {
        let raw = response.raw().slice(part).field("usage")?;
        Ok(Response::new(raw.decode()?, raw))
    };
    parts.into_iter().map(usage).collect()
}
