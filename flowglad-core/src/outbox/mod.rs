//! Recorded usage on its way to Flowglad: the store where it waits, what it takes from balances, and the bounds of it.
//!
//! This layer knows no customer's billing and sends nothing; `usage/` does.

pub(crate) mod book;
pub(crate) mod commits;
pub(crate) mod counters;
mod file_store;
mod memory_store;
pub(crate) mod meter_names;
mod open_error;
pub(crate) mod open_outbox;
pub(crate) mod record;
mod record_error;
mod settings;
#[cfg_attr(not(feature = "redis"), allow(dead_code, reason = "only a fleet makes one"))]
pub(crate) mod shared_book;
mod store;

pub use open_error::OpenError;
pub use record_error::RecordError;
pub use settings::{Outbox, WhenAlone, WhenFull};
pub use store::{Appended, DeadRecord, Ended, NewRecord, Sequence, StoredRecord, Totals, UsageStore};
