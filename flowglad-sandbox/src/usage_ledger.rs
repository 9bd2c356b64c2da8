//! The ledger of usage: every usage event as it was recorded, for tests that compare it with what an app meant to record.

use serde::Serialize;

use crate::{records::usage::UsageEvent, store::Store};

/// A usage event that was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageLedgerEntry {
    /// The number of events that were recorded before it.
    pub position: usize,
    /// The transaction id, as the app sent it.
    pub transaction_id: String,
    /// The app's own id of the customer.
    pub customer_external_id: String,
    /// The id of the subscription that it was recorded on.
    pub subscription_id: String,
    /// The slug of the meter.
    pub usage_meter_slug: String,
    /// The amount.
    pub amount: i64,
    /// When it was used, in milliseconds since 1970.
    pub usage_date: i64,
    /// When it was recorded, in milliseconds since 1970.
    pub created_at: i64,
}

/// The events from a position on, oldest first: those of one customer, or of all.
pub(crate) fn entries(store: &Store, from: usize, customer: Option<&str>) -> impl Iterator<Item = UsageLedgerEntry> {
    let events = store.tables.usage_events.iter().enumerate().skip(from);
    events
        .filter(move |(_, event)| customer.is_none_or(|external_id| external_id_of(store, event) == external_id))
        .map(|(position, event)| entry(store, position, event))
}

fn entry(store: &Store, position: usize, event: &UsageEvent) -> UsageLedgerEntry {
    let meter = store.tables.usage_meters.find(&event.usage_meter_id);
    UsageLedgerEntry {
        position,
        transaction_id: event.transaction_id.clone(),
        customer_external_id: external_id_of(store, event).to_owned(),
        subscription_id: event.subscription_id.clone(),
        usage_meter_slug: meter.map_or_else(String::new, |meter| meter.slug.clone()),
        amount: event.amount,
        usage_date: event.usage_date,
        created_at: event.meta.created_at,
    }
}

fn external_id_of<'a>(store: &'a Store, event: &UsageEvent) -> &'a str {
    store.tables.customers.find(&event.customer_id).map_or("", |customer| &customer.external_id)
}
