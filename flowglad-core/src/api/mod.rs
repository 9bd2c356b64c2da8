//! The API operation by operation: a small handle per resource, made by the method of its name on
//! [`Flowglad`](crate::Flowglad), and what its methods take.
//!
//! Each method is one operation and one request. None of them knows who is signed in: what is done for a user of the app
//! goes through [`Flowglad::customer`](crate::Flowglad::customer), which checks that things are theirs.
//!
//! Where Flowglad does something else than its description says, the methods follow what it does and tell so.

pub(crate) mod api_keys;
pub(crate) mod checkout_sessions;
pub(crate) mod customers;
pub(crate) mod discounts;
pub(crate) mod features;
pub(crate) mod identified;
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
pub(crate) mod subscription_item_features;
pub(crate) mod subscriptions;
pub(crate) mod usage_events;
pub(crate) mod usage_meters;
pub(crate) mod webhooks;

pub use api_keys::ApiKeys;
pub use checkout_sessions::{CheckoutSessions, NewCheckoutSession};
pub use customers::{Customers, NewCustomer};
pub use discounts::{DiscountChanges, DiscountTerm, Discounts, NewDiscount};
pub use features::{FeatureChanges, FeatureGrant, Features, NewFeature};
pub use invoice_line_items::InvoiceLineItems;
pub use invoices::Invoices;
pub use payment_methods::PaymentMethods;
pub use payments::Payments;
pub use prices::{Charge, NewPrice, NewUsagePrice, PriceChanges, Prices};
pub use pricing_model_setup::{
    PricingModelExport, PricingModelSetup, SetupFeature, SetupPrice, SetupProduct, SetupProductFields, SetupResource,
    SetupUsageMeter, SetupUsageMeterFields,
};
pub use pricing_models::{DestinationEnvironment, NewPricingModel, PricingModelChanges, PricingModels};
pub use product_features::{NewProductFeature, ProductFeatures};
pub use products::{NewProduct, ProductChanges, Products};
pub use purchases::Purchases;
pub use resource_claims::ResourceClaims;
pub use resources::{NewResource, ResourceChanges, Resources};
pub use subscription_item_features::{
    NewSubscriptionItemFeature, SubscriptionItemFeatureChanges, SubscriptionItemFeatures,
};
pub use subscriptions::{CustomerRef, FeatureRef, NewSubscription, Subscriptions};
pub use usage_events::UsageEvents;
pub use usage_meters::{NewUsageMeter, UsageMeterChanges, UsageMeters};
pub use webhooks::{NewWebhook, WebhookChanges, Webhooks};

/// Every endpoint of the client. A check outside of this crate compares them with the API's description.
#[cfg(feature = "schema")]
pub(crate) fn operations() -> Vec<crate::schema::Operation> {
    use crate::schema::Operation;
    vec![
        Operation::of(&api_keys::GET),
        Operation::of(&checkout_sessions::CREATE),
        Operation::of(&checkout_sessions::GET),
        Operation::of(&checkout_sessions::LIST),
        Operation::of_reply::<crate::billing::View>(customers::BILLING.route()),
        Operation::of(&customers::ARCHIVE),
        Operation::of(&customers::CREATE),
        Operation::of(&customers::GET),
        Operation::of(&customers::LIST),
        Operation::of(&customers::UPDATE),
        Operation::of(&customers::USAGE_BALANCES),
        Operation::of(&discounts::CREATE),
        Operation::of(&discounts::GET),
        Operation::of(&discounts::LIST),
        Operation::of(&discounts::UPDATE),
        Operation::of(&features::CREATE),
        Operation::of(&features::GET),
        Operation::of(&features::LIST),
        Operation::of(&features::UPDATE),
        Operation::of(&invoice_line_items::GET),
        Operation::of(&invoice_line_items::LIST),
        Operation::of(&invoices::GET),
        Operation::of(&invoices::LIST),
        Operation::of(&payment_methods::GET),
        Operation::of(&payment_methods::LIST),
        Operation::of(&payments::GET),
        Operation::of(&payments::LIST),
        Operation::of(&payments::REFUND),
        Operation::of(&prices::CREATE),
        Operation::of(&prices::GET),
        Operation::of(&prices::LIST),
        Operation::of(&prices::UPDATE),
        Operation::of(&pricing_models::CLONE),
        Operation::of(&pricing_models::CREATE),
        Operation::of(&pricing_models::DEFAULT),
        Operation::of(&pricing_models::EXPORT),
        Operation::of(&pricing_models::GET),
        Operation::of(&pricing_models::LIST),
        Operation::of(&pricing_models::SETUP),
        Operation::of(&pricing_models::UPDATE),
        Operation::of(&product_features::CREATE),
        Operation::of(&product_features::EXPIRE),
        Operation::of(&product_features::GET),
        Operation::of(&product_features::LIST),
        Operation::of(&products::CREATE),
        Operation::of(&products::GET),
        Operation::of(&products::LIST),
        Operation::of(&products::UPDATE),
        Operation::of(&purchases::GET),
        Operation::of(&resource_claims::CLAIM),
        Operation::of(&resource_claims::CLAIM_NAMED),
        Operation::of(&resource_claims::CLAIMS),
        Operation::of(&resource_claims::RELEASE),
        Operation::of(&resource_claims::USAGE),
        Operation::of(&resource_claims::USAGES),
        Operation::of(&resources::CREATE),
        Operation::of(&resources::GET),
        Operation::of(&resources::LIST),
        Operation::of(&resources::UPDATE),
        Operation::of(&subscription_item_features::CREATE),
        Operation::of(&subscription_item_features::EXPIRE),
        Operation::of(&subscription_item_features::GET),
        Operation::of(&subscription_item_features::UPDATE),
        Operation::of(&subscriptions::ADD_FEATURE),
        Operation::of(&subscriptions::ADJUST),
        Operation::of(&subscriptions::CANCEL),
        Operation::of(&subscriptions::CANCEL_SCHEDULED_ADJUSTMENT),
        Operation::of(&subscriptions::CREATE),
        Operation::of(&subscriptions::GET),
        Operation::of(&subscriptions::LIST),
        Operation::of(&subscriptions::PREVIEW_ADJUST),
        Operation::of(&subscriptions::UNCANCEL),
        Operation::of(&usage_events::BULK),
        Operation::of(&usage_events::CREATE),
        Operation::of(&usage_events::GET),
        Operation::of(&usage_events::LIST),
        Operation::of(&usage_meters::CREATE),
        Operation::of(&usage_meters::GET),
        Operation::of(&usage_meters::LIST),
        Operation::of(&usage_meters::UPDATE),
        Operation::of(&webhooks::CREATE),
        Operation::of(&webhooks::GET),
        Operation::of(&webhooks::UPDATE),
    ]
}
