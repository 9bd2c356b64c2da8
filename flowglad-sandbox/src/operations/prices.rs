//! `/prices`: prices of products and usage.

use serde_json::json;

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        page,
        price_reader::{self, Place},
        reply::Reply,
    },
    records::pricing::Price,
    refusal::Refusal,
    rules::{
        pricing::{
            prices::{self, Owner, PriceChanges},
            setup_form::PriceForm,
        },
        scope,
    },
    store::Store,
};

pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    page::reply(call, scope::all::<Price>(store), |price| price)
}

pub(crate) fn create(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let (owner, form) = input::read(call, new_price)?;
    let id = prices::create(store, &owner, form)?;
    prices::require(store, &id).map(price_reply)
}

pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    prices::require(store, call.param("id")).map(price_reply)
}

/// Changes the record whose id is in the body, not in the path, as the real API does.
pub(crate) fn update(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let changes = input::read(call, |root| price_changes(&root.at("price")))?;
    let id = prices::update(store, changes)?;
    prices::require(store, &id).map(price_reply)
}

fn new_price(root: &Field<'_>) -> (Owner, PriceForm) {
    let price = price_reader::price(&root.at("price"), Place::Alone);
    let owner = match price.usage_meter_id {
        Some(id) => Owner::UsageMeter(id),
        None => Owner::Product(price.product_id.unwrap_or_default()),
    };
    (owner, price.form)
}

fn price_changes(field: &Field<'_>) -> PriceChanges {
    let (price, kind) = price_reader::by_type(field);
    PriceChanges {
        id: price.at("id").string(),
        name: price.at("name").patch(Field::string),
        kind,
        is_default: price.at("isDefault").boolean(),
        active: price.at("active").optional(Field::boolean),
        slug: price.at("slug").patch(Field::string),
    }
}

fn price_reply(price: &Price) -> Reply {
    Reply::json(&json!({ "price": price }))
}
