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
mod discount;
mod event;
mod subscription;
mod usage;

use serde::{Deserialize, Serialize};

pub(crate) use billing::{
    BillingAddress, BillingDetails, BillingRun, Card, Invoice, InvoiceLineItem, InvoiceStatus, InvoiceType, Payment,
    PaymentMethod, PostalAddress, Purchase,
};
pub(crate) use catalog::{
    Aggregation, Feature, FeatureType, IntervalUnit, Price, PriceType, PricingModel, Product, ProductFeature,
    RenewalFrequency, Resource, UsageMeter,
};
pub(crate) use checkout::{CheckoutSession, CheckoutStatus, CheckoutType};
pub(crate) use customer::Customer;
pub(crate) use discount::{Discount, DiscountAmountType, DiscountDuration};
pub(crate) use event::{Event, EventType};
pub(crate) use subscription::{
    BillingPeriod, BillingPeriodItem, CancellationReason, Subscription, SubscriptionItem, SubscriptionItemFeature,
    SubscriptionStatus,
};
pub(crate) use usage::{ResourceClaim, UsageCredit, UsageEvent};

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

    /// The record that it belongs to. Like all that records are found by, this never changes.
    fn owner(&self) -> Option<&str> {
        None
    }

    /// The id that the app gave it, which other records may bear too.
    fn outside_id(&self) -> Option<&str> {
        None
    }

    /// A number that records share if they are alike in what may be counted once only.
    fn likeness(&self) -> Option<u64> {
        None
    }

    /// What it adds to a running sum of its owner, after the name of that sum.
    fn counted(&self) -> Option<(&str, i64)> {
        None
    }
}

/// Each record with what its ids start with, the field that names its owner, and how else it is found.
macro_rules! record {
    ($($record:ident: $prefix:literal $(of $owner:ident)? $({ $($more:tt)* })?),+ $(,)?) => {$(
        impl Record for $record {
            const PREFIX: &'static str = $prefix;

            fn head(&self) -> &Head {
                &self.head
            }

            fn head_mut(&mut self) -> &mut Head {
                &mut self.head
            }

            $(fn owner(&self) -> Option<&str> {
                Some(&self.$owner)
            })?

            $($($more)*)?
        }
    )+};
}

record! {
    PricingModel: "pricing_model",
    Product: "prod",
    Price: "price",
    Feature: "feature",
    ProductFeature: "product_feature" of product_id,
    UsageMeter: "usage_meter",
    Resource: "resource",
    Discount: "discount",
    Customer: "cust" {
        fn outside_id(&self) -> Option<&str> {
            Some(&self.external_id)
        }
    },
    Subscription: "sub" of customer_id,
    SubscriptionItem: "si" of subscription_id,
    SubscriptionItemFeature: "sub_feature" of subscription_item_id,
    BillingPeriod: "billing_period" of subscription_id,
    BillingPeriodItem: "billing_period_item" of billing_period_id,
    BillingRun: "billing_run" of subscription_id,
    UsageEvent: "usage_event" of subscription_id {
        fn outside_id(&self) -> Option<&str> {
            Some(&self.transaction_id)
        }

        fn likeness(&self) -> Option<u64> {
            UsageEvent::likeness_of(&self.usage_meter_id, self.billing_period_id.as_deref(), &self.properties)
        }

        fn counted(&self) -> Option<(&str, i64)> {
            self.costs.then_some((&self.usage_meter_id, self.uncovered))
        }
    },
    UsageCredit: "usage_credit" of subscription_id,
    ResourceClaim: "res_claim" of subscription_id,
    CheckoutSession: "chckt_session",
    Purchase: "prch" of customer_id,
    PaymentMethod: "pm" of customer_id,
    Invoice: "inv" of customer_id,
    InvoiceLineItem: "inv_li" of invoice_id,
    Payment: "pym" of customer_id,
    Event: "event" of object_id,
}
