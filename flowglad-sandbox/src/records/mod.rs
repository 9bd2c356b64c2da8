//! The records as the API shows them: field names, order and nulls are those of its answers.
#![expect(
    clippy::struct_field_names,
    clippy::struct_excessive_bools,
    reason = "the API named these fields and chose their types"
)]

mod billing;
mod catalog;
mod checkout;
mod customer;
mod event;
mod subscription;
mod usage;
mod webhook;

use serde::{Deserialize, Serialize};

pub(crate) use billing::{
    BillingAddress, BillingDetails, Card, Invoice, InvoiceLineItem, InvoiceStatus, InvoiceType, Payment, PaymentMethod,
    PostalAddress, Purchase,
};
pub(crate) use catalog::{
    Aggregation, Feature, FeatureType, IntervalUnit, Price, PriceType, PricingModel, Product, ProductFeature,
    RenewalFrequency, Resource, UsageMeter,
};
pub(crate) use checkout::{CheckoutSession, CheckoutStatus, CheckoutType};
pub(crate) use customer::Customer;
pub(crate) use event::{Event, EventType};
pub(crate) use subscription::{
    BillingPeriod, BillingPeriodItem, CancellationReason, Subscription, SubscriptionItem, SubscriptionItemFeature,
    SubscriptionStatus,
};
pub(crate) use usage::{ResourceClaim, UsageCredit, UsageEvent};
pub(crate) use webhook::Webhook;

/// The fields that every record starts with.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Head {
    pub(crate) id: String,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) livemode: bool,
}

/// A kind of record that a table can hold.
pub(crate) trait Record: Clone {
    /// What its ids start with.
    const PREFIX: &'static str;
    fn head(&self) -> &Head;
    fn head_mut(&mut self) -> &mut Head;
}

macro_rules! record {
    ($($record:ident: $prefix:literal),+ $(,)?) => {$(
        impl Record for $record {
            const PREFIX: &'static str = $prefix;

            fn head(&self) -> &Head {
                &self.head
            }

            fn head_mut(&mut self) -> &mut Head {
                &mut self.head
            }
        }
    )+};
}

record! {
    PricingModel: "pricing_model",
    Product: "prod",
    Price: "price",
    Feature: "feature",
    ProductFeature: "product_feature",
    UsageMeter: "usage_meter",
    Resource: "resource",
    Customer: "cust",
    Subscription: "sub",
    SubscriptionItem: "si",
    SubscriptionItemFeature: "sub_feature",
    BillingPeriod: "billing_period",
    BillingPeriodItem: "billing_period_item",
    UsageEvent: "usage_event",
    UsageCredit: "usage_credit",
    ResourceClaim: "res_claim",
    CheckoutSession: "chckt_session",
    Purchase: "prch",
    PaymentMethod: "pm",
    Invoice: "inv",
    InvoiceLineItem: "inv_li",
    Payment: "pym",
    Event: "event",
    Webhook: "webhook",
}
