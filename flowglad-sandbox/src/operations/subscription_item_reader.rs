//! Reads the items that an adjustment wants.

use crate::{
    operations::input::Field,
    rules::subscription::adjustment_decision::{WantedItem, WantedPrice},
};

/// Reads an item as a new record, a present record, a new record with a price's slug, or in the short form of a price
/// and a quantity.
pub(crate) fn wanted_item(item: &Field<'_>) -> WantedItem {
    item.any_of(&[new_record, present_record, record_with_slug, short_form])
}

fn new_record(item: &Field<'_>) -> WantedItem {
    let record = item.as_object();
    record.at("subscriptionId").string();
    let name = record.at("name").nullish(Field::string);
    record.at("addedDate").timestamp();
    let price_id = record.at("priceId").nullish(Field::string);
    let (unit_price, quantity) = amounts(&record);
    record.at("metadata").nullish(Field::metadata);
    record.at("type").choice(&[("static", ())]);
    record.at("externalId").nullish(Field::string);
    record.at("expiredAt").nullish(Field::timestamp);
    record.at("manuallyCreated").optional(Field::boolean);
    let kept_item_id = record.at("id").text();
    WantedItem { kept_item_id, price: price(price_id, slug(&record)), quantity, unit_price: Some(unit_price), name }
}

fn present_record(item: &Field<'_>) -> WantedItem {
    let record = item.as_object();
    let id = record.at("id").string();
    record.at("createdAt").timestamp();
    record.at("updatedAt").timestamp();
    record.at("livemode").boolean();
    record.at("subscriptionId").string();
    let name = nullable(&record.at("name"));
    record.at("addedDate").timestamp();
    let price_id = nullable(&record.at("priceId"));
    let (unit_price, quantity) = amounts(&record);
    record.at("metadata").nullish(Field::metadata);
    record.at("type").choice(&[("static", ())]);
    nullable(&record.at("externalId"));
    record.at("expiredAt").nullish(Field::timestamp);
    record.at("manuallyCreated").boolean();
    record.at("pricingModelId").string();
    WantedItem { kept_item_id: Some(id), price: price(price_id, None), quantity, unit_price: Some(unit_price), name }
}

fn record_with_slug(item: &Field<'_>) -> WantedItem {
    let wanted = new_record(item);
    item.at("priceSlug").optional(Field::string);
    require_one_price(item);
    wanted
}

fn short_form(item: &Field<'_>) -> WantedItem {
    let item = item.as_object();
    let price_id = item.at("priceId").optional(Field::string).filter(|id| !id.is_empty());
    let price_slug = item.at("priceSlug").optional(Field::string).filter(|slug| !slug.is_empty());
    let quantity = item.at("quantity").optional(Field::positive).unwrap_or(1);
    require_one_price(&item);
    WantedItem { kept_item_id: None, price: price(price_id, price_slug), quantity, unit_price: None, name: None }
}

fn amounts(record: &Field<'_>) -> (i64, i64) {
    (record.at("unitPrice").coerced_not_negative(), record.at("quantity").coerced_not_negative())
}

/// A text that must be there, and can be `null`.
fn nullable(field: &Field<'_>) -> Option<String> {
    (!field.is_null()).then(|| field.string())
}

fn slug(record: &Field<'_>) -> Option<String> {
    record.at("priceSlug").text().filter(|slug| !slug.is_empty())
}

fn require_one_price(item: &Field<'_>) {
    item.rule(
        item.count_truthy(&["priceId", "priceSlug"]) == 1,
        &[],
        "Price identifier required: exactly one of priceId or priceSlug must be provided, not both or neither",
    );
}

fn price(id: Option<String>, slug: Option<String>) -> WantedPrice {
    slug.map_or_else(|| WantedPrice::Id(id.unwrap_or_default()), WantedPrice::Slug)
}
