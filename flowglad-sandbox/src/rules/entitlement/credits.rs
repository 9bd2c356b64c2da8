//! Usage credits: granted by plans, bought in packs, consumed by usage events.

use std::cmp::Ordering;

use serde::Serialize;

use crate::{
    records::{
        pricing::{FeatureType, RenewalFrequency, UsageMeter},
        subscription::{Subscription, SubscriptionItemFeature},
        usage::UsageCredit,
    },
    rules::{billing::usage_charges, entitlement::features},
    store::Store,
};

/// The balance of one meter of one subscription.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UsageMeterBalance<'a> {
    #[serde(flatten)]
    pub(crate) meter: &'a UsageMeter,
    pub(crate) available_balance: i64,
    subscription_id: &'a str,
}

/// Grants the credits of a subscription's plan for its first period.
pub(crate) fn grant_for_period(store: &mut Store, subscription: &Subscription, billing_period_id: Option<&str>) {
    let granting: Vec<SubscriptionItemFeature> = credit_features(store, &subscription.meta.id);
    for feature in granting {
        issue_for(store, subscription, &feature, feature.amount.unwrap_or(0), billing_period_id);
    }
}

/// Grants the credits that a subscription's plan renews in every period.
pub(crate) fn renew(store: &mut Store, subscription: &Subscription, billing_period_id: &str) {
    for feature in credit_features(store, &subscription.meta.id) {
        if feature.renewal_frequency == Some(RenewalFrequency::EveryBillingPeriod) {
            issue_for(store, subscription, &feature, feature.amount.unwrap_or(0), Some(billing_period_id));
        }
    }
}

/// The active features of a subscription that grant credits.
pub(crate) fn credit_features(store: &Store, subscription_id: &str) -> Vec<SubscriptionItemFeature> {
    features::active_features(store, subscription_id, store.now())
        .into_iter()
        .filter(|feature| feature.kind == FeatureType::UsageCreditGrant)
        .cloned()
        .collect()
}

/// Grants the credits of one feature.
pub(crate) fn issue_for(
    store: &mut Store,
    subscription: &Subscription,
    feature: &SubscriptionItemFeature,
    amount: i64,
    billing_period_id: Option<&str>,
) {
    let Some(meter_id) = &feature.usage_meter_id else { return };
    let expires_at = match feature.renewal_frequency {
        Some(RenewalFrequency::EveryBillingPeriod) => subscription.current_billing_period_end,
        Some(RenewalFrequency::Once) | None => None,
    };
    issue(store, &subscription.meta.id, meter_id, amount, expires_at, billing_period_id, Some(&feature.meta.id));
}

/// Adds credits that were bought to a subscription. They never expire.
pub(crate) fn issue_bought(store: &mut Store, subscription_id: &str, meter_id: &str, amount: i64) {
    issue(store, subscription_id, meter_id, amount, None, None, None);
}

fn issue(
    store: &mut Store,
    subscription_id: &str,
    meter_id: &str,
    amount: i64,
    expires_at: Option<i64>,
    billing_period_id: Option<&str>,
    subscription_item_feature_id: Option<&str>,
) {
    let credit = UsageCredit {
        meta: store.meta::<UsageCredit>(),
        subscription_id: subscription_id.to_owned(),
        usage_meter_id: meter_id.to_owned(),
        billing_period_id: billing_period_id.map(str::to_owned),
        subscription_item_feature_id: subscription_item_feature_id.map(str::to_owned),
        issued: amount,
        remaining: amount,
        expires_at,
    };
    store.tables.usage_credits.insert(credit);
}

/// Grants credits until the end of the period, unless the feature granted some in this period before.
pub(crate) fn issue_once_in_period(
    store: &mut Store,
    subscription: &Subscription,
    meter_id: &str,
    amount: i64,
    feature_id: &str,
    billing_period_id: Option<&str>,
) {
    let is_given = store.tables.usage_credits.owned_by(&subscription.meta.id).any(|credit| {
        credit.subscription_item_feature_id.as_deref() == Some(feature_id)
            && credit.billing_period_id.as_deref() == billing_period_id
    });
    if !is_given {
        let expires_at = subscription.current_billing_period_end;
        issue(store, &subscription.meta.id, meter_id, amount, expires_at, billing_period_id, Some(feature_id));
    }
}

/// How many credits of a meter a subscription's plan granted in a period.
pub(crate) fn granted_in_period(store: &Store, subscription_id: &str, meter_id: &str, billing_period_id: &str) -> i64 {
    store
        .tables
        .usage_credits
        .owned_by(subscription_id)
        .filter(|credit| credit.usage_meter_id == meter_id)
        .filter(|credit| credit.billing_period_id.as_deref() == Some(billing_period_id))
        .fold(0, |sum, credit| sum.saturating_add(credit.issued))
}

/// Consumes units of a subscription's credits, those that expire first before the others.
/// Returns the units that no credit covered.
pub(crate) fn use_up(store: &mut Store, subscription_id: &str, meter_id: &str, amount: i64) -> i64 {
    let now = store.now();
    let mut usable: Vec<&UsageCredit> = store
        .tables
        .usage_credits
        .owned_by(subscription_id)
        .filter(|credit| credit.usage_meter_id == meter_id)
        .filter(|credit| credit.is_valid_at(now) && credit.remaining > 0)
        .collect();
    usable.sort_by(|one, other| earliest_expiry_first(one, other));
    let mut uncovered = amount;
    let mut taken: Vec<(String, i64)> = Vec::new();
    for credit in usable {
        let part = credit.remaining.min(uncovered);
        if part == 0 {
            break;
        }
        uncovered -= part;
        taken.push((credit.meta.id.clone(), part));
    }
    for (credit_id, part) in taken {
        store.tables.usage_credits.change(&credit_id, now, |credit| credit.remaining -= part);
    }
    uncovered
}

fn earliest_expiry_first(one: &UsageCredit, other: &UsageCredit) -> Ordering {
    let expiry = |credit: &UsageCredit| credit.expires_at.unwrap_or(i64::MAX);
    expiry(one).cmp(&expiry(other)).then_with(|| one.meta.id.cmp(&other.meta.id))
}

/// The balances of a subscription: one for each meter with credits or usage.
pub(crate) fn balances<'a>(store: &'a Store, subscription: &'a Subscription) -> Vec<UsageMeterBalance<'a>> {
    store
        .tables
        .usage_meters
        .iter()
        .filter_map(|meter| {
            let available_balance = balance(store, &subscription.meta.id, &meter.meta.id)?;
            Some(UsageMeterBalance { meter, available_balance, subscription_id: &subscription.meta.id })
        })
        .collect()
}

/// The valid credits that are left, minus the units that no credit covered and that are not paid; none if the meter
/// has neither credits nor usage.
fn balance(store: &Store, subscription_id: &str, meter_id: &str) -> Option<i64> {
    let now = store.now();
    let mut credits = store
        .tables
        .usage_credits
        .owned_by(subscription_id)
        .filter(|credit| credit.usage_meter_id == meter_id)
        .peekable();
    let uncovered = store.tables.usage_events.sum_of(subscription_id, meter_id);
    let is_touched = credits.peek().is_some() || uncovered.is_some();
    let left = credits
        .filter(|credit| credit.is_valid_at(now))
        .fold(0, |sum: i64, credit| sum.saturating_add(credit.remaining));
    is_touched.then(|| {
        let paid = usage_charges::paid_units(store, subscription_id, meter_id);
        left.saturating_sub(uncovered.unwrap_or(0)).saturating_add(paid)
    })
}
