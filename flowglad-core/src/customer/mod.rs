//! Calls for one customer, and the checks that records belong to that customer.
//!
//! The calls are methods of [`CustomerScope`].

pub(crate) mod billing;
mod billing_reads;
mod checkout;
mod profile;
mod resources;
pub(crate) mod scope;
mod subscriptions;
mod uncertain_change;
mod usage;

pub use billing::{CustomerPaymentMethods, CustomerSubscriptions};
pub(crate) use scope::CustomerScope;
