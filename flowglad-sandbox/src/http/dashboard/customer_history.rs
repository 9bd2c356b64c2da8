//! What happened to a customer: payments, and events as a time line.

use std::cmp::Reverse;

use crate::{
    http::pages::{badge::Badge, plan, wording::minute},
    records::{
        billing::Payment,
        customer::Customer,
        event::{Event, EventType},
        money,
    },
    store::Store,
};

/// The most rows of a kind that are shown.
pub(super) const MOST_ROWS: usize = 50;

#[derive(Debug)]
pub(super) struct PaymentRow {
    pub(super) date: String,
    pub(super) badge: Badge,
    pub(super) amount: String,
    pub(super) invoice: String,
    /// Why it failed, or how much was refunded.
    pub(super) note: String,
}

#[derive(Debug)]
pub(super) struct EventRow {
    pub(super) time: String,
    pub(super) name: &'static str,
    /// What it is about, such as the plan or the amount.
    pub(super) about: String,
    pub(super) object_id: String,
}

/// The newest payments of a customer.
pub(super) fn payments(store: &Store, customer_id: &str) -> Vec<PaymentRow> {
    let newest = store.tables.payments.owned_by(customer_id).rev().take(MOST_ROWS);
    newest.map(|payment| payment_row(store, payment)).collect()
}

fn payment_row(store: &Store, payment: &Payment) -> PaymentRow {
    let invoice = store.tables.invoices.find(&payment.invoice_id);
    let refund = payment
        .refunded_amount
        .filter(|amount| *amount > 0)
        .map(|amount| format!("{} refunded", money::format(amount, &payment.currency)));
    PaymentRow {
        date: minute(payment.charge_date),
        badge: Badge::of_payment(payment),
        amount: money::format(payment.amount, &payment.currency),
        invoice: invoice.map_or_else(String::new, |invoice| invoice.invoice_number.clone()),
        note: payment.failure_message.clone().or(refund).unwrap_or_default(),
    }
}

/// The newest events of a customer, newest first. Events are found by the record that they are about.
pub(super) fn events(store: &Store, customer: &Customer) -> Vec<EventRow> {
    let id = customer.meta.id.as_str();
    let tables = &store.tables;
    let subscriptions = tables.subscriptions.owned_by(id).rev().take(MOST_ROWS).map(|record| &record.meta.id);
    let payments = tables.payments.owned_by(id).rev().take(MOST_ROWS).map(|record| &record.meta.id);
    let purchases = tables.purchases.owned_by(id).rev().take(MOST_ROWS).map(|record| &record.meta.id);
    let objects = subscriptions.chain(payments).chain(purchases).chain([&customer.meta.id]);
    let mut events: Vec<&Event> = objects.flat_map(|object_id| tables.events.owned_by(object_id)).collect();
    events.sort_by_key(|event| Reverse(event.meta.created_at));
    events.into_iter().take(MOST_ROWS).map(|event| event_row(store, event)).collect()
}

fn event_row(store: &Store, event: &Event) -> EventRow {
    EventRow {
        time: minute(event.meta.created_at),
        name: event.kind.name(),
        about: about(store, event).unwrap_or_default(),
        object_id: event.object_id.clone(),
    }
}

fn about(store: &Store, event: &Event) -> Option<String> {
    let tables = &store.tables;
    let id = event.object_id.as_str();
    match event.kind {
        EventType::CustomerCreated => tables.customers.find(id).map(|customer| customer.name.clone()),
        EventType::SubscriptionCreated | EventType::SubscriptionCanceled => {
            tables.subscriptions.find(id).map(|subscription| plan::name_of(store, subscription))
        }
        EventType::PaymentSucceeded | EventType::PaymentFailed => {
            tables.payments.find(id).map(|payment| money::format(payment.amount, &payment.currency))
        }
        EventType::PurchaseCompleted => tables.purchases.find(id).map(|purchase| purchase.name.clone()),
    }
}
