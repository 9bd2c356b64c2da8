//! Replaces the content of a pricing model by a setup form. Parts are matched by slug: those in both are changed, those
//! only in the form are created, and those only in the model are deactivated.

use crate::{
    records::pricing::{Feature, Price, Product, Resource, UsageMeter},
    refusal::Refusal,
    rules::{
        pricing::{
            prices, product_features, products,
            setup::{self, Slugs},
            setup_check,
            setup_form::{FeatureForm, PriceForm, ProductForm, SetupForm, UsageMeterForm},
        },
        scope,
    },
    store::Store,
};

/// Replaces everything inside the key's own model.
pub(crate) fn replace(store: &mut Store, form: &SetupForm) -> Result<(), Refusal> {
    setup_check::check(form)?;
    let resources = replace_resources(store, form);
    let meters = replace_meters(store, form);
    let features = replace_features(store, form, &meters, &resources)?;
    replace_products(store, form, &features)
}

fn replace_resources(store: &mut Store, form: &SetupForm) -> Slugs {
    let now = store.now();
    let model_id = store.key_model_id.clone();
    let mut kept = Slugs::new();
    for wanted in &form.resources {
        let existing = scope::all::<Resource>(store).find(|resource| resource.slug == wanted.slug);
        let id = match existing.map(|resource| resource.meta.id.clone()) {
            Some(id) => id,
            None => setup::make_resource(store, &model_id, wanted),
        };
        store.tables.resources.change(&id, now, |resource| {
            resource.name.clone_from(&wanted.name);
            resource.active = wanted.active;
        });
        kept.insert(wanted.slug.clone(), id);
    }
    store.tables.resources.change_where(
        now,
        |resource| resource.pricing_model_id == model_id && resource.active && !kept.contains_key(&resource.slug),
        |resource| resource.active = false,
    );
    kept
}

/// A meter is kept because usage was counted on it. Its prices are deactivated, so its usage is free.
fn replace_meters(store: &mut Store, form: &SetupForm) -> Slugs {
    let model_id = store.key_model_id.clone();
    let mut kept = Slugs::new();
    for wanted in &form.usage_meters {
        let existing = scope::all::<UsageMeter>(store).find(|meter| meter.slug == wanted.slug);
        let id = match existing.map(|meter| meter.meta.id.clone()) {
            Some(id) => {
                change_meter(store, &id, wanted);
                id
            }
            None => setup::make_meter(store, &model_id, wanted),
        };
        kept.insert(wanted.slug.clone(), id);
    }
    let left_out = scope::all::<UsageMeter>(store).filter(|meter| !kept.contains_key(&meter.slug));
    let left_out: Vec<String> = left_out.map(|meter| meter.meta.id.clone()).collect();
    for id in left_out {
        keep_meter_prices(store, &id, &[]);
        prices::fall_back(store, &id);
    }
    kept
}

fn change_meter(store: &mut Store, id: &str, wanted: &UsageMeterForm) {
    let now = store.now();
    store.tables.usage_meters.change(id, now, |meter| {
        meter.name.clone_from(&wanted.name);
        meter.aggregation_type = wanted.aggregation_type;
    });
    let existing: Vec<Option<String>> = wanted.prices.iter().map(|price| same_meter_price(store, id, price)).collect();
    let kept: Vec<&str> = existing.iter().filter_map(|id| id.as_deref()).collect();
    keep_meter_prices(store, id, &kept);
    let model_id = store.key_model_id.clone();
    for (price, existing) in wanted.prices.iter().zip(&existing) {
        match existing {
            Some(price_id) => rename_meter_price(store, id, price_id, price),
            None => drop(prices::add_to_meter(store, &model_id, id, price)),
        }
    }
    prices::fall_back(store, id);
}

/// The active price of a meter that has the wanted one's slug and terms.
fn same_meter_price(store: &Store, meter_id: &str, wanted: &PriceForm) -> Option<String> {
    let same = |price: &&Price| {
        price.active
            && price.usage_meter_id.as_deref() == Some(meter_id)
            && price.slug == wanted.slug
            && price.unit_price == wanted.unit_price
            && price.usage_events_per_unit == wanted.usage_events_per_unit
            && price.interval_unit == wanted.interval_unit
            && price.interval_count == wanted.interval_count
    };
    scope::all::<Price>(store).find(same).map(|price| price.meta.id.clone())
}

/// Deactivates all prices of a meter except these and the no-charge one.
fn keep_meter_prices(store: &mut Store, meter_id: &str, kept: &[&str]) {
    let now = store.now();
    store.tables.prices.change_where(
        now,
        |price| {
            price.usage_meter_id.as_deref() == Some(meter_id)
                && (price.active || price.is_default)
                && !kept.contains(&price.meta.id.as_str())
                && !prices::is_fallback(price)
        },
        |price| {
            price.active = false;
            price.is_default = false;
        },
    );
}

