//! `/resource-claims/{subscriptionId}`: claims, releases and usage of resources.

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        reply::Reply,
    },
    records::{
        metadata::Metadata,
        pricing::{FeatureType, Resource},
        subscription::Subscription,
        usage::ResourceClaim,
    },
    refusal::Refusal,
    rules::{
        entitlement::resource_claims::{self, ResourceUsage, Returned, Wanted},
        scope,
    },
    store::Store,
};

const LONGEST_EXTERNAL_ID: usize = 255;

#[derive(Debug, Serialize)]
struct UsageView<'a> {
    usage: ResourceUsage,
    claims: Vec<&'a ResourceClaim>,
}

pub(crate) fn claim(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (slug, wanted, metadata) = input::read(&call.body, claim_input)?;
    let subscription = scope::require::<Subscription>(store, call.param("subscriptionId"))?.clone();
    resource_claims::refuse_ended(&subscription)?;
    let resource = resource_by_slug(store, &subscription, &slug)?.clone();
    let shown = resource_claims::claim(store, &subscription, &resource, wanted, metadata.as_ref())?;
    let usage = resource_claims::usage(store, &subscription.meta.id, &resource);
    Ok(Reply::json(&json!({ "claims": claims_with_ids(store, &shown), "usage": usage })))
}

fn claim_input(root: &Field<'_>) -> (String, Wanted, Option<Metadata>) {
    root.exactly_one_of(&["quantity", "externalId", "externalIds"]);
    let quantity = root.at("quantity").nullish(Field::positive);
    let name = root.at("externalId").nullish(external_id);
    let names = root.at("externalIds").nullish(external_ids);
    let wanted = match (quantity, name) {
        (Some(quantity), _) => Wanted::Anonymous(quantity),
        (None, Some(name)) => Wanted::Named(vec![name]),
        (None, None) => Wanted::Named(names.unwrap_or_default()),
    };
    (root.at("resourceSlug").string(), wanted, root.at("metadata").nullish(Field::metadata))
}

fn external_id(field: &Field<'_>) -> String {
    field.string_of_at_most(LONGEST_EXTERNAL_ID)
}

fn external_ids(field: &Field<'_>) -> Vec<String> {
    let ids: Vec<String> = field.list().iter().map(external_id).collect();
    if ids.is_empty() {
        field.refuse("Too small: expected array to have >=1 items");
    }
    ids
}

pub(crate) fn release(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (slug, returned) = input::read(&call.body, release_input)?;
    let subscription = scope::require::<Subscription>(store, call.param("subscriptionId"))?.clone();
    let resource = resource_by_slug(store, &subscription, &slug)?.clone();
    let released = resource_claims::release(store, &subscription, &resource, &returned)?;
    let usage = resource_claims::usage(store, &subscription.meta.id, &resource);
    Ok(Reply::json(&json!({ "releasedClaims": claims_with_ids(store, &released), "usage": usage })))
}

fn release_input(root: &Field<'_>) -> (String, Returned) {
    root.exactly_one_of(&["quantity", "externalId", "externalIds", "claimIds"]);
    let quantity = root.at("quantity").nullish(Field::positive);
    let name = root.at("externalId").nullish(external_id);
    let names = root.at("externalIds").nullish(external_ids).or(name.map(|name| vec![name]));
    let claims = root.at("claimIds").nullish(external_ids);
    let returned = match (quantity, names) {
        (Some(quantity), _) => Returned::Anonymous(quantity),
        (None, Some(names)) => Returned::Named(names),
        (None, None) => Returned::Claims(claims.unwrap_or_default()),
    };
    (root.at("resourceSlug").string(), returned)
}

/// The usage of one resource, which the query names by slug or by id.
pub(crate) fn usage(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (slug, id) = (call.query_value("resourceSlug")?, call.query_value("resourceId")?);
    if slug.is_some() == id.is_some() {
        return Err(Refusal::bad_request(vec![json!({
            "code": "custom", "path": [], "message": "Exactly one of resourceSlug or resourceId must be provided",
        })]));
    }
    let subscription = scope::require::<Subscription>(store, call.param("subscriptionId"))?;
    let resource = resources(store, subscription)
        .find(|resource| slug == Some(resource.slug.as_str()) || id == Some(resource.meta.id.as_str()))
        .ok_or_else(|| Refusal::not_found("Resource not found"))?;
    if !ever_had(store, subscription, resource) {
        return Err(Refusal::not_found("Resource is not available on this subscription"));
    }
    Ok(Reply::json(&usage_view(store, subscription, resource)))
}

