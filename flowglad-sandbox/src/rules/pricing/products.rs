//! Creates and changes products.

use crate::{
    records::pricing::{Price, PriceType, Product, UsageMeter},
    refusal::Refusal,
    rules::{
        pricing::{prices, product_features, setup_form::PriceForm},
        scope,
    },
    store::Store,
};

#[derive(Debug)]
pub(crate) struct NewProduct {
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) description: Option<String>,
    pub(crate) image_url: Option<String>,
    pub(crate) singular_quantity_label: Option<String>,
    pub(crate) plural_quantity_label: Option<String>,
    pub(crate) pricing_model_id: String,
    pub(crate) default: bool,
    pub(crate) price: PriceForm,
    /// The meter of a usage price.
    pub(crate) usage_meter_id: Option<String>,
    pub(crate) feature_ids: Vec<String>,
}

/// The changes of a product.
#[derive(Debug)]
#[expect(clippy::option_option, reason = "absent, null and a value mean different changes")]
pub(crate) struct ProductChanges {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) slug: Option<String>,
    pub(crate) description: Option<Option<String>>,
    pub(crate) image_url: Option<Option<String>>,
    pub(crate) active: bool,
    pub(crate) singular_quantity_label: Option<Option<String>>,
    pub(crate) plural_quantity_label: Option<Option<String>>,
    pub(crate) default: Option<bool>,
    pub(crate) price: Option<PriceForm>,
    pub(crate) feature_ids: Option<Vec<String>>,
}

/// Creates a product with its price and features. Returns its id. As on the real API, it is active from the start.
pub(crate) fn create(store: &mut Store, new: NewProduct) -> Result<String, Refusal> {
    if new.default {
        return Err(Refusal::forbidden(
            "Default products cannot be created manually. They are automatically created when pricing models are created.",
        ));
    }
    if new.pricing_model_id != store.key_model_id {
        return Err(Refusal::forbidden("Unable to access this product. Please verify your organization permissions."));
    }
    if slug_is_taken(store, &new.slug, None) {
        return Err(Refusal::conflict("product slug already exists in this pricing model"));
    }
    let product = Product {
        meta: store.meta::<Product>(),
        name: new.name,
        description: new.description,
        image_url: new.image_url,
        organization_id: store.organization_id.clone(),
        active: true,
        singular_quantity_label: new.singular_quantity_label,
        plural_quantity_label: new.plural_quantity_label,
        pricing_model_id: new.pricing_model_id,
        default: false,
        slug: new.slug,
    };
    let id = store.tables.products.insert(product);
    if new.price.kind == PriceType::Usage {
        return Err(second_default_of_meter(store, new.usage_meter_id.as_deref()));
    }
    prices::put_in_place(store, &id, new.price)?;
    product_features::set_all(store, &id, &new.feature_ids)?;
    Ok(id)
}

/// A usage price of a product would be the default of its meter, which has one from its creation on.
fn second_default_of_meter(store: &Store, meter_id: Option<&str>) -> Refusal {
    match meter_id.and_then(|id| scope::find::<UsageMeter>(store, id)) {
        Some(_) => {
            Refusal::conflict("This usage meter is default unique already exists. Please choose a different value.")
        }
        None => Refusal::missing_reference(),
    }
}

fn slug_is_taken(store: &Store, slug: &str, own_id: Option<&str>) -> bool {
    scope::all::<Product>(store).any(|product| product.slug == slug && Some(product.meta.id.as_str()) != own_id)
}

