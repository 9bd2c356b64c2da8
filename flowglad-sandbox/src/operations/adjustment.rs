//! `/subscriptions/{id}/adjust`: moves a subscription to other items.

use serde_json::json;

use crate::http::api_error::ApiError;
use crate::http::call::Call;
use crate::http::input::{self, Field};
use crate::http::reply::Reply;
use crate::operations::subscriptions::{SubscriptionView, items_of, require};
use crate::rules::adjustment::{self, Adjustment, Timing, WantedItem, WantedPrice};
use crate::store::Store;

const IMMEDIATELY: &str = "immediately";
const AT_PERIOD_END: &str = "at_end_of_current_billing_period";

pub(crate) fn adjust(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let wanted = input::read(&call.body, adjustment_input)?;
    let id = call.param("id");
    let subscription = require(store, id)?.clone();
    let outcome = adjustment::adjust(store, &subscription, wanted)?;
    let subscription = require(store, id)?;
    Ok(Reply::json(&json!({
        "subscription": SubscriptionView::of(subscription),
        "subscriptionItems": items_of(store, subscription),
        "resolvedTiming": if outcome.timing == Timing::AtPeriodEnd { AT_PERIOD_END } else { IMMEDIATELY },
        "isUpgrade": outcome.is_upgrade,
    })))
}

fn adjustment_input(root: &Field<'_>) -> Adjustment {
    const TIMINGS: [(&str, Timing); 3] =
        [(IMMEDIATELY, Timing::Immediately), (AT_PERIOD_END, Timing::AtPeriodEnd), ("auto", Timing::Auto)];
    let adjustment = root.object("adjustment");
    let items = adjustment.at("newSubscriptionItems");
    let read: Vec<WantedItem> = items.list().iter().map(|item| wanted_item(&item.as_object())).collect();
    if read.is_empty() {
        items.refuse("A subscription needs at least one item");
    }
    Adjustment {
        timing: adjustment.at("timing").discriminator(&TIMINGS).unwrap_or(Timing::Auto),
        items: read,
        prorate: adjustment.at("prorateCurrentBillingPeriod").optional(Field::boolean).unwrap_or(true),
    }
}

/// An item in its short form (a price and a quantity) or as a whole record, which may name one to keep.
fn wanted_item(item: &Field<'_>) -> WantedItem {
    item.exactly_one_of(&["priceId", "priceSlug"]);
    let price_slug = item.at("priceSlug").nullish(Field::string);
    let price_id = item.at("priceId").nullish(Field::string);
    let is_record = item.at("type").is_present();
    let quantity = item.at("quantity");
    let quantity = if is_record { quantity.not_negative() } else { quantity.optional(Field::positive).unwrap_or(1) };
    WantedItem {
        kept_item_id: item.at("id").nullish(Field::string),
        price: price_slug.map_or_else(|| WantedPrice::Id(price_id.unwrap_or_default()), WantedPrice::Slug),
        quantity,
        unit_price: item.at("unitPrice").nullish(Field::not_negative),
        name: item.at("name").nullish(Field::string),
    }
}
