//! Bodies that are valid by construction: made from a schema, with ids and slugs of earlier responses.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::{Map, Value, json};

use crate::description::Description;

const MAX_SAFE_INTEGER: i64 = 9_007_199_254_740_991;

/// Fields of which the API requires exactly one.
const ALTERNATIVES: [&[&str]; 7] = [
    &["priceId", "priceSlug", "usageMeterId", "usageMeterSlug"],
    &["priceId", "priceSlug"],
    &["customerId", "customerExternalId"],
    &["featureId", "featureSlug"],
    &["quantity", "externalId", "externalIds", "claimIds"],
    &["quantity", "externalId", "externalIds"],
    &["resourceSlug", "resourceId"],
];

/// The ids, slugs and names in responses, by kind.
#[derive(Debug, Default)]
pub(super) struct Seen {
    by_kind: BTreeMap<String, BTreeSet<String>>,
}

impl Seen {
    /// Adds the ids, slugs and external ids of a response.
    pub(super) fn learn(&mut self, answer: &Value) {
        match answer {
            Value::Object(fields) => {
                for (name, value) in fields {
                    if let Value::String(text) = value {
                        self.learn_text(name, text, fields);
                    }
                    self.learn(value);
                }
            }
            Value::Array(entries) => entries.iter().for_each(|entry| self.learn(entry)),
            _ => {}
        }
    }

    fn learn_text(&mut self, name: &str, text: &str, record: &Map<String, Value>) {
        let kind = match name {
            "slug" => record.get("id").and_then(Value::as_str).and_then(kind_of_id).map(|kind| format!("{kind} slug")),
            "externalId" if record.contains_key("invoiceNumberBase") => Some("customer name".to_owned()),
            "externalId" => Some("claim name".to_owned()),
            "transactionId" => Some("transaction".to_owned()),
            "resourceSlug" => Some("resource slug".to_owned()),
            "nextCursor" => Some("cursor".to_owned()),
            _ if name == "id" || name.ends_with("Id") => kind_of_id(text).map(str::to_owned),
            _ => None,
        };
        if let Some(kind) = kind {
            self.by_kind.entry(kind).or_default().insert(text.to_owned());
        }
    }

    /// A random value of this kind that was seen.
    pub(super) fn id_of_kind(&self, rng: &mut Rng, kind: &str) -> Option<String> {
        let known = self.by_kind.get(kind).filter(|known| !known.is_empty())?;
        known.iter().nth(rng.usize(..known.len())).cloned()
    }

    fn any_id(&self, rng: &mut Rng) -> Option<String> {
        let known = self.by_kind.values().nth(rng.usize(..self.by_kind.len().max(1)))?;
        known.iter().nth(rng.usize(..known.len())).cloned()
    }

    /// Mostly a value of this kind, sometimes one of another kind or an invented one.
    pub(super) fn text_for(&self, rng: &mut Rng, kind: &str) -> String {
        let known = match rng.u8(..100) {
            0..90 => self.id_of_kind(rng, kind),
            90..95 => self.any_id(rng),
            _ => None,
        };
        known.unwrap_or_else(|| invented(rng, kind))
    }
}

/// The prefix of an id: `usage_meter` of `usage_meter_…`.
fn kind_of_id(id: &str) -> Option<&str> {
    let (kind, random) = id.rsplit_once('_')?;
    (random.len() == 21).then_some(kind)
}

fn invented(rng: &mut Rng, kind: &str) -> String {
    match kind {
        "customer name" | "claim name" | "transaction" => format!("{} {}", word(rng), rng.u8(..50)),
        "cursor" => "bm90IGEgY3Vyc29y".to_owned(),
        kind if kind.ends_with(" slug") => format!("{}_{}", word(rng), rng.u8(..50)),
        kind => format!("{kind}_{:021}", rng.u64(..)),
    }
}

fn word(rng: &mut Rng) -> &'static str {
    const WORDS: [&str; 8] = ["alpha", "Ünïcödé", "日本語", "a b", "x", "<b>bold</b>", "o'hara", "🦀"];
    WORDS[rng.usize(..WORDS.len())]
}

/// The kind of id or slug for a field of this name; `id` alone is the resource's own.
pub(super) fn kind_for(field: &str, own: &str) -> Option<&'static str> {
    Some(match field {
        "id" => own_kind(own)?,
        "customerId" => "cust",
        "customerExternalId" => "customer name",
        "externalId" if own == "customers" => "customer name",
        "externalId" | "externalIds" => "claim name",
        "priceId" => "price",
        "priceSlug" => "price slug",
        "productId" => "prod",
        "featureId" | "featureIds" => "feature",
        "featureSlug" => "feature slug",
        "productFeatureId" => "product_feature",
        "usageMeterId" => "usage_meter",
        "usageMeterSlug" => "usage_meter slug",
        "resourceId" | "resourceIds" => "resource",
        "resourceSlug" | "resourceSlugs" => "resource slug",
        "subscriptionId" | "targetSubscriptionId" => "sub",
        "subscriptionItemId" => "si",
        "pricingModelId" => "pricing_model",
        "claimIds" => "res_claim",
        "defaultPaymentMethodId" | "backupPaymentMethodId" => "pm",
        "transactionId" => "transaction",
        "cursor" => "cursor",
        _ => return None,
    })
}

