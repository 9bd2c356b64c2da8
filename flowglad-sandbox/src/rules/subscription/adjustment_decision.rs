//! Decides what an adjustment of a subscription does, or why it is impossible.

use crate::{
    records::{
        pricing::{Price, PriceType},
        subscription::{BillingPeriod, Subscription, SubscriptionItem, SubscriptionStatus},
        usage::ResourceClaim,
    },
    refusal::Refusal,
    rules::{
        billing::{billing_run, proration::Elapsed},
        entitlement::features,
        pricing::pricing_model,
        subscription::new_subscription,
    },
    store::Store,
};

/// When an adjustment takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timing {
    Immediately,
    AtPeriodEnd,
    /// At the period's end if the new items are cheaper, else now.
    Auto,
}

#[derive(Debug)]
pub(crate) struct Adjustment {
    pub(crate) timing: Timing,
    pub(crate) items: Vec<WantedItem>,
    pub(crate) prorate: bool,
}

/// One item that the caller wants the subscription to have.
#[derive(Debug)]
pub(crate) struct WantedItem {
    /// An existing item of the subscription, which can be kept.
    pub(crate) kept_item_id: Option<String>,
    pub(crate) price: WantedPrice,
    pub(crate) quantity: i64,
    /// The price's own amount if none is given.
    pub(crate) unit_price: Option<i64>,
    pub(crate) name: Option<String>,
}

#[derive(Debug)]
pub(crate) enum WantedPrice {
    Id(String),
    Slug(String),
}

/// What an adjustment does.
#[derive(Debug)]
pub(crate) struct Decision {
    /// Never [`Timing::Auto`].
    pub(crate) timing: Timing,
    pub(crate) is_upgrade: bool,
    pub(crate) period: BillingPeriod,
    pub(crate) old_items: Vec<SubscriptionItem>,
    pub(crate) new_items: Vec<PlannedItem>,
    pub(crate) old_total: i64,
    pub(crate) new_total: i64,
    /// The amount that is charged now.
    pub(crate) charge: i64,
}

impl Decision {
    /// How much of the period counts as over: at its end all of it does.
    pub(crate) fn elapsed(&self, now: i64) -> Elapsed {
        let at = if self.timing == Timing::AtPeriodEnd { self.period.end } else { now };
        Elapsed::at(at, self.period.start, self.period.end)
    }
}

/// A wanted item whose price was found.
#[derive(Debug)]
pub(crate) struct PlannedItem {
    pub(crate) wanted: WantedItem,
    pub(crate) price: Price,
    pub(crate) unit_price: i64,
}

impl PlannedItem {
    pub(crate) fn name(&self) -> String {
        let name = self.wanted.name.clone();
        name.unwrap_or_else(|| new_subscription::item_name(&self.price, 1))
    }

    pub(crate) fn quantity(&self) -> i64 {
        self.wanted.quantity
    }
}

/// Decides what an adjustment does, or why it is refused. Changes nothing.
pub(crate) fn decide(
    store: &Store,
    subscription: &Subscription,
    adjustment: Adjustment,
) -> Result<Decision, NotAdjustable> {
    refuse_unadjustable(subscription)?;
    let now = store.now();
    let period = billing_run::period_at(store, &subscription.meta.id, now).cloned();
    let period = period.ok_or(NotAdjustable::NoBillingPeriod)?;
    let new_items = plan(store, subscription, adjustment.items)?;
    refuse_lost_claims(store, subscription, &new_items)?;
    billing_run::refuse_amounts_beyond_invoice(new_items.iter().map(|item| (item.unit_price, item.wanted.quantity)))
        .map_err(|refusal| NotAdjustable::Other(refusal.sentence()))?;

    let old_items: Vec<SubscriptionItem> = features::active_items(store, &subscription.meta.id, now)
        .filter(|item| !item.manually_created)
        .cloned()
        .collect();
    let old_total = old_items.iter().fold(0, |sum: i64, item| sum.saturating_add(item.total()));
    let new_total = new_items
        .iter()
        .fold(0, |sum: i64, item| sum.saturating_add(item.unit_price.saturating_mul(item.wanted.quantity)));
    let is_upgrade = new_total > old_total;
    let timing = match adjustment.timing {
        Timing::Auto if new_total < old_total => Timing::AtPeriodEnd,
        Timing::Auto => Timing::Immediately,
        chosen => chosen,
    };
    if timing == Timing::AtPeriodEnd && is_upgrade {
        return Err(other(
            "EndOfCurrentBillingPeriod adjustments are only allowed for downgrades (zero or negative net charge). For \
             upgrades or adjustments with a positive charge, use Immediately timing instead.",
        ));
    }
    let is_charged = timing == Timing::Immediately && adjustment.prorate;
    let charge = if is_charged { net_charge(store, &period, old_total, new_total) } else { 0 };
    if charge > 0 && subscription.payment_method_id().is_none() {
        return Err(no_payment_method());
    }
    Ok(Decision { timing, is_upgrade, period, old_items, new_items, old_total, new_total, charge })
}

