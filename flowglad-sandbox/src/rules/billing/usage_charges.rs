//! Usage that no credit covered: what is not charged yet, and what was charged.

use crate::{
    records::{
        billing::{InvoiceLineItem, InvoiceStatus},
        money,
    },
    rules::billing::invoice_line::{Line, USAGE_LINE_TYPE, UsageLine},
    store::Store,
};

/// The lines for all usage of a subscription that no credit covered and no invoice lists yet, one for each price.
///
/// A started unit of the price is charged as a whole.
pub(crate) fn lines(store: &mut Store, subscription_id: &str) -> Vec<Line> {
    let uncharged = uncharged(store, subscription_id);
    uncharged.into_iter().filter_map(|(price_id, units)| line(store, subscription_id, price_id, units)).collect()
}

fn line(store: &mut Store, subscription_id: &str, price_id: String, units: i64) -> Option<Line> {
    let price = store.tables.prices.find(&price_id)?;
    let per_unit = price.usage_events_per_unit.unwrap_or(1).max(1);
    let meter = price.usage_meter_id.as_deref().and_then(|id| store.tables.usage_meters.find(id));
    let meter_name = meter.map_or("", |meter| &meter.name);
    let amount = money::format(price.unit_price, &price.currency);
    let description = format!("Usage: {meter_name} at {amount} per {per_unit}");
    let unit_price = price.unit_price;
    let known_account = lines_of(store, subscription_id)
        .find(|(line, _)| line.price_id.as_deref() == Some(price_id.as_str()))
        .and_then(|(line, _)| line.ledger_account_id.clone());
    let ledger_account_id = known_account.unwrap_or_else(|| store.id_with_prefix("la"));
    Some(Line {
        description,
        unit_price,
        quantity: units / per_unit + i64::from(units % per_unit > 0),
        usage: Some(UsageLine { price_id, ledger_account_id, units }),
    })
}

/// Units by price, in the order in which the prices were first used.
fn uncharged(store: &Store, subscription_id: &str) -> Vec<(String, i64)> {
    let mut sums: Vec<(&str, i64)> = Vec::new();
    for event in store.tables.usage_events.owned_by(subscription_id) {
        if event.costs && event.uncovered > 0 {
            add(&mut sums, &event.price_id, event.uncovered);
        }
    }
    if sums.is_empty() {
        return Vec::new();
    }
    for (line, _) in lines_of(store, subscription_id) {
        let charged = line.ledger_account_credit.unwrap_or(0);
        add(&mut sums, line.price_id.as_deref().unwrap_or_default(), charged.saturating_neg());
    }
    sums.into_iter().filter(|&(_, units)| units > 0).map(|(price_id, units)| (price_id.to_owned(), units)).collect()
}

fn add<'a>(sums: &mut Vec<(&'a str, i64)>, price_id: &'a str, units: i64) {
    match sums.iter_mut().find(|(known, _)| *known == price_id) {
        Some((_, sum)) => *sum = sum.saturating_add(units),
        None => sums.push((price_id, units)),
    }
}

/// The units of a meter that a subscription's customer has paid for. They count like credits.
pub(crate) fn paid_units(store: &Store, subscription_id: &str, meter_id: &str) -> i64 {
    lines_of(store, subscription_id)
        .filter(|(line, status)| *status == InvoiceStatus::Paid && is_of_meter(store, line, meter_id))
        .fold(0, |sum, (line, _)| sum.saturating_add(line.ledger_account_credit.unwrap_or(0)))
}

fn is_of_meter(store: &Store, line: &InvoiceLineItem, meter_id: &str) -> bool {
    let price = line.price_id.as_deref().and_then(|id| store.tables.prices.find(id));
    price.is_some_and(|price| price.usage_meter_id.as_deref() == Some(meter_id))
}

/// All lines about usage on a subscription's invoices, each with the status of its invoice.
fn lines_of<'a>(
    store: &'a Store,
    subscription_id: &'a str,
) -> impl Iterator<Item = (&'a InvoiceLineItem, InvoiceStatus)> {
    let customer_id = store.tables.subscriptions.find(subscription_id).map_or("", |owner| owner.customer_id.as_str());
    let invoices = store.tables.invoices.owned_by(customer_id);
    invoices.filter(move |invoice| invoice.subscription_id.as_deref() == Some(subscription_id)).flat_map(|invoice| {
        let lines = store.tables.invoice_line_items.owned_by(&invoice.meta.id);
        lines.filter(|line| line.kind == USAGE_LINE_TYPE).map(|line| (line, invoice.status))
    })
}
