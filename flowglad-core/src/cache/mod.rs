//! What is known of customers' billing: reads that several callers share and, with the feature `cache`, a memory of what
//! was read.
//!
//! One read of a customer's billing runs at a time, and all who may share it do. A caller may share a read that is fresh
//! enough for its question, and a live question is answered only by a read that began after it. A change through this
//! client, or one that [`Flowglad::invalidate`](crate::Flowglad::invalidate) reports, outdates what is known of its
//! customer: a read that began before is answered to those who asked before, and then forgotten.

pub(crate) mod ask;
#[cfg_attr(not(feature = "cache"), path = "no_memory.rs")]
mod memory;
mod rules;
mod second_memory;
pub(crate) mod shared_reads;
mod state;
mod store;
#[cfg(test)]
mod tests;

pub use crate::client::subject::Subject;
#[cfg(feature = "redis")]
pub(crate) use memory::ids;
pub use rules::BillingCache;
pub(crate) use state::{Beginning, ReadBilling};
pub use store::{BillingStore, Instance, StoreAway, StoreError, Stored, StoredDocument};
