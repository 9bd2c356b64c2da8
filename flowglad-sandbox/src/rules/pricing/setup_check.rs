//! Checks that the parts of a setup form fit together.

use std::collections::HashSet;

use crate::{
    records::pricing::FeatureType,
    refusal::Refusal,
    rules::pricing::setup_form::{FeatureForm, ProductForm, SetupForm, UsageMeterForm},
};

/// Refuses a form whose parts do not fit together, beyond what the API's validator sees.
pub(crate) fn check(form: &SetupForm) -> Result<(), Refusal> {
    match broken_rules(form).into_iter().next() {
        Some(broken) => Err(broken.refusal()),
        None => Ok(()),
    }
}

/// As [`check`], for the form of a model that exists, as far as its parts can come not to fit.
pub(crate) fn check_export(form: &SetupForm) -> Result<(), Refusal> {
    match parts_that_do_not_fit(form).into_iter().next() {
        Some(BrokenRule::NotFound(sentence)) => Err(Refusal::rule_not_found(sentence)),
        Some(broken) => Err(Refusal::rule(broken.sentence())),
        None => Ok(()),
    }
}

/// A rule that a form breaks.
#[derive(Debug)]
pub(crate) enum BrokenRule {
    NotFound(String),
    Invalid(String),
    /// The API has no words for it.
    Unnamed(&'static str),
}

impl BrokenRule {
    fn refusal(self) -> Refusal {
        match self {
            Self::NotFound(sentence) => Refusal::rule_not_found(format!(
                "Unwrap called on Err: Panic: Unwrap called on Err: NotFoundError: {sentence}"
            )),
            Self::Invalid(sentence) => {
                Refusal::rule(format!("Unwrap called on Err: Panic: Unwrap called on Err: ValidationError: {sentence}"))
            }
            Self::Unnamed(_) => Refusal::rule("Unwrap called on Err: Panic: generator body threw"),
        }
    }

    /// What is wrong, as a sentence.
    pub(crate) fn sentence(self) -> String {
        match self {
            Self::NotFound(sentence) | Self::Invalid(sentence) => sentence,
            Self::Unnamed(sentence) => sentence.to_owned(),
        }
    }
}

/// Every rule that a form breaks, in the API's order.
pub(crate) fn broken_rules(form: &SetupForm) -> Vec<BrokenRule> {
    let mut broken = parts_that_do_not_fit(form);
    broken.extend(broken_default(form));
    let attached: HashSet<&String> = form.products.iter().flat_map(|product| &product.features).collect();
    let detached = form.features.iter().filter(|feature| !attached.contains(&feature.slug));
    broken.extend(detached.filter_map(|feature| lost_reference(form, feature)));
    broken
}

/// Names that lead nowhere, and prices that are missing or double.
fn parts_that_do_not_fit(form: &SetupForm) -> Vec<BrokenRule> {
    let mut broken = Vec::new();
    let mut price_slugs = HashSet::new();
    for product in &form.products {
        broken.extend(product.features.iter().filter_map(|slug| broken_reference(form, slug)));
        broken.extend(broken_price_slug(product, &mut price_slugs));
    }
    for meter in &form.usage_meters {
        broken.extend(broken_prices(meter, &mut price_slugs));
    }
    broken
}

/// What a product names that does not exist: a feature, or the meter or resource of the feature.
fn broken_reference(form: &SetupForm, slug: &str) -> Option<BrokenRule> {
    match form.features.iter().find(|feature| feature.slug == slug) {
        None => Some(BrokenRule::NotFound(format!("Feature not found: {slug}"))),
        Some(feature) => lost_reference(form, feature),
    }
}

fn lost_reference(form: &SetupForm, feature: &FeatureForm) -> Option<BrokenRule> {
    let (kind, slug, exists) = match feature.kind {
        FeatureType::Toggle => return None,
        FeatureType::UsageCreditGrant => {
            let slug = feature.usage_meter_slug.as_deref()?;
            ("UsageMeter", slug, form.usage_meters.iter().any(|meter| meter.slug == slug))
        }
        FeatureType::Resource => {
            let slug = feature.resource_slug.as_deref()?;
            ("Resource", slug, form.resources.iter().any(|resource| resource.slug == slug))
        }
    };
    (!exists).then(|| BrokenRule::NotFound(format!("{kind} not found: {slug}")))
}

fn broken_price_slug<'a>(product: &'a ProductForm, taken: &mut HashSet<&'a str>) -> Option<BrokenRule> {
    match product.price.slug.as_deref() {
        None => Some(BrokenRule::Invalid("Invalid price.slug: Price slug is required".to_owned())),
        Some(slug) if !taken.insert(slug) => Some(taken_price_slug(slug)),
        Some(_) => None,
    }
}

fn taken_price_slug(slug: &str) -> BrokenRule {
    BrokenRule::Invalid(format!("Invalid price.slug: Price with slug {slug} already exists"))
}

fn broken_prices<'a>(meter: &'a UsageMeterForm, taken: &mut HashSet<&'a str>) -> Vec<BrokenRule> {
    let slugs = meter.prices.iter().filter_map(|price| price.slug.as_deref());
    let mut broken: Vec<BrokenRule> = slugs.filter(|slug| !taken.insert(slug)).map(taken_price_slug).collect();
    if meter.prices.iter().filter(|price| price.is_default).count() > 1 {
        broken.push(BrokenRule::Invalid(format!(
            "Invalid usageMeter.prices: Usage meter \"{}\" has multiple prices with isDefault=true. \
             At most one price per usage meter can be the default.",
            meter.slug
        )));
    }
    broken
}

fn broken_default(form: &SetupForm) -> Option<BrokenRule> {
    let defaults: Vec<&ProductForm> = form.products.iter().filter(|product| product.default).collect();
    let invalid = |sentence: &str| Some(BrokenRule::Invalid(sentence.to_owned()));
    match defaults.as_slice() {
        [] if form.products.iter().any(|product| product.slug == "free") => Some(BrokenRule::Unnamed(
            "The slug \"free\" is taken by the default product that is made when the form has none",
        )),
        [only] if only.price.unit_price != 0 => invalid("Invalid price.amount: Default products must have zero price"),
        [only] if only.price.trial_period_days.is_some_and(|days| days > 0) => {
            invalid("Invalid price.trialDays: Default products cannot have trials")
        }
        [] | [_] => None,
        _ => invalid("Invalid products: Multiple default products not allowed"),
    }
}
