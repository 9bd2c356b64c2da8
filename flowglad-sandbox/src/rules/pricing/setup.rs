//! Creates a whole pricing model from its setup form.

use std::collections::HashMap;

use crate::{
    records::pricing::{
        CURRENCY, Feature, IntervalUnit, Price, PriceType, PricingModel, Product, ProductFeature, Resource, UsageMeter,
    },
    rules::pricing::setup_form::{FeatureForm, PriceForm, ProductForm, ResourceForm, SetupForm, UsageMeterForm},
    store::Store,
};

/// The ids of the records created so far, by slug.
pub(crate) type Slugs = HashMap<String, String>;

/// Creates the model of a checked form and makes it the API key's model, unless the key stays with its own. Returns the
/// model's id.
pub(crate) fn set_up(store: &mut Store, form: &SetupForm) -> String {
    let model_id = make(store, form);
    if !store.key_stays {
        store.key_model_id.clone_from(&model_id);
    }
    model_id
}

/// Creates the model of a form. Returns its id.
pub(crate) fn make(store: &mut Store, form: &SetupForm) -> String {
    let model_id = make_empty(store, form.name.clone(), form.is_default);
    let meters: Slugs =
        form.usage_meters.iter().map(|meter| (meter.slug.clone(), make_meter(store, &model_id, meter))).collect();
    let resources: Slugs = form
        .resources
        .iter()
        .map(|resource| (resource.slug.clone(), make_resource(store, &model_id, resource)))
        .collect();
    let features: Slugs = form
        .features
        .iter()
        .map(|feature| (feature.slug.clone(), make_feature(store, &model_id, feature, &meters, &resources)))
        .collect();
    for product in &form.products {
        make_product(store, &model_id, product, &features);
    }
    if !form.products.iter().any(|product| product.default) {
        make_product(store, &model_id, &free_plan(Some(IntervalUnit::Month)), &features);
    }
    model_id
}

/// Creates an empty model.
pub(crate) fn make_empty(store: &mut Store, name: String, is_default: bool) -> String {
    let model = PricingModel {
        meta: store.meta::<PricingModel>(),
        organization_id: store.organization_id.clone(),
        is_default: false,
        name,
    };
    let model_id = store.tables.pricing_models.insert(model);
    if is_default {
        make_default(store, &model_id);
    }
    model_id
}

/// Moves a model and everything in it to live mode.
pub(crate) fn make_live(store: &mut Store, model_id: &str) {
    macro_rules! make_live {
        ($now:ident: $($table:ident),+) => {$(
            store.tables.$table.change_where($now, |record| record.pricing_model_id == model_id, |record| record.meta.livemode = true);
        )+};
    }
    let now = store.now();
    store.tables.pricing_models.change(model_id, now, |model| model.meta.livemode = true);
    make_live!(now: products, prices, features, product_features, usage_meters, resources);
}

/// Makes a model the only default.
pub(crate) fn make_default(store: &mut Store, model_id: &str) {
    let now = store.now();
    store.tables.pricing_models.change_where(
        now,
        |model| model.is_default != (model.meta.id == model_id),
        |model| model.is_default = !model.is_default,
    );
}

/// Creates a meter with its prices and its no-charge price, which is the default unless another one is.
pub(crate) fn make_meter(store: &mut Store, model_id: &str, form: &UsageMeterForm) -> String {
    let meter = UsageMeter {
        meta: store.meta::<UsageMeter>(),
        organization_id: store.organization_id.clone(),
        name: form.name.clone(),
        pricing_model_id: model_id.to_owned(),
        slug: form.slug.clone(),
        aggregation_type: form.aggregation_type,
    };
    let meter_id = store.tables.usage_meters.insert(meter);
    for price in form.prices.iter().chain([&no_charge_price(form)]) {
        make_price(store, model_id, price, None, Some(&meter_id));
    }
    meter_id
}

fn no_charge_price(form: &UsageMeterForm) -> PriceForm {
    PriceForm {
        kind: PriceType::Usage,
        name: Some(format!("{} - No Charge", form.name)),
        slug: Some(format!("{}_no_charge", form.slug)),
        unit_price: 0,
        interval_unit: Some(IntervalUnit::Month),
        interval_count: Some(1),
        trial_period_days: None,
        usage_events_per_unit: Some(1),
        is_default: !form.prices.iter().any(|price| price.is_default),
        active: Some(true),
    }
}

