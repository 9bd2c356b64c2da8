//! Exports a pricing model as the setup form of an equal one.

use crate::{
    records::pricing::{Feature, Price, PricingModel, Product, Resource, UsageMeter},
    refusal::Refusal,
    rules::{
        pricing::{
            prices, pricing_model,
            setup_form::{FeatureForm, PriceForm, ProductForm, ResourceForm, SetupForm, UsageMeterForm},
        },
        scope,
    },
    store::Store,
};

/// The form of a model: what can be bought in it now. For a model that the key does not see inside, it has only the name.
pub(crate) fn form_of(store: &Store, model: &PricingModel) -> SetupForm {
    let mut form = SetupForm {
        name: model.name.clone(),
        is_default: model.is_default,
        features: Vec::new(),
        products: Vec::new(),
        usage_meters: Vec::new(),
        resources: Vec::new(),
    };
    if scope::sees_inside(store, model) {
        let id = &model.meta.id;
        form.features = scope::all_in(store, id).map(|feature| feature_form(store, feature)).collect();
        form.products = scope::all_in(store, id).filter_map(|product| product_form(store, product)).collect();
        form.usage_meters = scope::all_in(store, id).map(|meter| meter_form(store, meter)).collect();
        form.resources = scope::all_in(store, id).map(resource_form).collect();
    }
    form
}

/// The form of what is active in a model. A product that cannot be bought or a feature whose resource is inactive is
/// refused, as a form cannot describe it.
pub(crate) fn exported(store: &Store, model: &PricingModel) -> Result<SetupForm, Refusal> {
    let mut form = form_of(store, model);
    if scope::sees_inside(store, model) {
        refuse_what_no_form_describes(store, &model.meta.id)?;
    }
    form.resources.retain(|resource| resource.active);
    form.features.retain(|feature| feature.active);
    let is_active = |slug: &String| form.features.iter().any(|feature| feature.slug == *slug);
    for product in &mut form.products {
        product.features.retain(is_active);
    }
    Ok(form)
}

fn refuse_what_no_form_describes(store: &Store, model_id: &str) -> Result<(), Refusal> {
    for feature in scope::all_in::<Feature>(store, model_id).filter(|feature| feature.active) {
        let resource = feature.resource_id.as_deref().and_then(|id| store.tables.resources.find(id));
        if let Some(resource) = resource.filter(|resource| !resource.active) {
            return Err(Refusal::rule_not_found(format!("Resource not found: {}", resource.meta.id)));
        }
    }
    for product in scope::all_in::<Product>(store, model_id) {
        let has_default = prices::of_product(store, &product.meta.id).any(|price| price.active && price.is_default);
        if !has_default {
            let name = &product.name;
            return Err(Refusal::rule(format!("Invalid product.price: Product {name} has no active default price")));
        }
    }
    Ok(())
}

fn feature_form(store: &Store, feature: &Feature) -> FeatureForm {
    let meter = feature.usage_meter_id.as_deref().and_then(|id| store.tables.usage_meters.find(id));
    let resource = feature.resource_id.as_deref().and_then(|id| store.tables.resources.find(id));
    FeatureForm {
        kind: feature.kind,
        slug: feature.slug.clone(),
        name: feature.name.clone(),
        description: feature.description.clone(),
        active: feature.active,
        amount: feature.amount,
        usage_meter_slug: meter.map(|meter| meter.slug.clone()),
        renewal_frequency: feature.renewal_frequency,
        resource_slug: resource.map(|resource| resource.slug.clone()),
    }
}

/// A product without an active price is left out: a form's price must be active.
fn product_form(store: &Store, product: &Product) -> Option<ProductForm> {
    let price = prices::current_of_product(store, &product.meta.id)?;
    let features = pricing_model::features_of(store, &product.meta.id);
    Some(ProductForm {
        name: product.name.clone(),
        slug: product.slug.clone(),
        description: product.description.clone(),
        image_url: product.image_url.clone(),
        default: product.default,
        active: product.active,
        singular_quantity_label: product.singular_quantity_label.clone(),
        plural_quantity_label: product.plural_quantity_label.clone(),
        price: PriceForm { is_default: true, ..price_form(price) },
        features: features.into_iter().map(|feature| feature.slug.clone()).collect(),
    })
}

/// The no-charge price is left out: setup creates one for every meter.
fn meter_form(store: &Store, meter: &UsageMeter) -> UsageMeterForm {
    let of_meter = |price: &&Price| price.usage_meter_id.as_deref() == Some(meter.meta.id.as_str());
    UsageMeterForm {
        name: meter.name.clone(),
        slug: meter.slug.clone(),
        aggregation_type: meter.aggregation_type,
        prices: scope::all_in::<Price>(store, &meter.pricing_model_id)
            .filter(of_meter)
            .filter(|price| price.active && !prices::is_fallback(price))
            .map(price_form)
            .collect(),
    }
}

fn price_form(price: &Price) -> PriceForm {
    PriceForm {
        kind: price.kind,
        name: price.name.clone(),
        slug: price.slug.clone(),
        unit_price: price.unit_price,
        interval_unit: price.interval_unit,
        interval_count: price.interval_count,
        trial_period_days: price.trial_period_days,
        usage_events_per_unit: price.usage_events_per_unit,
        is_default: price.is_default,
        active: Some(price.active),
    }
}

fn resource_form(resource: &Resource) -> ResourceForm {
    ResourceForm { slug: resource.slug.clone(), name: resource.name.clone(), active: resource.active }
}
