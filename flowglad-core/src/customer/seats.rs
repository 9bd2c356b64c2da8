//! Seats and other resources: how many are free, and whether another plan would hold the claims.

use std::num::NonZeroU64;

use crate::{api::ResourceRef, billing::Freshness, customer::CustomerScope, error::Error};

/// How many units of a resource there are and how many are claimed, from [`CustomerScope::seats`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seats {
    /// The capacity of the subscription.
    pub total: i64,
    /// How many units are claimed.
    pub claimed: i64,
    /// How many units can be claimed. Negative after a change to a plan with fewer of them.
    pub free: i64,
}

/// A resource with more claims than another plan has units, from [`CustomerScope::claims_beyond`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimsBeyond {
    /// The slug of the resource.
    pub resource_slug: String,
    /// How many units are claimed.
    pub claimed: i64,
    /// How many units the other plan has.
    pub capacity: i64,
}

impl CustomerScope {
    /// Reads how many units of a resource, for example seats, are free
    /// (`GET /resource-claims/{subscriptionId}/usage`). The customer's only current subscription is used.
    ///
    /// `resource_slug` is the slug of the resource itself. A plan without the resource has none of it: all three numbers
    /// are zero, unless claims are left from an earlier plan.
    ///
    /// # Errors
    /// [`Error::NoCurrentSubscription`] or [`Error::AmbiguousSubscription`] if there is not exactly one current
    /// subscription. Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let seats = me.seats("seats").await?;
    /// println!("{} of {} seats are free", seats.free, seats.total);
    /// # Ok(()) }
    /// ```
    pub async fn seats(&self, resource_slug: &str) -> Result<Seats, Error> {
        let resource = ResourceRef::Slug(resource_slug.to_owned());
        match self.resource_usage(&resource, None).await {
            Ok(seats) => {
                let usage = &seats.usage;
                Ok(Seats { total: usage.capacity, claimed: usage.claimed, free: usage.available })
            }
            Err(error) if error.is_resource_not_on_plan() => Ok(Seats { total: 0, claimed: 0, free: 0 }),
            Err(error) => Err(error),
        }
    }

    /// Reads which claims another plan would not hold: the resources of which more is claimed than the product, at this
    /// quantity, has (`GET /resource-claims/{subscriptionId}/usages`, and the product's features from
    /// `GET /customers/{externalId}/billing`). Empty if the plan holds all claims.
    ///
    /// Ask before a change to a smaller plan. Flowglad refuses the change only if the plan has the resource, but too little
    /// of it; a plan without the resource it takes, and the claims stay.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the customer's pricing model has no such product; [`Error::NoCurrentSubscription`] or
    /// [`Error::AmbiguousSubscription`] if there is not exactly one current subscription. Errors common to
    /// [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// for seats in me.claims_beyond("starter", 1.try_into().expect("not zero")).await? {
    ///     println!("Remove {} of your {}.", seats.claimed - seats.capacity, seats.resource_slug);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn claims_beyond(&self, product_slug: &str, quantity: NonZeroU64) -> Result<Vec<ClaimsBeyond>, Error> {
        let billing = self.billing_with(Freshness::Live).await?;
        if billing.get_product(product_slug).is_none() {
            return Err(Error::not_found("product", product_slug));
        }
        let usages = self.resource_usages(None).await?;
        let beyond = usages.iter().filter_map(|usage| {
            let capacity = billing.capacity_with(product_slug, quantity.get(), &usage.resource_id)?;
            let (resource_slug, claimed) = (usage.resource_slug.clone(), usage.claimed);
            (claimed > capacity).then_some(ClaimsBeyond { resource_slug, claimed, capacity })
        });
        Ok(beyond.collect())
    }
}
