//! Creates and changes prices. A product has one active price; a meter has any number, one of them the default.

use crate::{
    records::pricing::{Price, PriceType, Product, UsageMeter},
    refusal::Refusal,
    rules::{
        pricing::{setup, setup_form::PriceForm},
        scope,
    },
    store::Store,
};

/// The suffix of the slug of a meter's no-charge price.
pub(crate) const NO_CHARGE: &str = "_no_charge";

/// The refusal of a price with that suffix.
pub(crate) const RESERVED_SLUG: &str =
    "Usage price slugs ending with \"_no_charge\" are reserved for auto-generated fallback prices";

/// What a price belongs to.
#[derive(Debug)]
pub(crate) enum Owner {
    Product(String),
    UsageMeter(String),
}

/// The changes of a price.
#[derive(Debug)]
#[expect(clippy::option_option, reason = "absent, null and a value mean different changes")]
pub(crate) struct PriceChanges {
    pub(crate) id: String,
    pub(crate) kind: PriceType,
    pub(crate) is_default: bool,
    pub(crate) active: Option<bool>,
    pub(crate) name: Option<Option<String>>,
    pub(crate) slug: Option<Option<String>>,
}

/// The price with this id, or the API's 404.
pub(crate) fn require<'a>(store: &'a Store, id: &str) -> Result<&'a Price, Refusal> {
    scope::find(store, id).ok_or_else(|| Refusal::not_found("Price not found"))
}

/// Creates a price. Returns its id.
pub(crate) fn create(store: &mut Store, owner: &Owner, form: PriceForm) -> Result<String, Refusal> {
    match owner {
        Owner::Product(product_id) => create_for_product(store, product_id, form),
        Owner::UsageMeter(meter_id) => create_for_meter(store, meter_id, &form),
    }
}

fn create_for_product(store: &mut Store, product_id: &str, form: PriceForm) -> Result<String, Refusal> {
    let product: &Product = scope::require(store, product_id)?;
    if product.default && of_product(store, product_id).next().is_some() {
        return Err(Refusal::forbidden("Cannot create additional prices for the default product"));
    }
    refuse_other_type(store, product_id, form.kind)?;
    put_in_place(store, product_id, form)
}

/// Refuses a price of another type than those that a product has or had.
pub(crate) fn refuse_other_type(store: &Store, product_id: &str, kind: PriceType) -> Result<(), Refusal> {
    if of_product(store, product_id).any(|price| price.kind != kind) {
        return Err(Refusal::forbidden(
            "Cannot create price of a different type than the existing prices for the product",
        ));
    }
    Ok(())
}

/// Makes a price the only active one of its product.
pub(crate) fn put_in_place(store: &mut Store, product_id: &str, form: PriceForm) -> Result<String, Refusal> {
    let product = store.tables.products.find(product_id).ok_or_else(|| Refusal::no_row("products", product_id))?;
    let model_id = product.pricing_model_id.clone();
    retire_others(store, product_id, None);
    if is_taken(store, &model_id, form.slug.as_deref(), None) {
        return Err(Refusal::not_inserted("prices"));
    }
    let form = PriceForm { is_default: true, active: Some(true), ..form };
    Ok(setup::make_price(store, &model_id, &form, Some(product_id), None))
}

fn create_for_meter(store: &mut Store, meter_id: &str, form: &PriceForm) -> Result<String, Refusal> {
    let meter: &UsageMeter =
        scope::find(store, meter_id).ok_or_else(|| Refusal::plain_no_row("usage meters", meter_id))?;
    let model_id = meter.pricing_model_id.clone();
    refuse_reserved(form.slug.as_deref())?;
    Ok(add_to_meter(store, &model_id, meter_id, form))
}

/// Adds a price to a meter, as its default if it is marked so and active.
pub(crate) fn add_to_meter(store: &mut Store, model_id: &str, meter_id: &str, form: &PriceForm) -> String {
    let becomes_default = form.is_default && form.active.unwrap_or(true);
    let form = PriceForm { is_default: false, ..form.clone() };
    let id = setup::make_price(store, model_id, &form, None, Some(meter_id));
    if becomes_default {
        make_default_of_meter(store, meter_id, &id);
    }
    id
}

/// Changes the mutable fields of a price.
pub(crate) fn update(store: &mut Store, changes: PriceChanges) -> Result<String, Refusal> {
    let price = scope::require::<Price>(store, &changes.id)?.clone();
    let of_default_product = price
        .product_id
        .as_deref()
        .and_then(|id| store.tables.products.find(id))
        .is_some_and(|product| product.default);
    if changes.kind != price.kind {
        return Err(if of_default_product { default_price_is_fixed() } else { type_is_fixed() });
    }
    let active = changes.active.unwrap_or(price.active);
    let is_default = changes.is_default && active;
    if of_default_product && (active, is_default) != (price.active, price.is_default) {
        return Err(default_price_is_fixed());
    }
    if price.kind == PriceType::Usage {
        refuse_changes_of_fallback(&price, &changes, active)?;
        refuse_reserved(changes.new_slug(&price))?;
    }
    apply(store, &price, changes, active, is_default)?;
    Ok(price.meta.id)
}

