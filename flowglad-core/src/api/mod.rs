//! One type per resource of the API, with one method per operation, and the request types of these methods. Each type
//! is returned by the method of the same name on [`Flowglad`](crate::Flowglad).
//!
//! These methods do not check who is signed in. For a signed-in user, use
//! [`Flowglad::customer`](crate::Flowglad::customer), which checks that every record belongs to that user's customer.
//!
//! Reads, and changes that cannot take effect twice, are retried after failures that may pass. A method that is "not
//! retried after it was sent" is sent again only if it did not reach Flowglad, or Flowglad answered 429 or 503 and said
//! when to come back.
//!
//! Where Flowglad's servers differ from its API specification, the methods follow the servers, and their documentation
//! says so.

pub(crate) mod api_keys;
pub(crate) mod checkout_sessions;
pub(crate) mod customers;
pub(crate) mod discounts;
pub(crate) mod features;
pub(crate) mod invoice_line_items;
pub(crate) mod invoices;
pub(crate) mod payment_methods;
pub(crate) mod payments;
pub(crate) mod prices;
pub(crate) mod pricing_model_setup;
pub(crate) mod pricing_models;
pub(crate) mod product_features;
pub(crate) mod products;
pub(crate) mod purchases;
pub(crate) mod resource_claims;
pub(crate) mod resources;
pub(crate) mod subscription_adjustments;
pub(crate) mod subscription_item_features;
pub(crate) mod subscriptions;
pub(crate) mod usage_events;
pub(crate) mod usage_meters;
pub(crate) mod webhooks;
pub(crate) mod with_id;

pub use crate::model::new_usage_event::{MeterRef, NewUsageEvent};
pub use api_keys::ApiKeys;
pub use checkout_sessions::{
    ActivateSubscriptionCheckout, AddPaymentMethodCheckout, CheckoutOptions, CheckoutSessions, NewCheckoutSession,
    ProductCheckout,
};
pub use customers::{CustomerChanges, CustomerRef, Customers, NewCustomer};
pub use discounts::{DiscountChanges, DiscountTerm, Discounts, NewDiscount};
pub use features::{FeatureChanges, FeatureGrant, FeatureRef, Features, NewFeature};
pub use invoice_line_items::InvoiceLineItems;
pub use invoices::Invoices;
pub use payment_methods::PaymentMethods;
pub use payments::Payments;
pub use prices::{NewPrice, NewUsagePrice, PriceChanges, PriceRef, PriceTerms, Prices};
pub use pricing_model_setup::{
    PricingModelExport, PricingModelSetup, SetupFeature, SetupPrice, SetupProduct, SetupProductFields, SetupResource,
    SetupUsageMeter, SetupUsageMeterFields,
};
pub use pricing_models::{DestinationEnvironment, NewPricingModel, PricingModelChanges, PricingModels};
pub use product_features::{NewProductFeature, ProductFeatures};
pub use products::{NewProduct, ProductChanges, Products};
pub use purchases::Purchases;
pub use resource_claims::{ClaimTarget, NewClaim, NewRelease, ReleaseTarget, ResourceClaims};
pub use resources::{NewResource, ResourceChanges, ResourceRef, Resources};
pub use subscription_adjustments::{Adjustment, AdjustmentTiming};
pub use subscription_item_features::{
    NewSubscriptionItemFeature, SubscriptionItemFeatureChanges, SubscriptionItemFeatures,
};
pub use subscriptions::{CancellationTiming, NewSubscription, NewSubscriptionItem, Subscriptions};
pub use usage_events::UsageEvents;
pub use usage_meters::{NewUsageMeter, UsageMeterChanges, UsageMeterPrice, UsageMeters};
pub use webhooks::{EnsuredWebhook, NewWebhook, WebhookChanges, Webhooks};

pub use crate::flowglad::{
    list::{List, Page, Records},
    raw_request::RawRequest,
};
