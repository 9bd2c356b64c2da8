//! Older forms of pricing files, as they are published, turned into the form of the API's setup operation.

use serde_json::{Map, Value};

/// Turns a document into the setup form as far as it is in an older one. Returns a note for each kind of change.
///
/// - The response of an export has the form in `pricingModel`, and `null` where the form has nothing.
/// - A usage meter was written without `usageMeter` around it.
/// - A usage price was the price of a product. It is one of its meter now, and the product has nothing left to be.
pub(crate) fn to_setup_form(mut document: Value) -> (Value, Vec<String>) {
    if let Some(inner) = document.get_mut("pricingModel").filter(|inner| inner.is_object()).map(Value::take) {
        document = inner;
    }
    let mut notes = Vec::new();
    if let Value::Object(form) = &mut document {
        notes.extend(wrap_meters(form));
        notes.extend(move_usage_prices(form));
        remove_nulls(form);
    }
    (document, notes)
}

fn entries<'a>(form: &'a mut Map<String, Value>, list: &str) -> Option<&'a mut Vec<Value>> {
    form.get_mut(list).and_then(Value::as_array_mut)
}

fn slug(record: &Value) -> &str {
    record["slug"].as_str().unwrap_or("?")
}

fn wrap_meters(form: &mut Map<String, Value>) -> Option<String> {
    let mut wrapped = Vec::new();
    for entry in entries(form, "usageMeters")?.iter_mut().filter(|entry| entry.get("usageMeter").is_none()) {
        let Value::Object(mut fields) = entry.take() else { continue };
        let prices = fields.remove("prices");
        let meter = Value::Object(fields);
        wrapped.push(slug(&meter).to_owned());
        let mut parts = Map::from_iter([("usageMeter".to_owned(), meter)]);
        parts.extend(prices.map(|prices| ("prices".to_owned(), prices)));
        *entry = Value::Object(parts);
    }
    (!wrapped.is_empty())
        .then(|| format!("usage meters have their fields under `usageMeter` now: {}", wrapped.join(", ")))
}

fn move_usage_prices(form: &mut Map<String, Value>) -> Vec<String> {
    let mut meters: Vec<Value> = entries(form, "usageMeters").map(std::mem::take).unwrap_or_default();
    let mut notes = Vec::new();
    if let Some(products) = entries(form, "products") {
        // A product whose meter is not there stays, and is refused as it is.
        products.retain(|product| match move_usage_price(product, &mut meters) {
            Some(note) => {
                notes.push(note);
                false
            }
            None => true,
        });
    }
    if let Some(list) = entries(form, "usageMeters") {
        *list = meters;
    }
    notes
}

/// Moves the price of a product to its meter, if it is a usage price. Returns a note.
fn move_usage_price(product: &Value, meters: &mut [Value]) -> Option<String> {
    let mut price = product.get("price").filter(|price| price["type"] == "usage")?.as_object()?.clone();
    let meter_slug = price.shift_remove("usageMeterSlug")?;
    let meter = meters.iter_mut().find(|meter| meter["usageMeter"]["slug"] == meter_slug)?.as_object_mut()?;
    let prices = meter.entry("prices").or_insert_with(|| Value::Array(Vec::new()));
    if prices.is_null() {
        *prices = Value::Array(Vec::new());
    }
    let prices = prices.as_array_mut()?;
    // A meter has one default price at most.
    if prices.iter().any(|other| other["isDefault"] == true) {
        price.insert("isDefault".to_owned(), Value::Bool(false));
    }
    let note = format!(
        "the usage price {} of the product {} is a price of the usage meter {} now, and the product is left out",
        price.get("slug").and_then(Value::as_str).unwrap_or("without a slug"),
        slug(&product["product"]),
        meter_slug.as_str().unwrap_or("?")
    );
    let features = product["features"].as_array().map(Vec::as_slice).unwrap_or_default();
    let features: Vec<&str> = features.iter().filter_map(Value::as_str).collect();
    let lost = if features.is_empty() { String::new() } else { format!("; it granted {}", features.join(", ")) };
    prices.push(Value::Object(price));
    Some(note + &lost)
}

/// Removes what an export writes as `null` and the form does not accept so.
fn remove_nulls(form: &mut Map<String, Value>) {
    for product in entries(form, "products").into_iter().flatten() {
        product.get_mut("price").into_iter().for_each(remove_null_names);
    }
    for meter in entries(form, "usageMeters").into_iter().flatten() {
        if let Some(fields) = meter.as_object_mut()
            && fields.get("prices").is_some_and(Value::is_null)
        {
            fields.shift_remove("prices");
        }
        let prices = meter.get_mut("prices").and_then(Value::as_array_mut);
        prices.into_iter().flatten().for_each(remove_null_names);
    }
}

fn remove_null_names(price: &mut Value) {
    if let Some(fields) = price.as_object_mut() {
        fields.retain(|key, value| !(value.is_null() && ["name", "slug"].contains(&key.as_str())));
    }
}