fn rename_meter_price(store: &mut Store, meter_id: &str, id: &str, wanted: &PriceForm) {
    let now = store.now();
    store.tables.prices.change(id, now, |price| {
        price.name.clone_from(&wanted.name);
        price.active = wanted.active.unwrap_or(true);
        price.is_default &= wanted.is_default;
    });
    if wanted.is_default {
        prices::make_default_of_meter(store, meter_id, id);
    }
}

fn replace_features(store: &mut Store, form: &SetupForm, meters: &Slugs, resources: &Slugs) -> Result<Slugs, Refusal> {
    let now = store.now();
    let model_id = store.key_model_id.clone();
    let mut kept = Slugs::new();
    for wanted in &form.features {
        let existing = scope::all::<Feature>(store).find(|feature| feature.slug == wanted.slug);
        let id = match existing.map(|feature| (feature.meta.id.clone(), feature.kind)) {
            Some((_, kind)) if kind != wanted.kind => {
                return Err(Refusal::rule(format!(
                    "Invalid feature: \"{}\" cannot become a feature of another type",
                    wanted.slug
                )));
            }
            Some((id, _)) => {
                change_feature(store, &id, wanted, meters, resources);
                id
            }
            None => setup::make_feature(store, &model_id, wanted, meters, resources),
        };
        kept.insert(wanted.slug.clone(), id);
    }
    store.tables.features.change_where(
        now,
        |feature| feature.pricing_model_id == model_id && feature.active && !kept.contains_key(&feature.slug),
        |feature| feature.active = false,
    );
    Ok(kept)
}

fn change_feature(store: &mut Store, id: &str, wanted: &FeatureForm, meters: &Slugs, resources: &Slugs) {
    let now = store.now();
    store.tables.features.change(id, now, |feature| {
        feature.name.clone_from(&wanted.name);
        feature.description.clone_from(&wanted.description);
        feature.active = wanted.active;
        feature.amount = wanted.amount;
        feature.renewal_frequency = wanted.renewal_frequency;
        feature.usage_meter_id = wanted.usage_meter_slug.as_ref().and_then(|slug| meters.get(slug)).cloned();
        feature.resource_id = wanted.resource_slug.as_ref().and_then(|slug| resources.get(slug)).cloned();
    });
}

fn replace_products(store: &mut Store, form: &SetupForm, features: &Slugs) -> Result<(), Refusal> {
    take_off_market(store, form);
    let model_id = store.key_model_id.clone();
    let has_default = scope::all::<Product>(store).any(|product| product.default);
    for wanted in &form.products {
        let existing = scope::all::<Product>(store).find(|product| product.slug == wanted.slug).cloned();
        if wanted.default && has_default && existing.as_ref().is_none_or(|product| !product.default) {
            return Err(Refusal::forbidden("The default product of a pricing model cannot be replaced"));
        }
        match existing {
            Some(product) => change_product(store, &product, wanted, features)?,
            None if prices::is_taken(store, &model_id, wanted.price.slug.as_deref(), None) => {
                return Err(Refusal::not_inserted("prices"));
            }
            None => setup::make_product(store, &model_id, wanted, features),
        }
    }
    Ok(())
}

/// Deactivates the products that a form lacks, and their prices. The default product stays.
fn take_off_market(store: &mut Store, form: &SetupForm) {
    let now = store.now();
    let model_id = store.key_model_id.clone();
    let is_wanted = |product: &Product| form.products.iter().any(|wanted| wanted.slug == product.slug);
    let ended = store.tables.products.change_where(
        now,
        |product| product.pricing_model_id == model_id && !product.default && product.active && !is_wanted(product),
        |product| product.active = false,
    );
    for id in ended {
        prices::retire_others(store, &id, None);
    }
}

fn change_product(store: &mut Store, product: &Product, wanted: &ProductForm, features: &Slugs) -> Result<(), Refusal> {
    let (now, id) = (store.now(), product.meta.id.as_str());
    if product.default {
        refuse_other_default_price(store, product, &wanted.price)?;
    } else {
        products::replace_price(store, id, wanted.price.clone())?;
    }
    store.tables.products.change(id, now, |product| {
        product.name.clone_from(&wanted.name);
        product.description.clone_from(&wanted.description);
        product.image_url.clone_from(&wanted.image_url);
        product.active = wanted.active || product.default;
        if !product.default {
            product.singular_quantity_label.clone_from(&wanted.singular_quantity_label);
            product.plural_quantity_label.clone_from(&wanted.plural_quantity_label);
        }
    });
    let feature_ids: Vec<String> = wanted.features.iter().filter_map(|slug| features.get(slug)).cloned().collect();
    product_features::set_all(store, id, &feature_ids)
}

fn refuse_other_default_price(store: &Store, product: &Product, wanted: &PriceForm) -> Result<(), Refusal> {
    let current = prices::current_of_product(store, &product.meta.id);
    if current.is_some_and(|current| !products::is_same(wanted, current)) {
        return Err(Refusal::forbidden("Cannot change the price of the default product"));
    }
    Ok(())
}