/// The usage of every resource that the subscription ever had, as a bare array.
pub(crate) fn usages(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (slugs, ids) = usages_filter(call)?;
    let subscription = scope::require::<Subscription>(store, call.param("subscriptionId"))?;
    let is_wanted = |resource: &&Resource| match (slugs.is_empty(), ids.is_empty()) {
        (false, _) => slugs.contains(&resource.slug.as_str()),
        (true, false) => ids.contains(&resource.meta.id.as_str()),
        (true, true) => true,
    };
    let views: Vec<UsageView<'_>> = resources(store, subscription)
        .filter(|resource| ever_had(store, subscription, resource))
        .filter(is_wanted)
        .map(|resource| usage_view(store, subscription, resource))
        .collect();
    Ok(Reply::json(&views))
}

/// The slugs and ids that the query names. A single one is no list to the real API, so it refuses it.
fn usages_filter(call: &Call) -> Result<(Vec<&str>, Vec<&str>), Refusal> {
    let (slugs, ids) = (call.query_values("resourceSlugs"), call.query_values("resourceIds"));
    let issues: Vec<Value> = [("resourceSlugs", &slugs), ("resourceIds", &ids)]
        .into_iter()
        .filter(|(_, values)| values.len() == 1)
        .map(|(name, _)| {
            json!({
                "expected": "array", "code": "invalid_type", "path": [name],
                "message": "Invalid input: expected array, received string",
            })
        })
        .collect();
    if issues.is_empty() { Ok((slugs, ids)) } else { Err(Refusal::bad_request(issues)) }
}

fn ever_had(store: &Store, subscription: &Subscription, resource: &Resource) -> bool {
    store
        .tables
        .subscription_items
        .owned_by(&subscription.meta.id)
        .flat_map(|item| store.tables.subscription_item_features.owned_by(&item.meta.id))
        .any(|feature| feature.kind == FeatureType::Resource && feature.resource_id.as_ref() == Some(&resource.meta.id))
}

pub(crate) fn claims(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let slug = call.query_value("resourceSlug")?;
    let subscription = scope::require::<Subscription>(store, call.param("subscriptionId"))?;
    let with_slug = |slug: &str| resources(store, subscription).find(|resource| resource.slug == slug);
    let wanted = match slug {
        Some(slug) => Some(with_slug(slug).ok_or_else(|| Refusal::not_found("Resource not found"))?),
        None => None,
    };
    let now = store.now();
    let claims: Vec<&ResourceClaim> = store
        .tables
        .resource_claims
        .owned_by(&subscription.meta.id)
        .filter(|claim| claim.is_active_at(now))
        .filter(|claim| wanted.is_none_or(|resource| claim.resource_id == resource.meta.id))
        .collect();
    Ok(Reply::json(&json!({ "claims": claims })))
}

fn resources<'a>(store: &'a Store, subscription: &'a Subscription) -> impl Iterator<Item = &'a Resource> {
    store.tables.resources.iter().filter(|resource| resource.pricing_model_id == subscription.pricing_model_id)
}

fn resource_by_slug<'a>(store: &'a Store, subscription: &'a Subscription, slug: &str) -> Result<&'a Resource, Refusal> {
    resources(store, subscription)
        .find(|resource| resource.slug == slug)
        .ok_or_else(|| Refusal::rule_not_found(format!("Resource with slug \"{slug}\" not found in pricing model")))
}

fn usage_view<'a>(store: &'a Store, subscription: &Subscription, resource: &Resource) -> UsageView<'a> {
    UsageView {
        usage: resource_claims::usage(store, &subscription.meta.id, resource),
        claims: resource_claims::active_claims(store, &subscription.meta.id, &resource.meta.id),
    }
}

fn claims_with_ids<'a>(store: &'a Store, ids: &[String]) -> Vec<&'a ResourceClaim> {
    ids.iter().filter_map(|id| store.tables.resource_claims.find(id)).collect()
}
