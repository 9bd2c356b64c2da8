//! Several instances of an app that share billing, usage, holds and the log of webhook deliveries through Redis or Valkey
//! (feature `redis`).
//!
//! One machine needs none of this: memory and a file are the default. A [`Fleet`] gives each part a place that all instances
//! share, one line for each:
//!
//! ```no_run
//! use std::time::Duration;
//! use flowglad_core::{Flowglad, cache::BillingCache, fleet::Fleet};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let fleet = Fleet::connect("redis://127.0.0.1:6379").await?;
//! let flowglad = Flowglad::builder()
//!     .api_key("sk_test_example")
//!     .cache(BillingCache::new().store(fleet.billing()))
//!     .build()?;
//! // The app runs here. When its server has stopped:
//! fleet.shutdown(Duration::from_secs(5)).await;
//! # Ok(()) }
//! ```
//!
//! While the server is away, the app goes on without it: billing from the memory of each instance, usage into a local
//! outbox, holds by each instance alone. One line in the log says that it is away, and one that it is back.

mod billing;
mod book;
mod builder;
mod change;
mod connect;
mod contents;
mod dead_letters;
mod delivered_alone;
mod delivery_log;
mod end;
mod error;
mod keeper;
mod keys;
mod link;
mod lost_claims;
mod outbox;
mod owed;
mod scripts;
mod server;
mod server_clock;
mod shared;
mod stats;
mod taken;
mod tender;
mod usage;

pub use billing::FleetBilling;
pub use builder::FleetBuilder;
pub use delivery_log::FleetDeliveryLog;
pub use error::FleetError;
pub use keeper::Fleet;
pub use stats::FleetStats;

/// So much is said at the same time, when the server is back.
const AT_ONCE: usize = 100;

/// All parts begin anew together, so that each says for so long what is left to be said, and the rest with the next beat.
const TEND_FOR: std::time::Duration = std::time::Duration::from_millis(500);

fn in_millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).min(1 << 52)
}
