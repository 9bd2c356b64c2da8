//! `/resource-claims/{subscriptionId}`: claims, releases and usage of resources.

use serde::Serialize;
use serde_json::json;

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
const MOST_SLUGS: usize = 100;

#[derive(Debug, Serialize)]
struct UsageView<'a> {
    usage: ResourceUsage,
    claims: Vec<&'a ResourceClaim>,
}

pub(crate) fn claim(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (slug, wanted, metadata) = input::read(call, claim_input)?;
    let subscription = scope::require::<Subscription>(store, call.param("subscriptionId"))?.clone();
    resource_claims::refuse_ended(&subscription)?;
    let resource = resource_by_slug(store, &subscription, &slug)?.clone();
    let shown = resource_claims::claim(store, &subscription, &resource, wanted, metadata.as_ref())?;
    let usage = resource_claims::usage(store, &subscription.meta.id, &resource);
    Ok(Reply::json(&json!({ "claims": claims_with_ids(store, &shown), "usage": usage })))
}

fn claim_input(root: &Field<'_>) -> (String, Wanted, Option<Metadata>) {
    let slug = root.at("resourceSlug").string();
    let metadata = root.at("metadata").optional(Field::metadata);
    let quantity = root.at("quantity").optional(Field::positive);
    let name = root.at("externalId").optional(external_id);
    let names = root.at("externalIds").optional(external_ids);
    exactly_one_of(
        root,
        &["quantity", "externalId", "externalIds"],
        "Exactly one of quantity, externalId, or externalIds must be provided",
    );
    let wanted = match (quantity, name) {
        (Some(quantity), _) => Wanted::Anonymous(quantity),
        (None, Some(name)) => Wanted::Named(vec![name]),
        (None, None) => Wanted::Named(names.unwrap_or_default()),
    };
    (slug, wanted, metadata)
}

/// The real API checks this rule twice, and reports it twice.
fn exactly_one_of(root: &Field<'_>, names: &[&'static str], message: &str) {
    for _ in 0..2 {
        root.rule(root.count_present(names) == 1, &[], message);
    }
}

fn external_id(field: &Field<'_>) -> String {
    field.string_of_at_most(LONGEST_EXTERNAL_ID)
}

fn external_ids(field: &Field<'_>) -> Vec<String> {
    field.list_of_some().iter().map(external_id).collect()
}

fn texts(list: &[Field<'_>]) -> Vec<String> {
    list.iter().map(Field::string).collect()
}

pub(crate) fn release(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (slug, returned) = input::read(call, release_input)?;
    let subscription = scope::require::<Subscription>(store, call.param("subscriptionId"))?.clone();
    let resource = resource_by_slug(store, &subscription, &slug)?.clone();
    let released = resource_claims::release(store, &subscription, &resource, &returned)?;
    let usage = resource_claims::usage(store, &subscription.meta.id, &resource);
    Ok(Reply::json(&json!({ "releasedClaims": claims_with_ids(store, &released), "usage": usage })))
}

fn release_input(root: &Field<'_>) -> (String, Returned) {
    let slug = root.at("resourceSlug").string();
    let quantity = root.at("quantity").optional(Field::positive);
    let name = root.at("externalId").optional(external_id);
    let names = root.at("externalIds").optional(external_ids).or(name.map(|name| vec![name]));
    let claims = root.at("claimIds").optional(|ids| texts(&ids.list_of_some()));
    exactly_one_of(
        root,
        &["quantity", "externalId", "externalIds", "claimIds"],
        "Exactly one of quantity, externalId, externalIds, or claimIds must be provided",
    );
    let returned = match (quantity, names) {
        (Some(quantity), _) => Returned::Anonymous(quantity),
        (None, Some(names)) => Returned::Named(names),
        (None, None) => Returned::Claims(claims.unwrap_or_default()),
    };
    (slug, returned)
}

/// The usage of one resource, which the query names by slug or by id.
pub(crate) fn usage(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (slug, id) = input::read(call, |root| {
        let names = ["resourceSlug", "resourceId"];
        let [slug, id] = names.map(|name| root.at(name).optional(Field::string));
        root.rule(root.count_present(&names) == 1, &[], "Exactly one of resourceSlug or resourceId must be provided");
        (slug, id)
    })?;
    let subscription = scope::require::<Subscription>(store, call.param("subscriptionId"))?;
    let resource = resources(store, subscription)
        .find(|resource| slug.as_ref() == Some(&resource.slug) || id.as_ref() == Some(&resource.meta.id))
        .ok_or_else(|| Refusal::not_found("Resource not found"))?;
    if !ever_had(store, subscription, resource) {
        return Err(Refusal::not_found("Resource is not available on this subscription"));
    }
    Ok(Reply::json(&usage_view(store, subscription, resource)))
}

/// The usage of every resource that the subscription ever had, as a bare array. A filter is a list, so its key must
/// come at least twice.
pub(crate) fn usages(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (slugs, ids) = input::read(call, |root| {
        let slugs = root.at("resourceSlugs").optional(|slugs| texts(&slugs.list_of_at_most(MOST_SLUGS)));
        (slugs, root.at("resourceIds").optional(|ids| texts(&ids.list())))
    })?;
    let subscription = scope::require::<Subscription>(store, call.param("subscriptionId"))?;
    let is_wanted = |resource: &&Resource| match (&slugs, &ids) {
        (Some(slugs), _) => slugs.contains(&resource.slug),
        (None, Some(ids)) => ids.contains(&resource.meta.id),
        (None, None) => true,
    };
    let views: Vec<UsageView<'_>> = resources(store, subscription)
        .filter(|resource| ever_had(store, subscription, resource))
        .filter(is_wanted)
        .map(|resource| usage_view(store, subscription, resource))
        .collect();
    Ok(Reply::json(&views))
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
    let slug = input::read(call, |root| root.at("resourceSlug").optional(Field::string))?;
    let subscription = scope::require::<Subscription>(store, call.param("subscriptionId"))?;
    let with_slug = |slug: &String| resources(store, subscription).find(|resource| resource.slug == *slug);
    let wanted = match &slug {
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
