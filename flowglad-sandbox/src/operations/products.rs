//! `/products`: what customers can buy.

use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        page,
        prices::{price_form, product_price_kind},
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
    let new = input::read(&call.body, new_product)?;
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
    let changes = input::read(&call.body, product_changes)?;
    let id = products::update(store, changes)?;
    product_reply(store, &id)
}

fn new_product(root: &Field<'_>) -> NewProduct {
    let product = root.object("product");
    let default = product.at("default").optional(Field::boolean).unwrap_or(false);
    // It must be there, but the real API makes every product active.
    product.at("active").boolean();
    let price = root.object("price");
    let kind = product_price_kind(&price);
    NewProduct {
        name: product.at("name").non_empty_string(),
        slug: product_slug(&product.at("slug"), default),
        description: product.at("description").nullish(Field::string),
        image_url: product.at("imageURL").nullish(Field::string),
        singular_quantity_label: product.at("singularQuantityLabel").nullish(Field::string),
        plural_quantity_label: product.at("pluralQuantityLabel").nullish(Field::string),
        pricing_model_id: product.at("pricingModelId").string(),
        default,
        price: price_form(&price, kind),
        usage_meter_id: (kind == PriceType::Usage).then(|| price.at("usageMeterId").string()),
        feature_ids: root.at("featureIds").optional(feature_ids).unwrap_or_default(),
    }
}

fn product_changes(root: &Field<'_>) -> ProductChanges {
    let product = root.object("product");
    let id = product.at("id").string();
    ProductChanges {
        name: product.at("name").string(),
        slug: product.at("slug").optional(Field::label),
        description: product.at("description").patch(Field::string),
        image_url: product.at("imageURL").patch(Field::string),
        active: product.at("active").boolean(),
        singular_quantity_label: product.at("singularQuantityLabel").patch(Field::string),
        plural_quantity_label: product.at("pluralQuantityLabel").patch(Field::string),
        default: product.at("default").optional(Field::boolean),
        price: root.at("price").optional(|price| {
            let price = price.as_object();
            let owner = price.at("productId");
            if owner.string() != id {
                owner.refuse("The price must belong to the product that is updated");
            }
            let kind = product_price_kind(&price);
            price_form(&price, kind)
        }),
        feature_ids: root.at("featureIds").optional(feature_ids),
        id,
    }
}

fn product_slug(field: &Field<'_>, default: bool) -> String {
    let slug = field.label();
    if slug == FREE && !default {
        field.refuse("The slug \"free\" is reserved for default products");
    }
    slug
}

fn feature_ids(list: &Field<'_>) -> Vec<String> {
    list.list().iter().map(Field::string).collect()
}

fn product_reply(store: &Store, id: &str) -> Result<Reply, Refusal> {
    scope::require::<Product>(store, id).map(|product| Reply::json(&json!({ "product": product })))
}
