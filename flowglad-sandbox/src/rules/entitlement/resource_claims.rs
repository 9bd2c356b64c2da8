//! Claims on resources, such as seats, up to the plan's capacity.

use serde::Serialize;

use crate::{
    records::{
        metadata::Metadata,
        pricing::Resource,
        subscription::{Subscription, SubscriptionStatus},
        usage::ResourceClaim,
    },
    refusal::Refusal,
    rules::entitlement::features,
    store::Store,
};

/// Keeps one request from filling the memory when a plan's capacity is huge.
const MOST_AT_ONCE: i64 = 10_000;

/// The claims that a caller asks for.
#[derive(Debug)]
pub(crate) enum Wanted {
    Anonymous(i64),
    Named(Vec<String>),
}

/// The claims that a caller releases.
#[derive(Debug)]
pub(crate) enum Returned {
    Anonymous(i64),
    Named(Vec<String>),
    Claims(Vec<String>),
}

/// How much of a resource is in use.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResourceUsage {
    resource_slug: String,
    resource_id: String,
    pub(crate) capacity: i64,
    claimed: i64,
    available: i64,
}

/// The active claims on one resource by one subscription, oldest first.
pub(crate) fn active_claims<'a>(store: &'a Store, subscription_id: &str, resource_id: &str) -> Vec<&'a ResourceClaim> {
    active_in_first(store, usize::MAX, subscription_id, resource_id)
}

/// As [`active_claims`], among the first `seen` claims of all.
fn active_in_first<'a>(
    store: &'a Store,
    seen: usize,
    subscription_id: &str,
    resource_id: &str,
) -> Vec<&'a ResourceClaim> {
    let now = store.now();
    store
        .tables
        .resource_claims
        .owned_by_in_first(seen, subscription_id)
        .filter(|claim| claim.resource_id == resource_id)
        .filter(|claim| claim.is_active_at(now))
        .collect()
}

/// How much of a resource is in use; a plan without the resource has capacity 0.
pub(crate) fn usage(store: &Store, subscription_id: &str, resource: &Resource) -> ResourceUsage {
    let capacity = features::capacity(store, subscription_id, &resource.meta.id, store.now()).unwrap_or(0);
    let claimed = count(active_claims(store, subscription_id, &resource.meta.id).len());
    ResourceUsage {
        resource_slug: resource.slug.clone(),
        resource_id: resource.meta.id.clone(),
        capacity,
        claimed,
        available: capacity.saturating_sub(claimed),
    }
}

fn count(claims: usize) -> i64 {
    i64::try_from(claims).unwrap_or(i64::MAX)
}

/// Claims units of a resource, all or none. Returns the ids of the claims that the response shows.
pub(crate) fn claim(
    store: &mut Store,
    subscription: &Subscription,
    resource: &Resource,
    wanted: Wanted,
    metadata: Option<&Metadata>,
) -> Result<Vec<String>, Refusal> {
    refuse_ended(subscription)?;
    let Some(capacity) = features::capacity(store, &subscription.meta.id, &resource.meta.id, store.now()) else {
        return Err(Refusal::rule(format!(
            "No Resource feature found for resource {} in subscription {}",
            resource.meta.id, subscription.meta.id
        )));
    };
    let seen = store.races.claims_seen(store.tables.resource_claims.iter().len());
    let active = active_in_first(store, seen, &subscription.meta.id, &resource.meta.id);
    let claimed = count(active.len());
    let is_claimed = |name: &String| active.iter().any(|claim| claim.external_id.as_ref() == Some(name));
    let new = match &wanted {
        Wanted::Anonymous(quantity) => {
            refuse_over_capacity(*quantity, claimed, capacity)?;
            refuse_too_many(*quantity)?;
            vec![None; usize::try_from(*quantity).unwrap_or(0)]
        }
        Wanted::Named(names) => names.iter().filter(|name| !is_claimed(name)).cloned().map(Some).collect(),
    };
    refuse_over_capacity(count(new.len()), claimed, capacity)?;
    let made = insert_claims(store, subscription, resource, new, metadata)?;
    limit_to_future_capacity(store, subscription, resource, &made);
    let Wanted::Named(names) = wanted else { return Ok(made) };
    let is_asked_for = |claim: &&ResourceClaim| claim.external_id.as_ref().is_some_and(|name| names.contains(name));
    let shown = active_claims(store, &subscription.meta.id, &resource.meta.id).into_iter().filter(is_asked_for);
    Ok(shown.map(|claim| claim.meta.id.clone()).collect())
}

fn refuse_too_many(quantity: i64) -> Result<(), Refusal> {
    if quantity > MOST_AT_ONCE {
        return Err(Refusal::bad_request(format!("The sandbox makes at most {MOST_AT_ONCE} claims with one request")));
    }
    Ok(())
}

pub(crate) fn refuse_ended(subscription: &Subscription) -> Result<(), Refusal> {
    if subscription.status == SubscriptionStatus::Canceled {
        return Err(Refusal::rule(format!(
            "Cannot claim resources: Subscription {} is not active (status: canceled)",
            subscription.meta.id
        )));
    }
    Ok(())
}

fn refuse_over_capacity(requested: i64, claimed: i64, capacity: i64) -> Result<(), Refusal> {
    let available = capacity.saturating_sub(claimed);
    if requested > 0 && requested > available {
        return Err(Refusal::bad_request(format!(
            "No available capacity. Requested: {requested}, Available: {available}, Total capacity: {capacity}"
        )));
    }
    Ok(())
}

