//! The billing rules: what changes in the store, and what is refused. Nothing here knows HTTP.
//!
//! In the order in which they build on each other: `scope` and `events`, `pricing`, `billing`, `entitlement`,
//! `subscription`, `customers`, `checkout`, and `timeline` for the passing of time. Start with `subscription::start`.

pub(crate) mod billing;
pub(crate) mod checkout;
pub(crate) mod customers;
pub(crate) mod entitlement;
pub(crate) mod events;
pub(crate) mod pricing;
pub(crate) mod scope;
pub(crate) mod subscription;
pub(crate) mod timeline;
