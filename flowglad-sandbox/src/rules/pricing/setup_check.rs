//! Checks that the parts of a setup form fit together.

use std::collections::HashSet;

use crate::{
    records::pricing::{FeatureType, PriceType},
    rules::pricing::setup_form::{PriceForm, ProductForm, SetupForm, UsageMeterForm},
};

/// Every problem of a form, in the API's words.
pub(crate) fn problems(form: &SetupForm) -> Vec<String> {
    let mut problems = repeated_slugs(form);
    for feature in &form.features {
        problems.extend(unknown_reference(
            &feature.slug,
            "usage meter",
            feature.usage_meter_slug.as_deref(),
            form.usage_meters.iter().map(|meter| meter.slug.as_str()),
        ));
        problems.extend(unknown_reference(
            &feature.slug,
            "resource",
            feature.resource_slug.as_deref(),
            form.resources.iter().map(|resource| resource.slug.as_str()),
        ));
    }
    for product in &form.products {
        problems.extend(product_problems(form, product));
    }
    if form.products.iter().filter(|product| product.default).count() > 1 {
        problems.push("Multiple default products are not allowed".to_owned());
    }
    for meter in &form.usage_meters {
        problems.extend(meter_problems(meter));
    }
    problems
}

fn repeated_slugs(form: &SetupForm) -> Vec<String> {
    let product_prices = form.products.iter().map(|product| &product.price);
    let meter_prices = form.usage_meters.iter().flat_map(|meter| &meter.prices);
    let price_slugs = product_prices.chain(meter_prices).filter_map(|price| price.slug.as_deref());
    [
        repeated("feature", form.features.iter().map(|feature| feature.slug.as_str())),
        repeated("product", form.products.iter().map(|product| product.slug.as_str())),
        repeated("usage meter", form.usage_meters.iter().map(|meter| meter.slug.as_str())),
        repeated("resource", form.resources.iter().map(|resource| resource.slug.as_str())),
        repeated("price", price_slugs),
    ]
    .concat()
}

fn repeated<'a>(kind: &str, slugs: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = HashSet::new();
    slugs
        .filter(|slug| !seen.insert(*slug))
        .map(|slug| format!("Invalid {kind}: The slug \"{slug}\" is used more than once"))
        .collect()
}

fn unknown_reference<'a>(
    feature: &str,
    kind: &str,
    wanted: Option<&str>,
    mut declared: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let wanted = wanted?;
    (!declared.any(|slug| slug == wanted))
        .then(|| format!("Invalid feature: \"{feature}\" names the {kind} \"{wanted}\", which does not exist"))
}

fn product_problems(form: &SetupForm, product: &ProductForm) -> Vec<String> {
    let slug = &product.slug;
    let price = &product.price;
    let mut problems = Vec::new();
    if price.slug.is_none() {
        problems.push(format!("Invalid price: The price of product \"{slug}\" needs a slug"));
    }
    if price.active != Some(true) || !price.is_default {
        problems
            .push(format!("Invalid price: The price of product \"{slug}\" must have active: true and isDefault: true"));
    }
    if product.default && (price.unit_price != 0 || price.trial_period_days.is_some_and(|days| days > 0)) {
        problems.push(format!("Invalid product: The default product \"{slug}\" must cost nothing and have no trial"));
    }
    for wanted in &product.features {
        match form.features.iter().find(|feature| feature.slug == *wanted) {
            None => problems
                .push(format!("Invalid product: \"{slug}\" names the feature \"{wanted}\", which does not exist")),
            Some(feature) if price.kind == PriceType::SinglePayment && feature.kind == FeatureType::Toggle => problems
                .push(format!("Invalid product: \"{slug}\" is paid once and cannot have the toggle \"{wanted}\"")),
            Some(_) => {}
        }
    }
    problems
}

fn meter_problems(meter: &UsageMeterForm) -> Vec<String> {
    let slug = &meter.slug;
    let mut problems = Vec::new();
    let defaults: Vec<&PriceForm> = meter.prices.iter().filter(|price| price.is_default).collect();
    if defaults.len() > 1 {
        problems.push(format!("Invalid usage meter: \"{slug}\" has more than one default price"));
    }
    if defaults.iter().any(|price| price.active == Some(false)) {
        problems.push(format!("Invalid usage meter: the default price of \"{slug}\" must be active"));
    }
    let reserved = meter.prices.iter().filter_map(|price| price.slug.as_deref()).find(|s| s.ends_with("_no_charge"));
    if let Some(reserved) = reserved {
        problems.push(format!("Invalid price: The slug \"{reserved}\" is reserved: it ends in _no_charge"));
    }
    problems
}
