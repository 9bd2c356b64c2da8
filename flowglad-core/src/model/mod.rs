//! The records of the API, one type per concept.
//!
//! They read what the app's code needs and pass over fields that they do not know; the full JSON stays beside them in
//! [`Answer::raw`](crate::Answer::raw). A value that the API may extend is kept as text when it is new.
//!
//! Amounts of money are integers in the currency's smallest unit, times are [`Timestamp`]s.

mod checkout_session;
mod customer;
mod ids;
mod invoice;
mod payment_method;
mod pricing_model;
mod purchase;
mod resource;
mod subscription;
mod timestamp;
mod usage;

pub use checkout_session::{CheckoutSession, CheckoutSessionStatus, HostedCheckout};
pub use customer::Customer;
pub use ids::{
    CheckoutSessionId, CustomerId, InvoiceId, PaymentMethodId, PriceId, PricingModelId, ProductId, PurchaseId,
    ResourceClaimId, ResourceId, SubscriptionId, UsageEventId, UsageMeterId,
};
pub use invoice::{Invoice, InvoiceLineItem, InvoiceStatus, InvoiceWithLineItems};
pub use payment_method::PaymentMethod;
pub use pricing_model::{Feature, FeatureKind, IntervalUnit, Price, PriceKind, PricingModel, Product, UsageMeter};
pub use purchase::{Purchase, PurchaseStatus};
pub use resource::{Claimed, Released, ResourceClaim, ResourceUsage, ResourceUsageWithClaims};
pub use subscription::{Adjusted, FeatureItem, ResolvedTiming, Subscription, SubscriptionItem, SubscriptionStatus};
pub use timestamp::Timestamp;
pub use usage::{UsageEvent, UsageMeterBalance};

/// Reads `null` like an absent field, as the API uses the two alike in lists.
pub(crate) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + serde::Deserialize<'de>,
{
    Ok(<Option<T> as serde::Deserialize>::deserialize(deserializer)?.unwrap_or_default())
}
