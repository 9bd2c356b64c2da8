//! Calls for one customer, and the checks that records belong to that customer.
//!
//! The calls are methods of [`CustomerScope`].

mod billing_reads;
mod checkout;
mod profile;
mod resources;
pub(crate) mod scope;
mod seats;
mod subscriptions;
mod uncertain_change;
mod usage;

pub(crate) use scope::CustomerScope;
pub use seats::{ClaimsBeyond, Seats};
