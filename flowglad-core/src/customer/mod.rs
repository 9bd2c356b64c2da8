//! Calls for one customer, and the checks that records belong to that customer.
//!
//! The calls are methods of [`CustomerScope`].

mod billing_reads;
mod checkout;
mod enroll;
mod profile;
mod resources;
mod returned_checkout;
pub(crate) mod scope;
mod seats;
mod subscriptions;
mod uncertain_change;
mod usage;

pub use enroll::Enrolled;
pub use returned_checkout::{CheckoutState, ReturnedCheckout};
pub(crate) use scope::CustomerScope;
pub use seats::{ClaimsBeyond, Seats};
