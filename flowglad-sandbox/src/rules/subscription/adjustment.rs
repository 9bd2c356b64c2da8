//! Adjusts a subscription to other items: now, and the difference is charged, or at the end of its period.

use std::collections::HashMap;

use crate::{
    records::{
        pricing::{Price, PriceType},
        subscription::{BillingPeriod, Subscription, SubscriptionItem, SubscriptionStatus},
        usage::ResourceClaim,
    },
    refusal::Refusal,
    rules::{
        billing::{
            billing_run::{self, Charge},
            proration::Elapsed,
        },
        entitlement::{credits, features, subscription_item_features},
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

/// The result of an adjustment.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) timing: Timing,
    pub(crate) is_upgrade: bool,
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
    wanted: WantedItem,
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

pub(crate) fn adjust(
    store: &mut Store,
    subscription: &Subscription,
    adjustment: Adjustment,
) -> Result<Outcome, Refusal> {
    let decision = decide(store, subscription, adjustment)?;
    let outcome = Outcome { timing: decision.timing, is_upgrade: decision.is_upgrade };
    let Decision { period, old_items, new_items, charge, .. } = decision;
    if outcome.timing == Timing::AtPeriodEnd {
        schedule(store, subscription, &period, &old_items, new_items);
    } else {
        charge_difference(store, subscription, &period, charge)?;
        replace_now(store, subscription, &period, &old_items, new_items);
    }
    follow_dearest_item(store, &subscription.meta.id);
    Ok(outcome)
}

/// Decides what an adjustment does, or why it is refused. Changes nothing.
pub(crate) fn decide(store: &Store, subscription: &Subscription, adjustment: Adjustment) -> Result<Decision, Refusal> {
    refuse_unadjustable(subscription)?;
    let now = store.now();
    let period = billing_run::period_at(store, &subscription.meta.id, now).cloned();
    let period = period.ok_or_else(|| refusal("Cannot adjust a subscription without a current billing period."))?;
    let new_items = plan(store, subscription, adjustment.items)?;
    refuse_lost_claims(store, subscription, &new_items)?;
    billing_run::refuse_amounts_beyond_invoice(new_items.iter().map(|item| (item.unit_price, item.wanted.quantity)))?;

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
        return Err(refusal("A dearer plan cannot start at the end of the billing period. Adjust immediately."));
    }
    let is_charged = timing == Timing::Immediately && adjustment.prorate;
    let charge = if is_charged { net_charge(store, &period, old_total, new_total) } else { 0 };
    if charge > 0 && subscription.payment_method_id().is_none() {
        return Err(no_payment_method());
    }
    Ok(Decision { timing, is_upgrade, period, old_items, new_items, old_total, new_total, charge })
}

fn refusal(why: &str) -> Refusal {
    Refusal::rule(format!("Invalid subscription: {why}"))
}

fn no_payment_method() -> Refusal {
    refusal("Cannot adjust a subscription without a payment method to charge the difference to.")
}

/// Refuses to adjust a subscription that is in the wrong state, in the API's order of reasons.
fn refuse_unadjustable(subscription: &Subscription) -> Result<(), Refusal> {
    let reasons = [
        (subscription.is_terminal(), "Cannot adjust a subscription that has ended."),
        (!subscription.renews, "Cannot adjust a subscription that does not renew."),
        (subscription.do_not_charge, "Cannot adjust a subscription that is not charged for."),
        (
            subscription.is_free_plan,
            "Cannot adjust free plan subscriptions. Use createSubscription to upgrade from a free plan instead.",
        ),
        (
            subscription.scheduled_adjustment_at.is_some(),
            "An adjustment is scheduled already. Cancel the scheduled adjustment first.",
        ),
        (
            subscription.status == SubscriptionStatus::CancellationScheduled,
            "Cannot adjust a subscription whose cancellation is scheduled.",
        ),
    ];
    match reasons.into_iter().find(|(applies, _)| *applies) {
        Some((_, reason)) => Err(refusal(reason)),
        None => Ok(()),
    }
}

fn plan(store: &Store, subscription: &Subscription, items: Vec<WantedItem>) -> Result<Vec<PlannedItem>, Refusal> {
    items.into_iter().map(|wanted| plan_item(store, subscription, wanted)).collect()
}

fn plan_item(store: &Store, subscription: &Subscription, wanted: WantedItem) -> Result<PlannedItem, Refusal> {
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
        return Err(Refusal::rule_not_found(format!(
            "Unwrap called on Err: NotFoundError: Price not found or inactive: {name}"
        )));
    };
    if wanted.quantity <= 0 {
        return Err(Refusal::rule("Invalid quantity: Quantity must be greater than zero"));
    }
    if price.kind != PriceType::Subscription {
        return Err(Refusal::rule(format!("Invalid price: {name} is not a subscription price")));
    }
    let unit_price = wanted.unit_price.unwrap_or(price.unit_price);
    Ok(PlannedItem { price: price.clone(), unit_price, wanted })
}