fn own_kind(resource: &str) -> Option<&'static str> {
    Some(match resource {
        "apiKeys" => "apikey",
        "checkoutSessions" => "chckt_session",
        "discounts" => "discount",
        "features" => "feature",
        "invoiceLineItems" => "inv_li",
        "invoices" => "inv",
        "paymentMethods" => "pm",
        "payments" => "pym",
        "prices" => "price",
        "pricingModels" => "pricing_model",
        "productFeatures" => "product_feature",
        "products" => "prod",
        "purchases" => "prch",
        "resources" => "resource",
        "subscriptionItemFeatures" => "sub_feature",
        "subscriptions" => "sub",
        "usageEvents" => "usage_event",
        "usageMeters" => "usage_meter",
        "webhooks" => "webhook",
        _ => return None,
    })
}

/// Makes values from schemas.
pub(super) struct Maker<'a> {
    pub(super) rng: &'a mut Rng,
    pub(super) description: &'a Description,
    pub(super) seen: &'a Seen,
    /// The resource that the operation belongs to, such as `products`.
    pub(super) own: &'a str,
}

impl Maker<'_> {
    /// A value that the schema accepts, for the field of this name.
    pub(super) fn value(&mut self, schema: &Value, field: &str) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let referred = self.description.referred(reference).clone();
            return self.value(&referred, field);
        }
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        for choices in ["enum", "oneOf", "anyOf"] {
            if let Some(choices) = schema[choices].as_array() {
                let chosen = choices[self.rng.usize(..choices.len())].clone();
                return if schema["enum"].is_array() { chosen } else { self.value(&chosen, field) };
            }
        }
        match schema["type"].as_str() {
            Some("object") => self.object(schema),
            Some("array") => self.list(schema, field),
            Some("string") => Value::from(self.text(schema, field)),
            Some("integer" | "number") => self.number(schema, field),
            Some("boolean") => Value::from(self.rng.bool()),
            _ => Value::Null,
        }
    }

    fn object(&mut self, schema: &Value) -> Value {
        let mut made = Map::new();
        let Some(fields) = schema["properties"].as_object() else { return self.free_object() };
        let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        let left_out = self.alternatives_to_leave_out(fields);
        for (name, schema) in fields {
            let is_required = required.iter().any(|required| required == name);
            let is_chosen = match left_out.get(name.as_str()) {
                Some(left_out) => !left_out,
                // No value that JSON can hold is a start date for the API.
                None if name == "startDate" => self.rng.u8(..100) < 2,
                None => self.rng.u8(..100) < 35,
            };
            if is_required || is_chosen {
                made.insert(name.clone(), self.value(schema, name));
            }
        }
        Value::Object(made)
    }

    /// For each field that is one of several alternatives: whether it is left out. Mostly exactly one is kept.
    fn alternatives_to_leave_out<'f>(&mut self, fields: &'f Map<String, Value>) -> BTreeMap<&'f str, bool> {
        let mut left_out = BTreeMap::new();
        for names in ALTERNATIVES {
            let all_there = names.iter().all(|name| fields.contains_key(*name));
            let is_new = !names.iter().any(|name| left_out.contains_key(name));
            if all_there && is_new && self.rng.u8(..100) < 90 {
                let chosen = names[self.rng.usize(..names.len())];
                let known = names.iter().filter_map(|name| fields.get_key_value(*name));
                left_out.extend(known.map(|(name, _)| (name.as_str(), name != chosen)));
            }
        }
        left_out
    }

    fn free_object(&mut self) -> Value {
        match self.rng.u8(..3) {
            0 => json!({}),
            1 => json!({ "region": "eu", "count": 3, "flag": true }),
            _ => json!({ word(self.rng): word(self.rng) }),
        }
    }

    fn list(&mut self, schema: &Value, field: &str) -> Value {
        let least = usize::try_from(schema["minItems"].as_u64().unwrap_or(0)).unwrap();
        let length = least + self.rng.usize(..3);
        (0..length).map(|_| self.value(&schema["items"], field)).collect()
    }

    fn text(&mut self, schema: &Value, field: &str) -> String {
        if schema["format"] == "uri" || field.ends_with("Url") {
            // No server listens there, so deliveries fail and stay on this computer.
            return "http://127.0.0.1:9/hook".to_owned();
        }
        let text = match (kind_for(field, self.own), field) {
            (Some(kind), _) => self.seen.text_for(self.rng, kind),
            (None, "slug") => format!("{}_{}", word(self.rng), self.rng.u8(..20)),
            (None, "code") => format!("CODE{}", self.rng.u8(..20)),
            (None, _) => word(self.rng).to_owned(),
        };
        let longest = schema["maxLength"].as_u64().map_or(usize::MAX, |longest| usize::try_from(longest).unwrap());
        text.chars().take(longest).collect()
    }

    fn number(&mut self, schema: &Value, field: &str) -> Value {
        let above = schema["exclusiveMinimum"].as_i64().map(|above| above.saturating_add(1));
        let least = schema["minimum"].as_i64().or(above).unwrap_or(0).max(-MAX_SAFE_INTEGER);
        let most = schema["maximum"].as_i64().unwrap_or(MAX_SAFE_INTEGER).min(MAX_SAFE_INTEGER);
        let small = least.max(1);
        Value::from(match self.rng.u8(..100) {
            _ if field == "trialEnd" || field.ends_with("Date") || field.ends_with("At") => {
                crate::NEW_YEAR + self.rng.i64(-40..400) * crate::DAY_MS
            }
            0..80 => small.saturating_add(self.rng.i64(0..5)),
            80..90 => small.saturating_add(self.rng.i64(0..10_000)),
            90..95 => least,
            _ => most,
        })
    }
}
