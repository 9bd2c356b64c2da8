//! Writes a setup form as JSON: the document that the setup operation accepts.

use serde_json::{Map, Value, json};

use crate::{
    records::pricing::{FeatureType, PriceType},
    rules::pricing::setup_form::{FeatureForm, PriceForm, ProductForm, SetupForm, UsageMeterForm},
};

pub(crate) fn document(form: &SetupForm) -> Value {
    let resources: Vec<Value> = form
        .resources
        .iter()
        .map(|resource| json!({ "slug": resource.slug, "name": resource.name, "active": resource.active }))
        .collect();
    json!({
        "isDefault": form.is_default,
        "name": form.name,
        "features": form.features.iter().map(feature).collect::<Vec<_>>(),
        "products": form.products.iter().map(product).collect::<Vec<_>>(),
        "usageMeters": form.usage_meters.iter().map(usage_meter).collect::<Vec<_>>(),
        "resources": resources,
    })
}

/// The document as an export shows it: what a form leaves out is `null` there, so that it is no form itself.
pub(crate) fn with_nulls(form: &SetupForm) -> Value {
    let mut document = document(form);
    for product in entries(&mut document["products"]) {
        name_and_slug(&mut product["price"]);
    }
    for meter in entries(&mut document["usageMeters"]) {
        let prices = &mut meter["prices"];
        entries(prices).iter_mut().for_each(name_and_slug);
        if entries(prices).is_empty() {
            *prices = Value::Null;
        }
    }
    document
}

fn entries(list: &mut Value) -> &mut [Value] {
    list.as_array_mut().map(Vec::as_mut_slice).unwrap_or_default()
}

/// Indexing to write adds a key that is absent, as `null`.
fn name_and_slug(price: &mut Value) {
    for key in ["name", "slug"] {
        _ = &mut price[key];
    }
}

fn feature(form: &FeatureForm) -> Value {
    let mut feature = json!({
        "type": form.kind,
        "slug": form.slug,
        "name": form.name,
        "description": form.description,
        "active": form.active,
    });
    match form.kind {
        FeatureType::Toggle => {}
        FeatureType::UsageCreditGrant => {
            feature["usageMeterSlug"] = json!(form.usage_meter_slug);
            feature["amount"] = json!(form.amount);
            feature["renewalFrequency"] = json!(form.renewal_frequency);
        }
        FeatureType::Resource => {
            feature["resourceSlug"] = json!(form.resource_slug);
            feature["amount"] = json!(form.amount);
        }
    }
    feature
}

fn product(form: &ProductForm) -> Value {
    json!({
        "product": {
            "name": form.name,
            "slug": form.slug,
            "description": form.description,
            "imageURL": form.image_url,
            "default": form.default,
            "active": form.active,
            "singularQuantityLabel": form.singular_quantity_label,
            "pluralQuantityLabel": form.plural_quantity_label,
        },
        "price": price(&form.price),
        "features": form.features,
    })
}

fn usage_meter(form: &UsageMeterForm) -> Value {
    json!({
        "usageMeter": { "name": form.name, "slug": form.slug, "aggregationType": form.aggregation_type },
        "prices": form.prices.iter().map(price).collect::<Vec<_>>(),
    })
}

/// A price with the fields of its type. Absent name and slug are left out: the form does not accept `null` there.
fn price(form: &PriceForm) -> Value {
    let mut price = Map::new();
    let mut set = |key: &str, value: Value| price.insert(key.to_owned(), value);
    set("type", json!(form.kind));
    if let Some(name) = &form.name {
        set("name", json!(name));
    }
    if let Some(slug) = &form.slug {
        set("slug", json!(slug));
    }
    set("unitPrice", json!(form.unit_price));
    set("intervalUnit", json!(form.interval_unit));
    set("intervalCount", json!(form.interval_count));
    set("trialPeriodDays", json!(form.trial_period_days));
    set("usageEventsPerUnit", json!(form.usage_events_per_unit));
    if form.kind != PriceType::Usage {
        set("usageMeterId", Value::Null);
    }
    set("isDefault", json!(form.is_default));
    set("active", json!(form.active));
    Value::Object(price)
}
