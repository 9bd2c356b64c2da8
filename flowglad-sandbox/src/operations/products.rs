//! `/products`: what customers can buy.

use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        page,
        prices::{by_type, owner, price_form},
        reply::Reply,
    },
    records::pricing::{PriceType, Product},
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
    let default = product.at("default").optional(Field::boolean).unwrap_or(false);
    let (price, kind) = by_type(&root.at("price"));
    let slug = product.at("slug").label();
    let name = product.at("name").name();
    // It must be there, but the real API makes every product active.
    product.at("active").boolean();
    let new = NewProduct {
        name,
        description: product.at("description").nullish(Field::string),
        image_url: product.at("imageURL").nullish(Field::string),
        singular_quantity_label: product.at("singularQuantityLabel").nullish(Field::string),
        plural_quantity_label: product.at("pluralQuantityLabel").nullish(Field::string),
        pricing_model_id: product.at("pricingModelId").string(),
        default,
        price: price_form(&price, kind),
        usage_meter_id: (kind == PriceType::Usage).then(|| price.at("usageMeterId").string()),
        feature_ids: root.at("featureIds").optional(feature_ids).unwrap_or_default(),
        slug,
    };
    let is_reserved = new.slug.to_lowercase() == FREE && !default;
    product.rule(!is_reserved, &["slug"], "Slug 'free' is reserved for default products only");
    new
}

fn product_changes(root: &Field<'_>) -> ProductChanges {
    let product = root.object("product");
    ProductChanges {
        name: product.at("name").string(),
        description: product.at("description").patch(Field::string),
        image_url: product.at("imageURL").patch(Field::string),
        active: product.at("active").boolean(),
        singular_quantity_label: product.at("singularQuantityLabel").patch(Field::string),
        plural_quantity_label: product.at("pluralQuantityLabel").patch(Field::string),
        default: product.at("default").optional(Field::boolean),
        slug: product.at("slug").optional(Field::label),
        id: product.at("id").string(),
        price: root.at("price").optional(|price| {
            let (price, kind) = by_type(price);
            owner(&price, kind);
            price_form(&price, kind)
        }),
        feature_ids: root.at("featureIds").optional(feature_ids),
    }
}

fn feature_ids(list: &Field<'_>) -> Vec<String> {
    list.list().iter().map(Field::string).collect()
}

fn product_reply(store: &Store, id: &str) -> Result<Reply, Refusal> {
    scope::require::<Product>(store, id).map(|product| Reply::json(&json!({ "product": product })))
}
