//! The subscriptions of a customer: items, features, claims, and balances with their ledger.

use std::cmp::Reverse;

use crate::{
    http::pages::{
        badge::Badge,
        plan,
        wording::{day, label, minute},
    },
    records::{
        customer::Customer,
        money,
        pricing::CURRENCY,
        subscription::{Subscription, SubscriptionItem, SubscriptionItemFeature},
        usage::{ResourceClaim, UsageCredit, UsageEvent},
    },
    rules::entitlement::{credits, features},
    store::Store,
};

/// The most entries of a ledger that are shown.
const MOST_ENTRIES: usize = 25;
/// The most subscriptions that are shown.
const MOST_PLANS: usize = 20;
/// The most claims of a subscription that are shown.
const MOST_CLAIMS: usize = 25;

/// A subscription with everything that it gives.
#[derive(Debug)]
pub(super) struct PlanPart {
    pub(super) id: String,
    pub(super) name: String,
    /// The name that the subscription itself has.
    pub(super) own_name: String,
    pub(super) badge: Badge,
    pub(super) period: Option<String>,
    /// What happens at some time, such as the end of a trial.
    pub(super) dates: Vec<(&'static str, String)>,
    pub(super) items: Vec<ItemRow>,
    pub(super) features: Vec<FeatureRow>,
    pub(super) balances: Vec<BalancePart>,
    pub(super) claims: Vec<ClaimRow>,
    pub(super) can_cancel: bool,
    pub(super) can_keep: bool,
}

#[derive(Debug)]
pub(super) struct ItemRow {
    pub(super) name: String,
    pub(super) quantity: i64,
    pub(super) unit_price: String,
    pub(super) expired: Option<String>,
}

#[derive(Debug)]
pub(super) struct FeatureRow {
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) kind: String,
    pub(super) amount: Option<i64>,
}

/// What is left of a meter, and how it came about.
#[derive(Debug)]
pub(super) struct BalancePart {
    pub(super) meter: String,
    pub(super) left: i64,
    pub(super) entries: Vec<LedgerRow>,
}

#[derive(Debug)]
pub(super) struct LedgerRow {
    at: i64,
    pub(super) time: String,
    pub(super) what: String,
    pub(super) detail: String,
    pub(super) amount: String,
}

#[derive(Debug)]
pub(super) struct ClaimRow {
    pub(super) resource: String,
    pub(super) external_id: String,
    pub(super) since: String,
    pub(super) released: Option<String>,
}

/// The subscriptions of a customer: current ones first, then the newest.
pub(super) fn plans(store: &Store, customer: &Customer) -> Vec<PlanPart> {
    let mut subscriptions: Vec<&Subscription> = store.tables.subscriptions.owned_by(&customer.meta.id).rev().collect();
    subscriptions.sort_by_key(|subscription| Reverse(subscription.is_current()));
    subscriptions.into_iter().take(MOST_PLANS).map(|subscription| plan_part(store, subscription)).collect()
}

fn plan_part(store: &Store, subscription: &Subscription) -> PlanPart {
    let id = subscription.meta.id.as_str();
    let period = subscription.current_billing_period_start.zip(subscription.current_billing_period_end);
    let ends = subscription.cancel_scheduled_at.is_some();
    PlanPart {
        id: id.to_owned(),
        name: plan::name_of(store, subscription),
        own_name: subscription.name.clone(),
        badge: Badge::of_subscription(subscription),
        period: period.map(|(start, end)| format!("{} to {}", day(start), day(end))),
        dates: dates(subscription),
        items: store.tables.subscription_items.owned_by(id).map(item_row).collect(),
        features: features::active_features(store, id, store.now())
            .into_iter()
            .filter_map(|feature| feature_row(store, feature))
            .collect(),
        balances: credits::balances(store, subscription)
            .into_iter()
            .map(|balance| BalancePart {
                meter: balance.meter.name.clone(),
                left: balance.available_balance,
                entries: ledger(store, id, &balance.meter.meta.id),
            })
            .collect(),
        claims: store
            .tables
            .resource_claims
            .owned_by(id)
            .rev()
            .take(MOST_CLAIMS)
            .map(|claim| claim_row(store, claim))
            .collect(),
        can_cancel: !subscription.is_free_plan && subscription.is_current() && !ends,
        can_keep: ends && !subscription.is_terminal(),
    }
}

