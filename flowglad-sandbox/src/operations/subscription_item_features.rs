//! `/subscriptions/{id}/add-feature` and `/subscription-item-features`: the features of single subscriptions.

use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        reply::Reply,
    },
    records::{
        pricing::{Feature, FeatureType, RenewalFrequency},
        subscription::{Subscription, SubscriptionItem, SubscriptionItemFeature},
    },
    refusal::Refusal,
    rules::{
        entitlement::{features, subscription_item_features},
        scope,
    },
    store::Store,
};

pub(crate) fn add(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (id, slug, grant_now) = input::read(call, |root| {
        let names = ["featureId", "featureSlug"];
        let [id, slug] = names.map(|name| root.at(name).optional(Field::string).filter(|text| !text.is_empty()));
        let grant_now = root.at("grantCreditsImmediately").optional(Field::boolean).unwrap_or(false);
        root.rule(
            root.count_truthy(&names) == 1,
            &[],
            "Either featureId or featureSlug must be provided, but not both",
        );
        (id, slug, grant_now)
    })?;
    let subscription = scope::show::<Subscription>(store, call.param("id"))?.clone();
    let feature = match id {
        Some(id) => scope::show(store, &id)?,
        None => feature_by_slug(store, &subscription.pricing_model_id, &slug.unwrap_or_default())?,
    };
    let feature = feature.clone();
    let added = subscription_item_features::add(store, &subscription, &feature, grant_now)?;
    reply(store, &added)
}

fn feature_by_slug<'a>(store: &'a Store, model_id: &str, slug: &str) -> Result<&'a Feature, Refusal> {
    let mut features = store.tables.features.iter();
    features.find(|feature| feature.pricing_model_id == model_id && feature.slug == slug).ok_or_else(|| {
        Refusal::rule_not_found(format!("Unwrap called on Err: NotFoundError: Feature not found: {slug}"))
    })
}

const KINDS: [(&str, FeatureType); 3] = [
    ("toggle", FeatureType::Toggle),
    ("usage_credit_grant", FeatureType::UsageCreditGrant),
    ("resource", FeatureType::Resource),
];

/// The fields of a new feature of a subscription item. Name and slug come from the feature.
#[derive(Debug)]
struct Wanted {
    kind: Option<FeatureType>,
    amount: Option<i64>,
    usage_meter_id: Option<String>,
    renewal_frequency: Option<RenewalFrequency>,
    resource_id: Option<String>,
    changes: Changes,
}

/// The optional fields; `Some(None)` clears a field.
#[derive(Debug)]
#[expect(clippy::option_option, reason = "absent, null and a value mean different changes")]
struct Changes {
    product_feature_id: Option<Option<String>>,
    expired_at: Option<Option<i64>>,
    detached_at: Option<Option<i64>>,
    detached_reason: Option<Option<String>>,
    manually_created: Option<bool>,
}

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (item_id, feature_id, wanted) = input::read(call, |root| {
        let (new, kind) = root.at("subscriptionItemFeature").form_by("type", &KINDS);
        let (item_id, feature_id) = (new.at("subscriptionItemId").string(), new.at("featureId").string());
        let wanted = wanted(&new, kind);
        // The API requires name and slug, but shows those of the feature.
        for name in ["name", "slug"] {
            new.at(name).string();
        }
        (item_id, feature_id, wanted)
    })?;
    let item: &SubscriptionItem = scope::require(store, &item_id)?;
    let feature: &Feature = scope::require(store, &feature_id)?;
    subscription_item_features::refuse_ended(scope::require::<Subscription>(store, &item.subscription_id)?)?;
    refuse_misfit(store, &wanted, feature)?;
    let mut record = SubscriptionItemFeature {
        meta: store.meta_with_id(String::new()),
        subscription_item_id: item_id,
        feature_id,
        product_feature_id: None,
        kind: feature.kind,
        amount: None,
        usage_meter_id: feature.usage_meter_id.clone(),
        renewal_frequency: None,
        expired_at: None,
        detached_at: None,
        detached_reason: None,
        manually_created: false,
        pricing_model_id: item.pricing_model_id.clone(),
        resource_id: feature.resource_id.clone(),
    };
    wanted.apply_to(&mut record);
    record.meta = store.meta::<SubscriptionItemFeature>();
    let id = store.tables.subscription_item_features.insert(record);
    reply(store, &id)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    reply(store, call.param("id"))
}