/// Changes a product, and replaces its price if another one is given.
pub(crate) fn update(store: &mut Store, mut changes: ProductChanges) -> Result<String, Refusal> {
    let unknown = || Refusal::rule_not_found("An unexpected error occurred. Please try again.");
    let product: Product = scope::find::<Product>(store, &changes.id).ok_or_else(unknown)?.clone();
    if product.default {
        refuse_changes_of_default(&product, &changes)?;
        changes.active = true;
        changes.price = None;
    } else if changes.default == Some(true) {
        return Err(Refusal::forbidden("A product cannot be made the default product"));
    }
    let new_slug = changes.slug.clone().filter(|slug| *slug != product.slug);
    if new_slug.as_ref().is_some_and(|slug| slug_is_taken(store, slug, Some(&product.meta.id))) {
        return Err(Refusal::not_updated("products"));
    }
    let (price, feature_ids) = (changes.price.take(), changes.feature_ids.take());
    apply(store, changes);
    if let Some(price) = price {
        replace_price(store, &product.meta.id, price)?;
    }
    if let Some(slug) = new_slug {
        copy_slug_to_price(store, &product, &slug)?;
    }
    if let Some(feature_ids) = feature_ids {
        product_features::set_all(store, &product.meta.id, &feature_ids)?;
    }
    Ok(product.meta.id)
}

/// Only name, description and image of a default product can change.
fn refuse_changes_of_default(product: &Product, changes: &ProductChanges) -> Result<(), Refusal> {
    fn differs<T: PartialEq>(wanted: Option<&T>, is: &T) -> bool {
        wanted.is_some_and(|wanted| wanted != is)
    }
    let forbidden = [
        ("slug", differs(changes.slug.as_ref(), &product.slug)),
        ("default", differs(changes.default.as_ref(), &product.default)),
        ("singularQuantityLabel", differs(changes.singular_quantity_label.as_ref(), &product.singular_quantity_label)),
        ("pluralQuantityLabel", differs(changes.plural_quantity_label.as_ref(), &product.plural_quantity_label)),
    ];
    let refused: Vec<&str> = forbidden.iter().filter(|(_, differs)| *differs).map(|(field, _)| *field).collect();
    if refused.is_empty() {
        return Ok(());
    }
    Err(Refusal::bad_request(format!("Cannot update the following fields on default products: {}", refused.join(", "))))
}

fn apply(store: &mut Store, changes: ProductChanges) {
    let now = store.now();
    store.tables.products.change(&changes.id, now, |product| {
        product.name = changes.name;
        product.active = changes.active;
        product.slug = changes.slug.unwrap_or_else(|| product.slug.clone());
        product.description = changes.description.unwrap_or_else(|| product.description.clone());
        product.image_url = changes.image_url.unwrap_or_else(|| product.image_url.clone());
        product.singular_quantity_label =
            changes.singular_quantity_label.unwrap_or_else(|| product.singular_quantity_label.clone());
        product.plural_quantity_label =
            changes.plural_quantity_label.unwrap_or_else(|| product.plural_quantity_label.clone());
    });
}

/// Replaces the current price if the new one differs. A price without name or slug keeps those of the current one.
pub(crate) fn replace_price(store: &mut Store, product_id: &str, mut price: PriceForm) -> Result<(), Refusal> {
    prices::refuse_other_type(store, product_id, price.kind)?;
    if let Some(current) = prices::current_of_product(store, product_id) {
        price.name = price.name.or_else(|| current.name.clone());
        price.slug = price.slug.or_else(|| current.slug.clone());
        if is_same(&price, current) {
            return Ok(());
        }
    }
    prices::put_in_place(store, product_id, price).map(drop)
}

/// Whether a price equals the current one.
pub(crate) fn is_same(price: &PriceForm, current: &Price) -> bool {
    let trial = |days: Option<i64>| days.unwrap_or(0);
    price.name == current.name
        && price.slug == current.slug
        && price.unit_price == current.unit_price
        && price.interval_unit == current.interval_unit
        && price.interval_count == current.interval_count
        && trial(price.trial_period_days) == trial(current.trial_period_days)
}

fn copy_slug_to_price(store: &mut Store, product: &Product, slug: &str) -> Result<(), Refusal> {
    let Some(price) = prices::current_of_product(store, &product.meta.id) else { return Ok(()) };
    let id = price.meta.id.clone();
    if prices::is_taken(store, &product.pricing_model_id, Some(slug), Some(&id)) {
        return Err(Refusal::not_updated("prices"));
    }
    let now = store.now();
    store.tables.prices.change(&id, now, |price| price.slug = Some(slug.to_owned()));
    Ok(())
}
