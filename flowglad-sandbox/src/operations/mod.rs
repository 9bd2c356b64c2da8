//! The API's operations, one file per resource: what each reads, which rule it runs, and what it answers.

pub(crate) mod adjustment;
pub(crate) mod billing_view;
pub(crate) mod checkout_sessions;
pub(crate) mod customers;
pub(crate) mod pricing_models;
pub(crate) mod resource_claims;
pub(crate) mod subscriptions;
pub(crate) mod usage_events;
pub(crate) mod webhooks;
