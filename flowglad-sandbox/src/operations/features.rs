//! `/features`: what products can include.

use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        page,
        reply::Reply,
    },
    records::pricing::{Feature, FeatureType, RenewalFrequency, Resource, UsageMeter},
    refusal::Refusal,
    rules::scope,
    store::Store,
};

const KINDS: [(&str, FeatureType); 3] = [
    ("toggle", FeatureType::Toggle),
    ("usage_credit_grant", FeatureType::UsageCreditGrant),
    ("resource", FeatureType::Resource),
];
const FREQUENCIES: [(&str, RenewalFrequency); 2] =
    [("once", RenewalFrequency::Once), ("every_billing_period", RenewalFrequency::EveryBillingPeriod)];

#[derive(Debug)]
struct NewFeature {
    pricing_model_id: String,
    slug: String,
    name: String,
    description: String,
    active: bool,
    given: Given,
}

#[derive(Debug)]
struct FeatureChanges {
    slug: Option<String>,
    name: Option<String>,
    description: Option<String>,
    active: Option<bool>,
    given: Given,
}

/// The fields of a feature that depend on its type.
#[derive(Debug)]
struct Given {
    kind: FeatureType,
    amount: Option<i64>,
    usage_meter_id: Option<String>,
    renewal_frequency: Option<RenewalFrequency>,
    resource_id: Option<String>,
}

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    page::reply(call, scope::all::<Feature>(store), |feature| feature)
}

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let new = input::read(call, |root| new_feature(&root.at("feature")))?;
    if new.pricing_model_id != store.key_model_id || slug_is_taken(store, &new.slug, None) {
        return Err(Refusal::not_inserted("features"));
    }
    require_given(store, &new.given)?;
    let feature = Feature {
        meta: store.meta::<Feature>(),
        organization_id: store.organization_id.clone(),
        kind: new.given.kind,
        slug: new.slug,
        name: new.name,
        description: new.description,
        amount: new.given.amount,
        usage_meter_id: new.given.usage_meter_id,
        renewal_frequency: new.given.renewal_frequency,
        pricing_model_id: new.pricing_model_id,
        resource_id: new.given.resource_id,
        active: new.active,
    };
    let reply = feature_reply(&feature);
    store.tables.features.insert(feature);
    Ok(reply)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    scope::require(store, call.param("id")).map(feature_reply)
}

/// Changes a feature. Running subscriptions keep their amounts.
pub(crate) fn update(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let id = call.param("id");
    let changes = input::read(call, |root| feature_changes(&root.at("feature")))?;
    let feature: &Feature = scope::require(store, id)?;
    if feature.kind != changes.given.kind {
        return Err(Refusal::bad_request("The type of a feature cannot be changed"));
    }
    if changes.slug.as_ref().is_some_and(|slug| slug_is_taken(store, slug, Some(id))) {
        return Err(Refusal::not_updated("features"));
    }
    require_given(store, &changes.given)?;
    apply(store, id, changes);
    scope::require(store, id).map(feature_reply)
}

fn apply(store: &mut Store, id: &str, changes: FeatureChanges) {
    let now = store.now();
    store.tables.features.change(id, now, |feature| {
        feature.slug = changes.slug.unwrap_or_else(|| feature.slug.clone());
        feature.name = changes.name.unwrap_or_else(|| feature.name.clone());
        feature.description = changes.description.unwrap_or_else(|| feature.description.clone());
        feature.active = changes.active.unwrap_or(feature.active);
        feature.amount = changes.given.amount;
        feature.usage_meter_id = changes.given.usage_meter_id;
        feature.renewal_frequency = changes.given.renewal_frequency;
        feature.resource_id = changes.given.resource_id;
    });
}

fn new_feature(place: &Field<'_>) -> NewFeature {
    let (feature, kind) = place.form_by("type", &KINDS);
    let slug = feature.at("slug").label();
    let name = feature.at("name").string();
    let description = feature.at("description").string();
    let given = given(&feature, kind.unwrap_or(FeatureType::Toggle));
    NewFeature {
        slug,
        name,
        description,
        given,
        pricing_model_id: feature.at("pricingModelId").string(),
        active: feature.at("active").optional(Field::boolean).unwrap_or(true),
    }
}

fn feature_changes(place: &Field<'_>) -> FeatureChanges {
    let (feature, kind) = place.form_by("type", &KINDS);
    feature.at("id").string();
    FeatureChanges {
        slug: feature.at("slug").optional(Field::label),
        name: feature.at("name").optional(Field::string),
        description: feature.at("description").optional(Field::string),
        given: given(&feature, kind.unwrap_or(FeatureType::Toggle)),
        active: feature.at("active").optional(Field::boolean),
    }
}

fn given(feature: &Field<'_>, kind: FeatureType) -> Given {
    let grants_credits = kind == FeatureType::UsageCreditGrant;
    let of_resource = kind == FeatureType::Resource;
    for (name, is_allowed) in [
        ("amount", grants_credits || of_resource),
        ("usageMeterId", grants_credits),
        ("renewalFrequency", grants_credits),
        ("resourceId", of_resource),
    ] {
        if !is_allowed {
            feature.at(name).null_or_absent();
        }
    }
    Given {
        kind,
        amount: (grants_credits || of_resource).then(|| feature.at("amount").coerced_positive()),
        usage_meter_id: grants_credits.then(|| feature.at("usageMeterId").string()),
        renewal_frequency: grants_credits.then(|| feature.at("renewalFrequency").choice(&FREQUENCIES)).flatten(),
        resource_id: of_resource.then(|| feature.at("resourceId").string()),
    }
}

/// Refuses a meter or resource outside the key's scope.
fn require_given(store: &Store, given: &Given) -> Result<(), Refusal> {
    if let Some(id) = &given.usage_meter_id {
        scope::require::<UsageMeter>(store, id)?;
    }
    if let Some(id) = &given.resource_id {
        scope::require::<Resource>(store, id)?;
    }
    Ok(())
}

fn slug_is_taken(store: &Store, slug: &str, own_id: Option<&str>) -> bool {
    scope::all::<Feature>(store).any(|feature| feature.slug == slug && Some(feature.meta.id.as_str()) != own_id)
}

fn feature_reply(feature: &Feature) -> Reply {
    Reply::json(&json!({ "feature": feature }))
}
