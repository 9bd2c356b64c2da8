//! The API's operations, one file per resource: what each reads, which rule it runs, and its reply.
//!
//! Start with `call` and `reply`, the request and the response as plain data; `input` reads bodies and queries
//! and reports their problems as the API does, `page` lists records.

pub(crate) mod api_keys;
pub(crate) mod billing_view;
pub(crate) mod call;
pub(crate) mod checkout_sessions;
pub(crate) mod cloned_model;
pub(crate) mod customers;
pub(crate) mod discounts;
pub(crate) mod features;
pub(crate) mod input;
pub(crate) mod invoices;
pub(crate) mod page;
pub(crate) mod payment_methods;
pub(crate) mod payments;
pub(crate) mod ping;
pub(crate) mod price_reader;
pub(crate) mod prices;
pub(crate) mod pricing_models;
pub(crate) mod product_features;
pub(crate) mod products;
pub(crate) mod purchases;
pub(crate) mod reply;
pub(crate) mod resource_claims;
pub(crate) mod resources;
pub(crate) mod setup_document;
pub(crate) mod setup_form_reader;
pub(crate) mod subscription_adjustment;
pub(crate) mod subscription_item_features;
pub(crate) mod subscription_item_reader;
pub(crate) mod subscriptions;
pub(crate) mod usage_events;
pub(crate) mod usage_meters;
pub(crate) mod webhooks;
