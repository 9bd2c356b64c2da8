//! A plan in words: its name, what it costs, and what it gives.

use crate::{
    records::{
        money,
        pricing::{IntervalUnit, Price},
        subscription::Subscription,
    },
    rules::pricing::pricing_model,
    store::Store,
};

/// Something that a plan gives.
#[derive(Debug)]
pub(crate) struct Benefit {
    pub(crate) name: String,
    pub(crate) description: String,
}

/// The name of a subscription's plan: its product's, which is what every page and the app's own call it.
pub(crate) fn name_of(store: &Store, subscription: &Subscription) -> String {
    let price = store.tables.prices.find(&subscription.price_id);
    let product = price.and_then(|price| pricing_model::product_of(store, price));
    product.map_or_else(|| subscription.name.clone(), |product| product.name.clone())
}

/// What a price costs, such as `$20.00 per month`. A subscription can have another interval than its price.
pub(crate) fn price_in_words(price: &Price, interval: Option<(IntervalUnit, i64)>) -> String {
    format!("{}{}", money::format(price.unit_price, &price.currency), interval_in_words(interval))
}

fn interval_in_words(interval: Option<(IntervalUnit, i64)>) -> String {
    match interval {
        None => " once".to_owned(),
        Some((unit, 1)) => format!(" per {}", unit.word()),
        Some((unit, count)) => format!(" every {count} {}s", unit.word()),
    }
}

/// What a product gives.
pub(crate) fn benefits(store: &Store, product_id: &str) -> Vec<Benefit> {
    pricing_model::features_of(store, product_id)
        .into_iter()
        .map(|feature| Benefit { name: feature.name.clone(), description: feature.description.clone() })
        .collect()
}