fn dates(subscription: &Subscription) -> Vec<(&'static str, String)> {
    let ended = subscription.canceled_at;
    let cancels = subscription.cancel_scheduled_at.filter(|_| ended.is_none());
    [
        ("Started", Some(subscription.start_date)),
        ("Trial to", subscription.trial_end),
        ("Cancels on", cancels),
        ("Canceled", ended),
        ("Changes on", subscription.scheduled_adjustment_at),
    ]
    .into_iter()
    .filter_map(|(what, time)| Some((what, minute(time?))))
    .collect()
}

fn item_row(item: &SubscriptionItem) -> ItemRow {
    ItemRow {
        name: item.name.clone().unwrap_or_else(|| "Item".to_owned()),
        quantity: item.quantity,
        unit_price: money::format(item.unit_price, CURRENCY),
        expired: item.expired_at.map(day),
    }
}

fn feature_row(store: &Store, item: &SubscriptionItemFeature) -> Option<FeatureRow> {
    let feature = store.tables.features.find(&item.feature_id)?;
    Some(FeatureRow {
        name: feature.name.clone(),
        slug: feature.slug.clone(),
        kind: label(&item.kind),
        amount: item.amount,
    })
}

fn claim_row(store: &Store, claim: &ResourceClaim) -> ClaimRow {
    let resource = store.tables.resources.find(&claim.resource_id);
    ClaimRow {
        resource: resource.map_or_else(String::new, |resource| resource.name.clone()),
        external_id: claim.external_id.clone().unwrap_or_else(|| "anonymous".to_owned()),
        since: minute(claim.claimed_at),
        released: claim.released_at.or(claim.expired_at).map(minute),
    }
}

/// The newest entries of a meter: credits that were granted or bought, and usage.
fn ledger(store: &Store, subscription_id: &str, meter_id: &str) -> Vec<LedgerRow> {
    let credits = store.tables.usage_credits.owned_by(subscription_id).rev();
    let credits = credits.filter(|credit| credit.usage_meter_id == meter_id).take(MOST_ENTRIES);
    let events = store.tables.usage_events.owned_by(subscription_id).rev();
    let events = events.filter(|event| event.usage_meter_id == meter_id).take(MOST_ENTRIES);
    let mut entries: Vec<LedgerRow> = events.map(used).chain(credits.map(granted)).collect();
    entries.sort_by_key(|entry| Reverse(entry.at));
    entries.truncate(MOST_ENTRIES);
    entries
}

fn used(event: &UsageEvent) -> LedgerRow {
    let what = if event.costs { "Used" } else { "Used, a duplicate that costs nothing" };
    LedgerRow {
        at: event.meta.created_at,
        time: minute(event.meta.created_at),
        what: what.to_owned(),
        detail: event.transaction_id.clone(),
        amount: format!("−{}", if event.costs { event.amount } else { 0 }),
    }
}

fn granted(credit: &UsageCredit) -> LedgerRow {
    let what = if credit.subscription_item_feature_id.is_some() { "Granted by the plan" } else { "Bought or granted" };
    let expiry = credit.expires_at.map_or_else(|| "never expires".to_owned(), |time| format!("expires {}", day(time)));
    LedgerRow {
        at: credit.meta.created_at,
        time: minute(credit.meta.created_at),
        what: what.to_owned(),
        detail: format!("{} left, {expiry}", credit.remaining),
        amount: format!("+{}", credit.issued),
    }
}