/// Why a subscription cannot be adjusted.
#[derive(Debug)]
pub(crate) enum NotAdjustable {
    UnknownSubscription(String),
    Ended(&'static str),
    NoBillingPeriod,
    UnknownPrice(String),
    CapacityInUse(String),
    Other(String),
}

impl NotAdjustable {
    /// The reason that a preview shows.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::UnknownSubscription(id) => format!("Subscription not found: {id}"),
            Self::Ended(status) => format!("Subscription is in terminal state: {status}"),
            Self::NoBillingPeriod => "No current billing period found for subscription.".to_owned(),
            Self::UnknownPrice(name) => format!("Price not found: {name}"),
            Self::CapacityInUse(reason) | Self::Other(reason) => reason.clone(),
        }
    }

    /// The refusal of the adjustment itself.
    pub(crate) fn refusal(&self, subscription_id: &str) -> Refusal {
        let reason = self.reason();
        match self {
            Self::UnknownSubscription(_) | Self::UnknownPrice(_) => {
                Refusal::rule_not_found(format!("Unwrap called on Err: NotFoundError: {reason}"))
            }
            Self::NoBillingPeriod => Refusal::rule_not_found(format!(
                "Unwrap called on Err: NotFoundError: BillingPeriod not found: subscription:{subscription_id}"
            )),
            Self::Ended(status) => Refusal::rule(format!(
                "Unwrap called on Err: TerminalStateError: Subscription {subscription_id} is in terminal state: {status}"
            )),
            Self::CapacityInUse(_) => {
                Refusal::rule_conflict(format!("Unwrap called on Err: ConflictError: resource conflict: {reason}"))
            }
            Self::Other(_) => {
                Refusal::rule(format!("Unwrap called on Err: ValidationError: Invalid subscription: {reason}"))
            }
        }
    }
}

fn other(reason: &str) -> NotAdjustable {
    NotAdjustable::Other(reason.to_owned())
}

pub(crate) fn no_payment_method() -> NotAdjustable {
    other(
        "No payment method found for subscription. A payment method is required for immediate adjustments with \
         proration.",
    )
}

/// Refuses to adjust a subscription that is in the wrong state, in the API's order of reasons.
fn refuse_unadjustable(subscription: &Subscription) -> Result<(), NotAdjustable> {
    if subscription.is_terminal() {
        return Err(NotAdjustable::Ended("canceled"));
    }
    if !subscription.renews {
        return Err(NotAdjustable::Other(format!(
            "Subscription {} is a non-renewing subscription. Non-renewing subscriptions cannot be adjusted.",
            subscription.meta.id
        )));
    }
    let reasons = [
        (
            subscription.do_not_charge,
            "Cannot adjust doNotCharge subscriptions. Cancel and create a new subscription instead.",
        ),
        (
            subscription.is_free_plan,
            "Cannot adjust free plan subscriptions. Use createSubscription to upgrade from a free plan instead.",
        ),
        (
            subscription.scheduled_adjustment_at.is_some(),
            "A scheduled adjustment is already pending. Cancel the scheduled adjustment before making a new one.",
        ),
        (
            subscription.status == SubscriptionStatus::CancellationScheduled,
            "A cancellation is scheduled. Uncancel the subscription before adjusting.",
        ),
    ];
    match reasons.into_iter().find(|(applies, _)| *applies) {
        Some((_, reason)) => Err(other(reason)),
        None => Ok(()),
    }
}

