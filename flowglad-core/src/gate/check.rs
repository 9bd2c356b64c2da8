//! Decides about a requirement by a customer's billing.

use std::{borrow::Borrow, time::SystemTime};

use crate::{
    billing::{Billing, Standing},
    gate::{
        decision::{Decision, Reason},
        refused::Refused,
        requirement::{Requirement, Rule},
    },
    model::{PriceId, Subscription, SubscriptionItem, Timestamp},
};

impl Billing {
    /// Decides whether the customer meets a requirement. Reads from memory and sends no request.
    ///
    /// ```no_run
    /// use flowglad_core::gate;
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let decision = me.billing().await?.decide(&gate::paid_plan());
    /// println!("{} by {} billing", decision.is_allowed(), decision.source().as_str());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn decide(&self, requirement: &Requirement) -> Decision {
        self.decide_at(requirement, SystemTime::now().into())
    }

    /// The same at a given time, for tests of a [`Standing`] with days of grace.
    #[must_use]
    pub fn decide_at(&self, requirement: &Requirement, now: Timestamp) -> Decision {
        self.decide_on_terms(requirement, Standing::default(), now, &|_, available| available)
    }

    /// Returns the refusal of a customer who does not meet a requirement. Reads from memory and sends no request.
    ///
    /// If this billing is old, the customer may have paid in the meantime:
    /// [`CustomerScope::require`](crate::CustomerScope::require) asks Flowglad before it refuses.
    ///
    /// # Errors
    /// [`Refused`], if the requirement is not met.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{Billing, gate};
    ///
    /// fn export(billing: &Billing, rows: u64) -> Result<&'static str, gate::Refused> {
    ///     billing.require(gate::feature("export_csv").and(gate::balance("rows", rows)))?;
    ///     Ok("month,calls\n")
    /// }
    /// ```
    pub fn require(&self, requirement: impl Borrow<Requirement>) -> Result<Decision, Refused> {
        self.decide(requirement.borrow()).into_result()
    }

    /// `left` is what is left of a meter, of which this billing says how much is available.
    pub(super) fn decide_on_terms(
        &self,
        requirement: &Requirement,
        standing: Standing,
        now: Timestamp,
        left: &dyn Fn(&str, i64) -> i64,
    ) -> Decision {
        let facts = Facts { billing: self, plan: self.current_subscriptions().first(), now, left };
        let reason = facts.check(requirement, standing).err();
        Decision { reason, source: self.source(), age: self.age() }
    }
}

/// What a requirement is compared with.
struct Facts<'a> {
    billing: &'a Billing,
    /// The first current subscription.
    plan: Option<&'a Subscription>,
    now: Timestamp,
    left: &'a dyn Fn(&str, i64) -> i64,
}

impl Facts<'_> {
    /// Allocates nothing where the requirement is met.
    fn check(&self, requirement: &Requirement, standing: Standing) -> Result<(), Reason> {
        let standing = requirement.standing.unwrap_or(standing);
        match &requirement.rule {
            Rule::All(parts) => parts.iter().try_for_each(|part| self.check(part, standing)),
            Rule::Any(parts) => {
                let [first, second] = &**parts;
                self.check(first, standing).or_else(|reason| self.check(second, standing).map_err(|_| reason))
            }
            Rule::Purchased(product) if self.billing.has_purchased(product) => Ok(()),
            Rule::Purchased(product) => Err(Reason::NotPurchased { product: product.clone() }),
            rule => {
                self.check_plan(rule)?;
                self.check_standing(standing)
            }
        }
    }

    fn check_plan(&self, rule: &Rule) -> Result<(), Reason> {
        match rule {
            Rule::Feature(slug) => {
                let is_met = self.billing.check_feature_access(slug);
                ensure(is_met, || Reason::NoFeature { feature: slug.clone() })
            }
            Rule::Balance { meter, required } => {
                let available = self.billing.check_usage_balance(meter).map_or(0, |balance| balance.available_balance);
                let available = (self.left)(meter, available);
                let is_met = i128::from(available) >= i128::from(*required);
                ensure(is_met, || Reason::LowBalance { meter: meter.clone(), required: *required, available })
            }
            Rule::PaidPlan => ensure(self.billing.has_paid_plan(), || Reason::NoPaidPlan),
            Rule::Plan(slug) => ensure(self.has_plan(slug), || Reason::OtherPlan { plan: slug.clone() }),
            Rule::Seat(slug) => {
                let is_met = self.billing.capacity(slug).is_some_and(|units| units > 0);
                ensure(is_met, || Reason::NoSeat { resource: slug.clone() })
            }
            Rule::Purchased(_) | Rule::All(_) | Rule::Any(_) => Ok(()),
        }
    }

    /// The plan grants it, so there is one. A customer without a subscription has no standing.
    fn check_standing(&self, standing: Standing) -> Result<(), Reason> {
        let counts = self.plan.map(|plan| standing.counts(self.billing, plan, self.now));
        counts.unwrap_or(Ok(())).map_err(Reason::NotEntitled)
    }

    fn has_plan(&self, product_slug: &str) -> bool {
        let (Some(plan), Some(product)) = (self.plan, self.billing.get_product(product_slug)) else { return false };
        let is_of_product = |id: &PriceId| product.prices.iter().any(|price| price.id == *id);
        // A price that is no longer sold is not in the pricing model, but in the item.
        let is_item_of_product = |item: &SubscriptionItem| {
            let product_of_item = item.price.as_ref().and_then(|price| price.product_id.as_ref());
            product_of_item == Some(&product.id) || item.price_id.as_ref().is_some_and(is_of_product)
        };
        plan.price_id.as_ref().is_some_and(is_of_product) || plan.subscription_items.iter().any(is_item_of_product)
    }
}

fn ensure(is_met: bool, reason: impl FnOnce() -> Reason) -> Result<(), Reason> {
    if is_met { Ok(()) } else { Err(reason()) }
}
