//! Shows a new clone as the real API does: as if only a part of it had been copied.

use serde_json::{Value, json};

use crate::{
    records::pricing::{PricingModel, Resource},
    rules::{pricing::pricing_model, scope},
    store::Store,
};

/// A clone whose prices and resources are those of its source, and whose meters have no prices.
pub(crate) fn view(store: &Store, clone: &PricingModel, source_id: &str) -> Value {
    let mut view = json!(pricing_model::view(store, clone));
    for product in entries(&mut view["products"]) {
        refer_to_source(store, product, source_id);
    }
    if view["defaultProduct"].is_object() {
        refer_to_source(store, &mut view["defaultProduct"], source_id);
    }
    for meter in entries(&mut view["usageMeters"]) {
        meter["prices"] = json!([]);
        meter["defaultPrice"] = Value::Null;
    }
    view
}

fn refer_to_source(store: &Store, product: &mut Value, source_id: &str) {
    for price in entries(&mut product["prices"]) {
        price["pricingModelId"] = json!(source_id);
    }
    product["defaultPrice"]["pricingModelId"] = json!(source_id);
    for feature in entries(&mut product["features"]) {
        feature["resourceId"] = json!(source_resource(store, feature["resourceId"].as_str(), source_id));
    }
}

fn source_resource<'a>(store: &'a Store, id: Option<&str>, source_id: &'a str) -> Option<&'a str> {
    let copy = store.tables.resources.find(id?)?;
    let source = scope::all_in::<Resource>(store, source_id).find(|resource| resource.slug == copy.slug);
    source.map(|resource| resource.meta.id.as_str())
}

fn entries(list: &mut Value) -> &mut [Value] {
    list.as_array_mut().map(Vec::as_mut_slice).unwrap_or_default()
}