fn insert_claims(
    store: &mut Store,
    subscription: &Subscription,
    resource: &Resource,
    names: Vec<Option<String>>,
    metadata: Option<&Metadata>,
) -> Result<Vec<String>, Refusal> {
    refuse_taken_names(store, subscription, resource, &names)?;
    let mut made = Vec::with_capacity(names.len());
    for external_id in names {
        let claim = ResourceClaim {
            meta: store.meta::<ResourceClaim>(),
            organization_id: store.organization_id.clone(),
            resource_id: resource.meta.id.clone(),
            subscription_id: subscription.meta.id.clone(),
            pricing_model_id: subscription.pricing_model_id.clone(),
            external_id,
            claimed_at: store.now(),
            released_at: None,
            release_reason: None,
            expired_at: None,
            metadata: metadata.cloned(),
        };
        made.push(store.tables.resource_claims.insert(claim));
    }
    Ok(made)
}

/// Refuses names that are claimed already, which only a race leads to, and names that are repeated.
fn refuse_taken_names(
    store: &Store,
    subscription: &Subscription,
    resource: &Resource,
    names: &[Option<String>],
) -> Result<(), Refusal> {
    let mut names: Vec<&String> = names.iter().flatten().collect();
    let active =
        if names.is_empty() { Vec::new() } else { active_claims(store, &subscription.meta.id, &resource.meta.id) };
    if active.iter().any(|claim| claim.external_id.as_ref().is_some_and(|taken| names.contains(&taken))) {
        return Err(Refusal::collision("resource_claims"));
    }
    let asked_for = names.len();
    names.sort();
    names.dedup();
    if names.len() < asked_for { Err(Refusal::not_inserted("resource_claims")) } else { Ok(()) }
}

/// Sets an end for claims that exceed the capacity after a scheduled cancellation or downgrade, the newest first.
fn limit_to_future_capacity(store: &mut Store, subscription: &Subscription, resource: &Resource, made: &[String]) {
    let Some((at, capacity)) = planned_capacity(store, subscription, resource) else { return };
    let lasting = active_claims(store, &subscription.meta.id, &resource.meta.id)
        .into_iter()
        .filter(|claim| claim.is_active_at(at))
        .count();
    let excess = usize::try_from(count(lasting).saturating_sub(capacity)).unwrap_or(0);
    let now = store.now();
    for id in made.iter().rev().take(excess) {
        store.tables.resource_claims.change(id, now, |claim| claim.expired_at = Some(at));
    }
}

/// When the capacity of a resource will shrink, and to what.
fn planned_capacity(store: &Store, subscription: &Subscription, resource: &Resource) -> Option<(i64, i64)> {
    let now = store.now();
    if let Some(at) = subscription.cancel_scheduled_at.filter(|&at| at > now) {
        return Some((at, 0));
    }
    let items = store.tables.subscription_items.owned_by(&subscription.meta.id);
    let at = items.map(|item| item.added_date).filter(|&at| at > now).min()?;
    let capacity_at = |time| features::capacity(store, &subscription.meta.id, &resource.meta.id, time).unwrap_or(0);
    Some((at, capacity_at(at))).filter(|(_, capacity)| *capacity < capacity_at(now))
}

/// Releases the expired claims of a subscription.
pub(crate) fn release_expired(store: &mut Store, subscription_id: &str) {
    let now = store.now();
    store.tables.resource_claims.change_owned_by(
        subscription_id,
        now,
        |claim| claim.released_at.is_none() && claim.expired_at.is_some_and(|expired_at| expired_at <= now),
        |claim| {
            claim.released_at = Some(now);
            claim.release_reason = Some("expired".into());
        },
    );
}

/// Releases claims, all or none. Returns their ids.
pub(crate) fn release(
    store: &mut Store,
    subscription: &Subscription,
    resource: &Resource,
    returned: &Returned,
) -> Result<Vec<String>, Refusal> {
    let active = active_claims(store, &subscription.meta.id, &resource.meta.id);
    let released = match returned {
        Returned::Anonymous(quantity) => oldest_anonymous(&active, *quantity)?,
        Returned::Named(names) => each_active(&active, names, "externalId", |claim| claim.external_id.as_deref())?,
        Returned::Claims(ids) => each_active(&active, ids, "id", |claim| Some(&claim.meta.id))?,
    };
    let now = store.now();
    for id in &released {
        store.tables.resource_claims.change(id, now, |claim| {
            claim.released_at = Some(now);
            claim.release_reason = Some("released".into());
        });
    }
    Ok(released)
}

fn oldest_anonymous(active: &[&ResourceClaim], quantity: i64) -> Result<Vec<String>, Refusal> {
    let anonymous: Vec<&&ResourceClaim> = active.iter().filter(|claim| claim.external_id.is_none()).collect();
    if quantity > count(anonymous.len()) {
        return Err(Refusal::rule(format!(
            "Cannot release {quantity} anonymous claims. Only {} exist. Use claimIds to release specific claims \
             regardless of type.",
            anonymous.len()
        )));
    }
    let quantity = usize::try_from(quantity).unwrap_or(0);
    Ok(anonymous.into_iter().take(quantity).map(|claim| claim.meta.id.clone()).collect())
}

fn each_active<'a>(
    active: &[&'a ResourceClaim],
    wanted: &[String],
    key: &str,
    key_of: impl Fn(&'a ResourceClaim) -> Option<&'a str>,
) -> Result<Vec<String>, Refusal> {
    let mut released: Vec<String> = Vec::new();
    for name in wanted {
        let claim = active.iter().find(|claim| key_of(claim) == Some(name.as_str()));
        let Some(claim) = claim else {
            return Err(Refusal::rule_not_found(format!("No active claim found with {key} \"{name}\"")));
        };
        if !released.contains(&claim.meta.id) {
            released.push(claim.meta.id.clone());
        }
    }
    Ok(released)
}
