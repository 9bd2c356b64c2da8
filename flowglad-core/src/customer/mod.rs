//! What can be read and done for one customer. All rules of ownership are here.
//!
//! The scope itself is [`CustomerScope`].

pub(crate) mod billing;
mod billing_reads;
mod checkout;
mod profile;
mod resources;
pub(crate) mod scope;
mod subscriptions;
mod usage;

pub use billing::{CustomerPaymentMethods, CustomerSubscriptions};
pub(crate) use scope::CustomerScope;