fn apply(
    store: &mut Store,
    price: &Price,
    changes: PriceChanges,
    active: bool,
    is_default: bool,
) -> Result<(), Refusal> {
    let now = store.now();
    let (id, slug) = (&price.meta.id, changes.slug.clone().unwrap_or_else(|| price.slug.clone()));
    if let Some(product_id) = &price.product_id {
        if is_default {
            retire_others(store, product_id, Some(id));
        }
        if active && is_taken(store, &price.pricing_model_id, slug.as_deref(), Some(id)) {
            return Err(Refusal::not_updated("prices"));
        }
    }
    store.tables.prices.change(id, now, |price| {
        price.active = active;
        price.is_default = is_default;
        price.slug = slug;
        if let Some(name) = changes.name {
            price.name = name;
        }
    });
    if let Some(meter_id) = &price.usage_meter_id {
        if is_default {
            make_default_of_meter(store, meter_id, id);
        }
        fall_back(store, meter_id);
    }
    Ok(())
}

impl PriceChanges {
    /// The requested slug, if it differs.
    fn new_slug(&self, price: &Price) -> Option<&str> {
        self.slug.as_ref().filter(|slug| **slug != price.slug).and_then(|slug| slug.as_deref())
    }
}

fn type_is_fixed() -> Refusal {
    Refusal::rule(
        "Unwrap called on Err: ValidationError: Invalid type: Cannot change type after price creation. Create a new \
         price instead",
    )
}

fn default_price_is_fixed() -> Refusal {
    Refusal::forbidden("Cannot change the price of the default product")
}

fn refuse_changes_of_fallback(price: &Price, changes: &PriceChanges, active: bool) -> Result<(), Refusal> {
    let is_refused = changes.is_default != price.is_default
        || active != price.active
        || changes.slug.as_ref().is_some_and(|slug| *slug != price.slug);
    if is_fallback(price) && is_refused {
        return Err(Refusal::bad_request("Only the name of a no-charge price can be changed"));
    }
    Ok(())
}

fn refuse_reserved(slug: Option<&str>) -> Result<(), Refusal> {
    match slug.filter(|slug| slug.ends_with(NO_CHARGE)) {
        Some(_) => Err(Refusal::bad_request(RESERVED_SLUG)),
        None => Ok(()),
    }
}

/// Whether this is the no-charge price of its meter.
pub(crate) fn is_fallback(price: &Price) -> bool {
    price.kind == PriceType::Usage && price.slug.as_deref().is_some_and(|slug| slug.ends_with(NO_CHARGE))
}

/// All prices that a product has or had.
pub(crate) fn of_product<'a>(store: &'a Store, product_id: &str) -> impl Iterator<Item = &'a Price> {
    store.tables.prices.iter().filter(move |price| price.product_id.as_deref() == Some(product_id))
}

/// The active price of a product.
pub(crate) fn current_of_product<'a>(store: &'a Store, product_id: &str) -> Option<&'a Price> {
    let active = || of_product(store, product_id).filter(|price| price.active);
    active().find(|price| price.is_default).or_else(|| active().next())
}

/// Deactivates all prices of a product, or all but one.
pub(crate) fn retire_others(store: &mut Store, product_id: &str, kept: Option<&str>) {
    let now = store.now();
    store.tables.prices.change_where(
        now,
        |price| {
            price.product_id.as_deref() == Some(product_id)
                && Some(price.meta.id.as_str()) != kept
                && (price.active || price.is_default)
        },
        |price| {
            price.active = false;
            price.is_default = false;
        },
    );
}

/// Whether another active product price of a model has the slug. Usage prices are ignored.
pub(crate) fn is_taken(store: &Store, model_id: &str, slug: Option<&str>, own_id: Option<&str>) -> bool {
    let Some(slug) = slug else { return false };
    store.tables.prices.iter().any(|price| {
        price.active
            && price.kind != PriceType::Usage
            && price.pricing_model_id == model_id
            && price.slug.as_deref() == Some(slug)
            && Some(price.meta.id.as_str()) != own_id
    })
}

pub(crate) fn make_default_of_meter(store: &mut Store, meter_id: &str, price_id: &str) {
    let now = store.now();
    store.tables.prices.change_where(
        now,
        |price| price.usage_meter_id.as_deref() == Some(meter_id) && price.is_default != (price.meta.id == price_id),
        |price| price.is_default = !price.is_default,
    );
}

/// Makes the no-charge price the default of a meter that has no other one.
pub(crate) fn fall_back(store: &mut Store, meter_id: &str) {
    let of_meter = || store.tables.prices.iter().filter(|price| price.usage_meter_id.as_deref() == Some(meter_id));
    if of_meter().any(|price| price.active && price.is_default) {
        return;
    }
    let fallback = of_meter().find(|price| is_fallback(price)).map(|price| price.meta.id.clone());
    if let Some(id) = fallback {
        make_default_of_meter(store, meter_id, &id);
    }
}