pub(crate) fn make_price(
    store: &mut Store,
    model_id: &str,
    form: &PriceForm,
    product_id: Option<&str>,
    usage_meter_id: Option<&str>,
) -> String {
    let price = Price {
        meta: store.meta::<Price>(),
        interval_unit: form.interval_unit,
        name: form.name.clone(),
        interval_count: form.interval_count,
        kind: form.kind,
        trial_period_days: form.trial_period_days,
        is_default: form.is_default,
        unit_price: form.unit_price,
        usage_events_per_unit: form.usage_events_per_unit,
        product_id: product_id.map(str::to_owned),
        active: form.active.unwrap_or(true),
        currency: CURRENCY.into(),
        slug: form.slug.clone(),
        usage_meter_id: usage_meter_id.map(str::to_owned),
        pricing_model_id: model_id.to_owned(),
    };
    store.tables.prices.insert(price)
}

pub(crate) fn make_resource(store: &mut Store, model_id: &str, form: &ResourceForm) -> String {
    let resource = Resource {
        meta: store.meta::<Resource>(),
        organization_id: store.organization_id.clone(),
        pricing_model_id: model_id.to_owned(),
        slug: form.slug.clone(),
        name: form.name.clone(),
        active: form.active,
    };
    store.tables.resources.insert(resource)
}

pub(crate) fn make_feature(
    store: &mut Store,
    model_id: &str,
    form: &FeatureForm,
    meters: &Slugs,
    resources: &Slugs,
) -> String {
    let feature = Feature {
        meta: store.meta::<Feature>(),
        organization_id: store.organization_id.clone(),
        kind: form.kind,
        slug: form.slug.clone(),
        name: form.name.clone(),
        description: form.description.clone(),
        amount: form.amount,
        usage_meter_id: form.usage_meter_slug.as_ref().and_then(|slug| meters.get(slug)).cloned(),
        renewal_frequency: form.renewal_frequency,
        pricing_model_id: model_id.to_owned(),
        resource_id: form.resource_slug.as_ref().and_then(|slug| resources.get(slug)).cloned(),
        active: form.active,
    };
    store.tables.features.insert(feature)
}

pub(crate) fn make_product(store: &mut Store, model_id: &str, form: &ProductForm, features: &Slugs) {
    let product = Product {
        meta: store.meta::<Product>(),
        name: form.name.clone(),
        description: form.description.clone(),
        image_url: form.image_url.clone(),
        organization_id: store.organization_id.clone(),
        active: form.active,
        singular_quantity_label: form.singular_quantity_label.clone(),
        plural_quantity_label: form.plural_quantity_label.clone(),
        pricing_model_id: model_id.to_owned(),
        default: form.default,
        slug: form.slug.clone(),
    };
    let product_id = store.tables.products.insert(product);
    make_price(store, model_id, &form.price, Some(&product_id), None);
    for feature_id in form.features.iter().filter_map(|slug| features.get(slug)) {
        let link = ProductFeature {
            meta: store.meta::<ProductFeature>(),
            product_id: product_id.clone(),
            feature_id: feature_id.clone(),
            organization_id: store.organization_id.clone(),
            expired_at: None,
            pricing_model_id: model_id.to_owned(),
        };
        store.tables.product_features.insert(link);
    }
}

/// The default plan of a model that has none: renewed at an interval, or once without an interval.
pub(crate) fn free_plan(interval_unit: Option<IntervalUnit>) -> ProductForm {
    ProductForm {
        name: "Free Plan".to_owned(),
        slug: "free".to_owned(),
        description: None,
        image_url: None,
        default: true,
        active: true,
        singular_quantity_label: None,
        plural_quantity_label: None,
        price: PriceForm {
            kind: if interval_unit.is_some() { PriceType::Subscription } else { PriceType::SinglePayment },
            name: Some("Free Plan".to_owned()),
            slug: Some("free".to_owned()),
            unit_price: 0,
            interval_unit,
            interval_count: interval_unit.map(|_| 1),
            trial_period_days: None,
            usage_events_per_unit: None,
            is_default: true,
            active: Some(true),
        },
        features: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_plan_renews_only_at_an_interval() {
        let weekly = free_plan(Some(IntervalUnit::Week)).price;
        assert_eq!((weekly.kind, weekly.interval_count), (PriceType::Subscription, Some(1)));
        let once = free_plan(None).price;
        assert_eq!((once.kind, once.interval_unit, once.interval_count), (PriceType::SinglePayment, None, None));
    }
}