/// Changes amount and end. Feature and subscription item cannot change.
pub(crate) fn update(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (item_id, feature_id, wanted) = input::read(call, |root| {
        let (change, kind) = root.at("subscriptionItemFeature").form_by("type", &KINDS);
        change.at("id").string();
        let text = |name: &'static str| change.at(name).optional(Field::string);
        (text("subscriptionItemId"), text("featureId"), wanted(&change, kind))
    })?;
    let id = call.param("id");
    let record = scope::find::<SubscriptionItemFeature>(store, id);
    let record = record.ok_or_else(|| Refusal::no_row("subscription features", id))?;
    let is_moved = item_id.is_some_and(|id| id != record.subscription_item_id)
        || feature_id.is_some_and(|id| id != record.feature_id);
    if is_moved {
        return Err(Refusal::bad_request(
            "subscriptionItemId and featureId cannot change: expire this and make another",
        ));
    }
    refuse_misfit(store, &wanted, scope::require(store, &record.feature_id)?)?;
    let (id, now) = (record.meta.id.clone(), store.now());
    store.tables.subscription_item_features.change(&id, now, |record| wanted.apply_to(record));
    reply(store, &id)
}

/// Expires a feature. The real API has a path for this, but no procedure. An expired feature does not change.
pub(crate) fn expire(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let expired_at = input::read(call, |root| root.at("expiredAt").optional(Field::timestamp))?;
    let record = require(store, call.param("id"))?;
    let (id, now) = (record.meta.id.clone(), store.now());
    if record.expired_at.is_none_or(|expired_at| expired_at > now) {
        store.tables.subscription_item_features.change(&id, now, |record| {
            record.expired_at = Some(expired_at.unwrap_or(now));
        });
    }
    reply(store, &id)
}

fn wanted(fields: &Field<'_>, kind: Option<FeatureType>) -> Wanted {
    const FREQUENCIES: [(&str, RenewalFrequency); 2] =
        [("once", RenewalFrequency::Once), ("every_billing_period", RenewalFrequency::EveryBillingPeriod)];
    let (gives_credits, gives_units) =
        (kind == Some(FeatureType::UsageCreditGrant), kind == Some(FeatureType::Resource));
    let only_if = |applies: bool, name: &'static str| {
        if !applies {
            fields.at(name).null_or_absent();
        }
        applies.then(|| fields.at(name))
    };
    let product_feature_id = fields.at("productFeatureId").patch(Field::string);
    Wanted {
        kind,
        amount: only_if(gives_credits || gives_units, "amount").map(|amount| amount.integer()),
        usage_meter_id: only_if(gives_credits, "usageMeterId").map(|id| id.string()),
        renewal_frequency: only_if(gives_credits, "renewalFrequency").and_then(|word| word.choice(&FREQUENCIES)),
        changes: Changes {
            product_feature_id,
            expired_at: fields.at("expiredAt").patch(Field::timestamp),
            detached_at: fields.at("detachedAt").patch(Field::timestamp),
            detached_reason: fields.at("detachedReason").patch(Field::string),
            manually_created: fields.at("manuallyCreated").optional(Field::boolean),
        },
        resource_id: only_if(gives_units, "resourceId").map(|id| id.string()),
    }
}

impl Wanted {
    fn apply_to(self, record: &mut SubscriptionItemFeature) {
        record.amount = self.amount;
        record.renewal_frequency = self.renewal_frequency;
        set(&mut record.product_feature_id, self.changes.product_feature_id);
        set(&mut record.expired_at, self.changes.expired_at);
        set(&mut record.detached_at, self.changes.detached_at);
        set(&mut record.detached_reason, self.changes.detached_reason);
        set(&mut record.manually_created, self.changes.manually_created);
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// Refuses fields that contradict the feature, and a product feature of another feature.
fn refuse_misfit(store: &Store, wanted: &Wanted, feature: &Feature) -> Result<(), Refusal> {
    let fits = wanted.kind == Some(feature.kind)
        && wanted.usage_meter_id == feature.usage_meter_id
        && wanted.resource_id == feature.resource_id;
    if !fits {
        return Err(Refusal::bad_request(format!(
            "type, usageMeterId and resourceId must be those of the feature {}",
            feature.meta.id
        )));
    }
    let Some(Some(id)) = &wanted.changes.product_feature_id else { return Ok(()) };
    let link = store.tables.product_features.find(id).filter(|link| link.feature_id == feature.meta.id);
    link.map(|_| ()).ok_or_else(|| Refusal::no_row("product features", id))
}

fn require<'a>(store: &'a Store, id: &str) -> Result<&'a SubscriptionItemFeature, Refusal> {
    scope::find(store, id).ok_or_else(|| Refusal::not_found(format!("subscriptionItemFeature with id {id} not found.")))
}

fn reply(store: &Store, id: &str) -> Result<Reply, Refusal> {
    let record = require(store, id)?;
    Ok(Reply::json(&json!({ "subscriptionItemFeature": features::feature_item(store, record) })))
}
