//! The API's operations, one file per resource: what each reads, which rule it runs, and what it answers.

pub(crate) mod adjustment;
pub(crate) mod billing_view;
pub(crate) mod checkout_sessions;
pub(crate) mod customers;
pub(crate) mod invoices;
pub(crate) mod payment_methods;
pub(crate) mod payments;
pub(crate) mod pricing_models;
pub(crate) mod purchases;
pub(crate) mod resource_claims;
pub(crate) mod subscription_features;
pub(crate) mod subscriptions;
pub(crate) mod usage_events;
