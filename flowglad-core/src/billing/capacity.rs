//! Capacities of resources, for example seats: what a plan grants, and whether another plan would hold the claims.

use crate::{
    billing::view::Billing,
    model::{Feature, FeatureKind, ResourceId, ResourceUsage, Subscription},
};

impl Billing {
    /// How many units of a resource, for example seats, the first current subscription grants (the sum of `amount` of its
    /// features of the type `resource`). Billing does not list claims: [`CustomerScope::seats`](crate::CustomerScope::seats)
    /// reads them.
    ///
    /// `feature_slug` is the slug of any feature that grants the resource, for example `pro_seats`, on this plan or on
    /// another one: billing does not name resources. `None` if there is no such feature.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// println!("{} seats", me.billing().await?.capacity("pro_seats").unwrap_or(0));
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn capacity(&self, feature_slug: &str) -> Option<i64> {
        let resource = self.resource_of(feature_slug)?;
        let granted = self.first_current().map(Subscription::feature_items).unwrap_or_default();
        let amounts = granted
            .iter()
            .filter(|feature| feature.kind == FeatureKind::Resource)
            .filter_map(|feature| feature.amount.filter(|_| feature.resource_id.as_ref() == Some(resource)));
        Some(amounts.fold(0, i64::saturating_add))
    }

    /// How many units of a resource the product would grant at this quantity: `amount` of the last of its features for the
    /// resource, times the quantity. Zero if it has none. `None` if the pricing model has no such product.
    pub(crate) fn capacity_with(&self, product_slug: &str, quantity: u64, resource: &ResourceId) -> Option<i64> {
        let product = self.get_product(product_slug)?;
        let grants = product.features.iter().filter(|feature| feature.resource_id.as_ref() == Some(resource));
        let newest = grants.max_by_key(|feature| feature.created_at);
        let amount = newest.and_then(|feature| feature.amount).unwrap_or_default();
        Some(amount.saturating_mul(i64::try_from(quantity).unwrap_or(i64::MAX)))
    }

    /// Whether the product, at this quantity, would hold the claims of a resource. `usage` is what
    /// [`resource_usages`](crate::CustomerScope::resource_usages) returns.
    ///
    /// A product without the resource holds no claims. Flowglad does not refuse a change to such a plan: the claims stay,
    /// and more is then claimed than there is. `false` also if the pricing model has no such product.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let billing = me.billing().await?;
    /// for usage in me.resource_usages(None).await? {
    ///     println!("{}: {}", usage.resource_slug, billing.would_hold("starter", 1, &usage));
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn would_hold(&self, product_slug: &str, quantity: u64, usage: &ResourceUsage) -> bool {
        let capacity = self.capacity_with(product_slug, quantity, &usage.resource_id);
        capacity.is_some_and(|capacity| capacity >= usage.claimed)
    }

    /// Whether the pricing model or the customer's subscriptions have this feature, of whatever type.
    pub(crate) fn knows_feature(&self, slug: &str) -> bool {
        self.features().any(|feature| feature.slug == slug)
            || self
                .current_subscriptions()
                .iter()
                .any(|one| one.feature_items().iter().any(|feature| feature.slug == slug))
    }

    fn resource_of(&self, feature_slug: &str) -> Option<&ResourceId> {
        let granted = self.first_current().map(Subscription::feature_items).unwrap_or_default();
        let granted = granted
            .iter()
            .filter(|feature| feature.slug == feature_slug)
            .filter_map(|feature| feature.resource_id.as_ref());
        let sold = self
            .features()
            .filter(|feature| feature.slug == feature_slug)
            .filter_map(|feature| feature.resource_id.as_ref());
        granted.chain(sold).next()
    }

    fn features(&self) -> impl Iterator<Item = &Feature> {
        self.products().flat_map(|product| &product.features)
    }
}