/// Refuses a capacity below the active claims, for the resources that the new items have.
fn refuse_lost_claims(store: &Store, subscription: &Subscription, planned: &[PlannedItem]) -> Result<(), Refusal> {
    let now = store.now();
    for resource in store.tables.resources.iter() {
        let resource_id = resource.meta.id.as_str();
        let Some(capacity) = planned_capacity(store, planned, resource_id) else { continue };
        let is_counted = |claim: &&ResourceClaim| claim.resource_id == resource_id && claim.is_active_at(now);
        let claimed = store.tables.resource_claims.owned_by(&subscription.meta.id).filter(is_counted).count();
        if i64::try_from(claimed).is_ok_and(|claimed| claimed > capacity) {
            return Err(Refusal::rule_conflict(format!(
                "Unwrap called on Err: ConflictError: resource conflict: Cannot reduce capacity to {capacity}. \
                 {claimed} of \"{}\" are claimed; release some first.",
                resource.slug
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

fn charge_difference(
    store: &mut Store,
    subscription: &Subscription,
    period: &BillingPeriod,
    difference: i64,
) -> Result<(), Refusal> {
    if difference == 0 {
        return Ok(());
    }
    let payment_method_id = subscription.payment_method_id().ok_or_else(no_payment_method)?;
    let charge = Charge { subscription, period, payment_method_id };
    if billing_run::run_difference(store, &charge, difference).is_declined {
        return Err(Refusal::rule("Payment failed: Your card was declined. The subscription was not changed."));
    }
    Ok(())
}

fn replace_now(
    store: &mut Store,
    subscription: &Subscription,
    period: &BillingPeriod,
    old_items: &[SubscriptionItem],
    planned: Vec<PlannedItem>,
) {
    let now = store.now();
    let (kept, planned) = keep(old_items, planned);
    let replaced: Vec<String> =
        old_items.iter().map(|item| item.meta.id.clone()).filter(|id| !kept.contains(id)).collect();
    features::expire_items(store, &replaced, now);
    let new_items: Vec<String> = planned
        .into_iter()
        .map(|item| {
            let item = insert_item(store, subscription, item, now);
            features::grant(store, &item);
            item.meta.id
        })
        .collect();
    subscription_item_features::give_way_to(store, &subscription.meta.id, &new_items, now);
    grant_credit_difference(store, subscription, period, &new_items);
}

fn schedule(
    store: &mut Store,
    subscription: &Subscription,
    period: &BillingPeriod,
    old_items: &[SubscriptionItem],
    planned: Vec<PlannedItem>,
) {
    let (kept, planned) = keep(old_items, planned);
    let replaced: Vec<String> =
        old_items.iter().map(|item| item.meta.id.clone()).filter(|id| !kept.contains(id)).collect();
    features::expire_items(store, &replaced, period.end);
    let mut new_items = Vec::with_capacity(planned.len());
    for item in planned {
        let item = insert_item(store, subscription, item, period.end);
        features::grant(store, &item);
        new_items.push(item.meta.id);
    }
    subscription_item_features::give_way_to(store, &subscription.meta.id, &new_items, period.end);
    let now = store.now();
    store.tables.subscriptions.change(&subscription.meta.id, now, |subscription| {
        subscription.scheduled_adjustment_at = Some(period.end);
    });
}

/// Separates the ids of items that stay unchanged from the items that are created.
fn keep(old_items: &[SubscriptionItem], planned: Vec<PlannedItem>) -> (Vec<String>, Vec<PlannedItem>) {
    let is_kept = |planned: &PlannedItem| {
        old_items.iter().any(|old| {
            planned.wanted.kept_item_id.as_deref() == Some(old.meta.id.as_str())
                && old.price_id.as_deref() == Some(planned.price.meta.id.as_str())
                && (old.unit_price, old.quantity) == (planned.unit_price, planned.wanted.quantity)
        })
    };
    let (kept, rest): (Vec<_>, Vec<_>) = planned.into_iter().partition(is_kept);
    (kept.into_iter().filter_map(|item| item.wanted.kept_item_id).collect(), rest)
}

fn insert_item(
    store: &mut Store,
    subscription: &Subscription,
    planned: PlannedItem,
    added_date: i64,
) -> SubscriptionItem {
    let name = planned.name();
    let PlannedItem { wanted, price, unit_price } = planned;
    let item = SubscriptionItem {
        meta: store.meta::<SubscriptionItem>(),
        subscription_id: subscription.meta.id.clone(),
        name: Some(name),
        added_date,
        price_id: Some(price.meta.id),
        unit_price,
        quantity: wanted.quantity,
        metadata: None,
        kind: "static".into(),
        external_id: None,
        expired_at: None,
        manually_created: false,
        pricing_model_id: subscription.pricing_model_id.clone(),
    };
    store.tables.subscription_items.insert(item.clone());
    item
}

/// Gives the subscription the name and price of its most expensive item.
pub(crate) fn follow_dearest_item(store: &mut Store, subscription_id: &str) {
    let now = store.now();
    let dearest = features::active_items(store, subscription_id, now)
        .filter(|item| item.price_id.is_some())
        .max_by_key(|item| item.total())
        .cloned();
    let Some(dearest) = dearest else { return };
    store.tables.subscriptions.change(subscription_id, now, |subscription| {
        subscription.name = dearest.name.unwrap_or_default();
        subscription.price_id = dearest.price_id.unwrap_or_default();
    });
}

/// Grants the credits of the new items for the rest of the period, minus those that the period granted already.
fn grant_credit_difference(
    store: &mut Store,
    subscription: &Subscription,
    period: &BillingPeriod,
    new_items: &[String],
) {
    let elapsed = Elapsed::at(store.now(), period.start, period.end);
    let mut granted: HashMap<String, i64> = HashMap::new();
    for feature in credits::credit_features(store, &subscription.meta.id) {
        let (Some(meter_id), Some(amount)) = (&feature.usage_meter_id, feature.amount) else { continue };
        if !new_items.contains(&feature.subscription_item_id) {
            continue;
        }
        let granted = granted
            .entry(meter_id.clone())
            .or_insert_with(|| credits::granted_in_period(store, &subscription.meta.id, meter_id, &period.meta.id));
        let share = elapsed.of_left(amount);
        let covered = share.min(*granted);
        *granted -= covered;
        if share > covered {
            credits::issue_for(store, subscription, &feature, share - covered, Some(&period.meta.id));
        }
    }
}
