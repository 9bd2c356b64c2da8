//! Exports a pricing model as the setup form of an equal one.

use crate::{
    records::pricing::{Feature, Price, PricingModel, Product, Resource, UsageMeter},
    rules::{
        pricing::{
            prices, pricing_model,
            setup_form::{FeatureForm, PriceForm, ProductForm, ResourceForm, SetupForm, UsageMeterForm},
        },
        scope,
    },
    store::Store,
};

/// The form of a model: what can be bought in it now. For a model other than the key's, it has only the name.
pub(crate) fn form_of(store: &Store, model: &PricingModel) -> SetupForm {
    let mut form = SetupForm {
        name: model.name.clone(),
        is_default: model.is_default,
        features: Vec::new(),
        products: Vec::new(),
        usage_meters: Vec::new(),
        resources: Vec::new(),
    };
    if model.meta.id == store.key_model_id {
        form.features = scope::all(store).map(|feature| feature_form(store, feature)).collect();
        form.products = scope::all(store).filter_map(|product| product_form(store, product)).collect();
        form.usage_meters = scope::all(store).map(|meter| meter_form(store, meter)).collect();
        form.resources = scope::all(store).map(resource_form).collect();
    }
    form
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
        prices: scope::all::<Price>(store)
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
