//! Credits of usage meters, and what usage costs.

use crate::{
    billing::view::Billing,
    model::{FeatureKind, Price, RenewalFrequency, Subscription, UsageMeter, UsageMeterId},
};

/// The credits of one usage meter, from [`Billing::credits`]. All amounts are units of the meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credits {
    /// What the plan grants in every billing period. The rest of it ends with the period.
    pub granted_each_period: i64,
    /// What the plan granted once, with its first payment.
    pub granted_once: i64,
    /// What is left, with what was bought besides the plan. Negative when more was used than granted.
    pub left: i64,
}

impl Billing {
    /// The credits of the usage meter `slug` on the first current subscription: what its plan grants (`amount` of its
    /// features of the type `usage_credit_grant`) and what is left (`availableBalance`).
    ///
    /// The credits of a plan are there when its first payment has succeeded; a plan that is free of charge for this
    /// customer has them from its second period on. `None` if neither the pricing model nor the subscription has such a
    /// meter.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// if let Some(credits) = me.billing().await?.credits("api_calls") {
    ///     println!("{} of {} calls left", credits.left, credits.granted_each_period);
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn credits(&self, slug: &str) -> Option<Credits> {
        let id = self.meter_id(slug)?;
        let mut credits = Credits {
            granted_each_period: 0,
            granted_once: 0,
            left: self.check_usage_balance(slug).map_or(0, |balance| balance.available_balance),
        };
        let features = self.first_current().map(Subscription::feature_items).unwrap_or_default();
        for grant in features.iter().filter(|feature| feature.kind == FeatureKind::UsageCreditGrant) {
            if grant.usage_meter_id.as_ref() == Some(id) {
                let amount = grant.amount.unwrap_or_default();
                let granted = match grant.renewal_frequency {
                    Some(RenewalFrequency::EveryBillingPeriod) => &mut credits.granted_each_period,
                    _ => &mut credits.granted_once,
                };
                *granted = granted.saturating_add(amount);
            }
        }
        Some(credits)
    }

    /// The price of usage that no credit covers: the default price of the usage meter `slug` in the customer's pricing
    /// model. Its `unit_price` pays for `usage_events_per_unit` units. `None` if there is no such meter or it has no price.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let billing = me.billing().await?;
    /// if let Some(price) = billing.usage_price("api_calls") {
    ///     println!("{:?} for {:?} calls", price.money(), price.usage_events_per_unit);
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn usage_price(&self, slug: &str) -> Option<&Price> {
        let meter = self.meter(slug)?;
        let marked = || meter.prices.iter().find(|price| price.is_default == Some(true));
        meter.default_price.as_deref().or_else(marked).or(meter.prices.first())
    }

    /// Whether the pricing model has this usage meter, or the customer has a balance of it.
    pub(crate) fn knows_meter(&self, slug: &str) -> bool {
        self.meter_id(slug).is_some()
    }

    fn meter(&self, slug: &str) -> Option<&UsageMeter> {
        self.pricing_model().usage_meters.iter().find(|meter| meter.slug == slug)
    }

    fn meter_id(&self, slug: &str) -> Option<&UsageMeterId> {
        let of_balance = || self.check_usage_balance(slug).map(|balance| &balance.id);
        self.meter(slug).map(|meter| &meter.id).or_else(of_balance)
    }
}
