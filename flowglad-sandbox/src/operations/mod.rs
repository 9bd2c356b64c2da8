//! The API's operations, one file per resource: what each reads, which rule it runs, and what it answers.

pub(crate) mod adjustment;
pub(crate) mod api_keys;
pub(crate) mod billing_view;
pub(crate) mod checkout_sessions;
pub(crate) mod customers;
pub(crate) mod discounts;
pub(crate) mod features;
pub(crate) mod invoices;
pub(crate) mod payment_methods;
pub(crate) mod payments;
pub(crate) mod prices;
pub(crate) mod pricing_models;
pub(crate) mod product_features;
pub(crate) mod products;
pub(crate) mod purchases;
pub(crate) mod resource_claims;
pub(crate) mod resources;
pub(crate) mod setup_document;
pub(crate) mod subscription_features;
pub(crate) mod subscriptions;
pub(crate) mod usage_events;
pub(crate) mod usage_meters;
