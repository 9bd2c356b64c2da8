//! The billing rules: what changes in the store, and what is refused. Nothing here knows HTTP requests.

pub(crate) mod adjustment;
pub(crate) mod billing_run;
pub(crate) mod cancellation;
pub(crate) mod catalog;
pub(crate) mod checkout_completion;
pub(crate) mod checkout_quote;
pub(crate) mod credits;
pub(crate) mod customers;
pub(crate) mod dunning;
pub(crate) mod events;
pub(crate) mod features;
pub(crate) mod granted_features;
pub(crate) mod period;
pub(crate) mod pricing_setup;
pub(crate) mod proration;
pub(crate) mod refund;
pub(crate) mod resource_claims;
pub(crate) mod scheduled_adjustment;
pub(crate) mod setup_check;
pub(crate) mod setup_form;
pub(crate) mod subscription_start;
pub(crate) mod timeline;
pub(crate) mod usage;
pub(crate) mod usage_charges;
