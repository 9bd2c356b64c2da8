//! Which plan a customer has, and how long.

use crate::{
    billing::view::Billing,
    model::{Price, Product, Subscription, SubscriptionItem, SubscriptionStatus, Timestamp},
};

/// The plan of a customer, from [`Billing::plan`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Plan<'a> {
    /// The first current subscription.
    pub subscription: &'a Subscription,
    /// The product. `None` if it is no longer sold: the pricing model lists active products only.
    pub product: Option<&'a Product>,
    /// The price; that of the most expensive item if there are several.
    pub price: Option<&'a Price>,
}

impl Billing {
    /// The plan that the customer has now: the first current subscription with its product and price (`priceId` of the
    /// subscription, looked up in its items and in the pricing model). `None` without a current subscription.
    ///
    /// Of several current subscriptions the first counts, as in [`check_feature_access`](Self::check_feature_access).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let billing = me.billing().await?;
    /// if let Some(plan) = billing.plan() {
    ///     println!("{:?} for {:?}", plan.product.map(|product| &product.name), plan.price.map(|price| price.money()));
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn plan(&self) -> Option<Plan<'_>> {
        let subscription = self.first_current()?;
        let price = self.price_of(subscription);
        let product_id = price.and_then(|price| price.product_id.as_ref());
        let product = self.products().find(|product| {
            Some(&product.id) == product_id
                || product.prices.iter().any(|price| subscription.price_id.as_ref() == Some(&price.id))
        });
        Some(Plan { subscription, product, price })
    }

    /// Whether the first current subscription is one that costs something, also while it is in a trial, past due or free of
    /// charge for this customer (`isFreePlan` is false, and not all items have a `unitPrice` of 0).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// if !me.billing().await?.has_paid_plan() {
    ///     println!("You are on the free plan.");
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn has_paid_plan(&self) -> bool {
        self.first_current().is_some_and(|subscription| !subscription.is_free())
    }

    /// When the plan ends, if its cancellation is scheduled (`cancelScheduledAt` of the first current subscription).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// if let Some(end) = me.billing().await?.plan_ends_at() {
    ///     println!("Your plan ends on {end}.");
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn plan_ends_at(&self) -> Option<Timestamp> {
        let subscription = self.first_current()?;
        let is_scheduled = subscription.status == SubscriptionStatus::CancellationScheduled;
        subscription.cancel_scheduled_at.filter(|_| is_scheduled)
    }

    fn price_of<'a>(&'a self, subscription: &'a Subscription) -> Option<&'a Price> {
        let id = subscription.price_id.as_ref()?;
        let of_items = subscription.subscription_items.iter().filter_map(|item: &SubscriptionItem| item.price.as_ref());
        of_items.chain(self.products().flat_map(|product| &product.prices)).find(|price| price.id == *id)
    }

    /// The products of the pricing model, and the default one, which may be missing among them.
    pub(super) fn products(&self) -> impl Iterator<Item = &Product> {
        let model = self.pricing_model();
        model.products.iter().chain(model.default_product.as_deref())
    }
}