fn plan(store: &Store, subscription: &Subscription, items: Vec<WantedItem>) -> Result<Vec<PlannedItem>, NotAdjustable> {
    items.into_iter().map(|wanted| plan_item(store, subscription, wanted)).collect()
}

fn plan_item(store: &Store, subscription: &Subscription, wanted: WantedItem) -> Result<PlannedItem, NotAdjustable> {
    let model_id = &subscription.pricing_model_id;
    let (price, name) = match &wanted.price {
        WantedPrice::Id(id) => (pricing_model::price_by_id(store, model_id, id), id),
        // The real API also accepts an id in place of the slug.
        WantedPrice::Slug(slug) => (
            pricing_model::price_by_slug(store, model_id, slug)
                .or_else(|| pricing_model::price_by_id(store, model_id, slug)),
            slug,
        ),
    };
    let Some(price) = price.filter(|price| price.active) else {
        return Err(NotAdjustable::UnknownPrice(name.clone()));
    };
    if wanted.quantity <= 0 {
        return Err(NotAdjustable::Other(format!(
            "Subscription item quantity must be greater than zero. Received: {}",
            wanted.quantity
        )));
    }
    if price.kind != PriceType::Subscription {
        return Err(NotAdjustable::Other(format!(
            "Only recurring prices can be used in subscriptions. Price {} is of type {}",
            price.meta.id,
            price.kind.word()
        )));
    }
    let unit_price = wanted.unit_price.unwrap_or(price.unit_price);
    Ok(PlannedItem { price: price.clone(), unit_price, wanted })
}

/// Refuses a capacity below the active claims, for the resources that the new items have.
fn refuse_lost_claims(
    store: &Store,
    subscription: &Subscription,
    planned: &[PlannedItem],
) -> Result<(), NotAdjustable> {
    let now = store.now();
    for resource in store.tables.resources.iter() {
        let resource_id = resource.meta.id.as_str();
        let Some(capacity) = planned_capacity(store, planned, resource_id) else { continue };
        let is_counted = |claim: &&ResourceClaim| claim.resource_id == resource_id && claim.is_active_at(now);
        let claimed = store.tables.resource_claims.owned_by(&subscription.meta.id).filter(is_counted).count();
        if i64::try_from(claimed).is_ok_and(|claimed| claimed > capacity) {
            let excess = i64::try_from(claimed).unwrap_or(i64::MAX).saturating_sub(capacity);
            return Err(NotAdjustable::CapacityInUse(format!(
                "Cannot reduce capacity to {capacity}. {claimed} resources are currently claimed. Release {excess} \
                 claims before downgrading."
            )));
        }
    }
    Ok(())
}

fn planned_capacity(store: &Store, planned: &[PlannedItem], resource_id: &str) -> Option<i64> {
    let amounts: Vec<i64> = planned
        .iter()
        .filter_map(|item| {
            let product_id = item.price.product_id.as_deref()?;
            let newest = pricing_model::features_of(store, product_id)
                .into_iter()
                .rfind(|feature| feature.resource_id.as_deref() == Some(resource_id))?;
            Some(newest.amount?.saturating_mul(item.wanted.quantity))
        })
        .collect();
    (!amounts.is_empty()).then(|| amounts.into_iter().fold(0, i64::saturating_add))
}

/// How much more a period costs after the change than was paid for it. Nothing is refunded.
fn net_charge(store: &Store, period: &BillingPeriod, old_total: i64, new_total: i64) -> i64 {
    let elapsed = Elapsed::at(store.now(), period.start, period.end);
    let fair = elapsed.of_passed(old_total).saturating_add(elapsed.of_left(new_total));
    fair.saturating_sub(billing_run::paid_in_period(store, &period.meta.id)).max(0)
}
