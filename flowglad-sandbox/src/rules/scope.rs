//! The scope of the API key: the records of its own pricing model.

use crate::{
    records::{
        billing::{Invoice, InvoiceLineItem, Payment, PaymentMethod, Purchase},
        checkout::CheckoutSession,
        customer::Customer,
        discount::Discount,
        pricing::{Feature, Price, PricingModel, Product, ProductFeature, Resource, UsageMeter},
        record::Record,
        subscription::{Subscription, SubscriptionItem, SubscriptionItemFeature},
        usage::UsageEvent,
        webhook::Webhook,
    },
    refusal::Refusal,
    store::{Store, table::Table},
};

/// A record that belongs to one pricing model.
pub(crate) trait InPricingModel: Record + 'static {
    /// The name of its table in the API's messages.
    const TABLE: &'static str;
    fn pricing_model_id(&self) -> &str;
    fn table(store: &Store) -> &Table<Self>;
}

macro_rules! in_pricing_model {
    ($($record:ident: $table:ident, $name:literal);+ $(;)?) => {$(
        impl InPricingModel for $record {
            const TABLE: &'static str = $name;

            fn pricing_model_id(&self) -> &str {
                &self.pricing_model_id
            }

            fn table(store: &Store) -> &Table<Self> {
                &store.tables.$table
            }
        }
    )+};
}

in_pricing_model! {
    CheckoutSession: checkout_sessions, "checkout sessions";
    Customer: customers, "customers";
    Discount: discounts, "discounts";
    Feature: features, "features";
    Invoice: invoices, "invoices";
    InvoiceLineItem: invoice_line_items, "invoice line items";
    Payment: payments, "payments";
    PaymentMethod: payment_methods, "payment methods";
    Price: prices, "prices";
    Product: products, "products";
    ProductFeature: product_features, "product features";
    Purchase: purchases, "purchases";
    Resource: resources, "resources";
    Subscription: subscriptions, "subscriptions";
    SubscriptionItem: subscription_items, "subscription items";
    SubscriptionItemFeature: subscription_item_features, "subscription item features";
    UsageEvent: usage_events, "usage events";
    UsageMeter: usage_meters, "usage meters";
    Webhook: webhooks, "webhooks";
}

/// All records of a kind in the key's scope, in the order of creation.
pub(crate) fn all<R: InPricingModel>(store: &Store) -> impl Iterator<Item = &R> {
    all_in(store, &store.key_model_id)
}

/// All records of a kind in a pricing model, in the order of creation.
pub(crate) fn all_in<'a, R: InPricingModel>(store: &'a Store, model_id: &'a str) -> impl Iterator<Item = &'a R> {
    R::table(store).iter().filter(move |record| record.pricing_model_id() == model_id)
}

/// Whether the key sees what is in a pricing model as a whole: in its own, and in the first one, which it was made for.
pub(crate) fn sees_inside(store: &Store, model: &PricingModel) -> bool {
    let first = store.tables.pricing_models.iter().next();
    model.meta.id == store.key_model_id || first.is_some_and(|first| first.meta.id == model.meta.id)
}

pub(crate) fn find<'a, R: InPricingModel>(store: &'a Store, id: &str) -> Option<&'a R> {
    R::table(store).find(id).filter(|record| record.pricing_model_id() == store.key_model_id)
}

/// As [`find`], or the API's 500 where an operation shows a single record.
pub(crate) fn show<'a, R: InPricingModel>(store: &'a Store, id: &str) -> Result<&'a R, Refusal> {
    find(store, id).ok_or_else(|| Refusal::no_row_to_show(R::TABLE, id))
}

/// As [`find`], or the API's 500 for an id that it does not find.
pub(crate) fn require<'a, R: InPricingModel>(store: &'a Store, id: &str) -> Result<&'a R, Refusal> {
    find(store, id).ok_or_else(|| Refusal::no_row(R::TABLE, id))
}
