//! The records of the API.
//!
//! Only the fields that every record needs are required; any other field that the API leaves out is `None`. Unknown
//! fields are kept in `extra`, and unknown values of an enum in its `Unknown` variant, so writing a record as JSON
//! keeps everything that was read (`null` and an absent field are the same, and times become numbers). The original
//! bytes are in [`Response::raw`](crate::Response::raw).
//!
//! Amounts of money are integers in the currency's smallest unit; [`Money`] adds the currency. Times are
//! [`Timestamp`]s: epoch milliseconds in the JSON.

mod address;
mod api_key;
mod checkout_session;
mod customer;
mod discount;
mod feature;
mod ids;
mod invoice;
mod lenient_number;
mod money;
pub(crate) mod new_usage_event;
mod payment;
mod payment_method;
mod price;
mod pricing_model;
mod product;
mod purchase;
mod resource;
mod secret;
mod subscription;
mod subscription_adjustment;
mod timestamp;
mod usage;
mod webhook;

pub use address::{Address, BillingAddress, BillingDetails};
pub use api_key::{ApiKey, ApiKeyKind};
pub use checkout_session::{CheckoutSession, CheckoutSessionKind, CheckoutSessionStatus, HostedCheckout};
pub use customer::{CreatedCustomer, Customer};
pub use discount::{Discount, DiscountAmountType, DiscountDuration};
pub use feature::{
    ExpiredProductFeature, Feature, FeatureKind, ProductFeature, RenewalFrequency, SubscriptionItemFeature,
};
pub use ids::{
    ApiKeyId, BillingPeriodId, BillingRunId, CheckoutSessionId, CustomerId, DiscountId, FeatureId, InvoiceId,
    InvoiceLineItemId, LedgerAccountId, OrganizationId, PaymentId, PaymentMethodId, PriceId, PricingModelId,
    ProductFeatureId, ProductId, PurchaseId, ResourceClaimId, ResourceId, SubscriptionId, SubscriptionItemFeatureId,
    SubscriptionItemId, UsageEventId, UsageMeterId, WebhookId,
};
pub use invoice::{
    Invoice, InvoiceKind, InvoiceLineItem, InvoiceLineItemKind, InvoiceStatus, InvoiceWithLineItems, TaxType,
};
pub(crate) use lenient_number::whole_or_rounded_down;
pub use money::{Currency, Money};
pub(crate) use new_usage_event::{MeterRef, NewUsageEvent};
pub use payment::{Payment, PaymentStatus};
pub use payment_method::{PaymentMethod, PaymentMethodKind};
pub use price::{IntervalUnit, Price, PriceKind};
pub use pricing_model::PricingModel;
pub use product::Product;
pub use purchase::{Purchase, PurchaseStatus};
pub use resource::{ClaimResult, ReleaseResult, Resource, ResourceClaim, ResourceUsage, ResourceUsageWithClaims};
pub use secret::Secret;
pub use subscription::{Subscription, SubscriptionItem, SubscriptionItemKind, SubscriptionStatus};
pub use subscription_adjustment::{
    AdjustmentPreview, AdjustmentResult, CanceledAdjustment, PreviewPaymentMethod, PreviewSubscriptionItem,
    ResolvedTiming,
};
pub use timestamp::Timestamp;
pub use usage::{AggregationType, UsageEvent, UsageMeter, UsageMeterBalance};
pub use webhook::{CreatedWebhook, Webhook, WebhookEventType};

/// Reads `null` like an absent field, because the API uses both for an empty list.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + serde::Deserialize<'de>,
{
    Ok(<Option<T> as serde::Deserialize>::deserialize(deserializer)?.unwrap_or_default())
}
