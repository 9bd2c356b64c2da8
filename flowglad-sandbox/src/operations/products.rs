//! `/products`: what customers can buy.

use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        page,
        price_reader::{self, Place},
        reply::Reply,
    },
    records::pricing::Product,
    refusal::Refusal,
    rules::{
        pricing::{
            pricing_model,
            products::{self, NewProduct, ProductChanges},
        },
        scope,
    },
    store::Store,
};

/// The slug that is reserved for the default product.
const FREE: &str = "free";

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    page::reply(call, scope::all::<Product>(store), |product| product)
}

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let new = input::read(call, new_product)?;
    let id = products::create(store, new)?;
    product_reply(store, &id)
}

/// Shows a product. Unlike in other operations it has no wrapper.
pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    scope::find::<Product>(store, call.param("id"))
        .and_then(|product| pricing_model::product_with_all_prices(store, product))
        .map(|view| Reply::json(&view))
        .ok_or_else(|| Refusal::rule_not_found("An unexpected error occurred. Please try again."))
}

/// Changes the record whose id is in the body, not in the path, as the real API does.
pub(crate) fn update(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let changes = input::read(call, product_changes)?;
    let id = products::update(store, changes)?;
    product_reply(store, &id)
}

fn new_product(root: &Field<'_>) -> NewProduct {
    let product = root.object("product");
    let name = product.at("name").name();
    let description = product.at("description").nullish(Field::string);
    let image_url = product.at("imageURL").nullish(Field::string);
    // It must be there, but the real API makes every product active.
    product.at("active").boolean();
    let singular_quantity_label = product.at("singularQuantityLabel").nullish(Field::string);
    let plural_quantity_label = product.at("pluralQuantityLabel").nullish(Field::string);
    let pricing_model_id = product.at("pricingModelId").string();
    let default = product.at("default").optional(Field::boolean).unwrap_or(false);
    let slug = product.at("slug").label();
    let is_reserved = slug.to_lowercase() == FREE && !default;
    product.rule(!is_reserved, &["slug"], "Slug 'free' is reserved for default products only");
    let price = price_reader::price(&root.at("price"), Place::WithProduct);
    NewProduct {
        name,
        slug,
        description,
        image_url,
        singular_quantity_label,
        plural_quantity_label,
        pricing_model_id,
        default,
        price: price.form,
        usage_meter_id: price.usage_meter_id,
        feature_ids: root.at("featureIds").optional(feature_ids).unwrap_or_default(),
    }
}

fn product_changes(root: &Field<'_>) -> ProductChanges {
    let product = root.object("product");
    ProductChanges {
        id: product.at("id").string(),
        name: product.at("name").string(),
        description: product.at("description").patch(Field::string),
        image_url: product.at("imageURL").patch(Field::string),
        active: product.at("active").boolean(),
        singular_quantity_label: product.at("singularQuantityLabel").patch(Field::string),
        plural_quantity_label: product.at("pluralQuantityLabel").patch(Field::string),
        default: product.at("default").optional(Field::boolean),
        slug: product.at("slug").optional(Field::label),
        price: root.at("price").optional(|price| price_reader::price(price, Place::Alone).form),
        feature_ids: root.at("featureIds").optional(feature_ids),
    }
}

fn feature_ids(list: &Field<'_>) -> Vec<String> {
    list.list().iter().map(Field::string).collect()
}

fn product_reply(store: &Store, id: &str) -> Result<Reply, Refusal> {
    scope::require::<Product>(store, id).map(|product| Reply::json(&json!({ "product": product })))
}
