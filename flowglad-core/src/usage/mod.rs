//! Usage that is durable before it is at Flowglad, and holds on balances (feature `usage-recorder`).
//!
//! Two ways lead to a usage event:
//!
//! - [`create_usage_event`](crate::CustomerScope::create_usage_event) sends it to Flowglad and waits for the answer. Its
//!   caller waits too, and an outage is the caller's error. For jobs that can run again.
//! - [`record_usage`](crate::CustomerScope::record_usage) returns when it is on the disk, in less than a millisecond. It is
//!   delivered in the background, through outages and crashes, and counts once. For what customers wait for.
//!
//! Work that must not begin without credit [holds](crate::CustomerScope::hold) it first.
//!
//! ```no_run
//! use std::time::Duration;
//! use flowglad_core::{Flowglad, RequestingCustomer, usage::Outbox};
//!
//! # async fn run(ada: RequestingCustomer) -> Result<(), Box<dyn std::error::Error>> {
//! let outbox = Outbox::open("/var/lib/shop/usage")?;
//! let flowglad = Flowglad::builder().api_key("sk_test_example").usage(outbox).build()?;
//! let delivery = flowglad.usage().start_delivery()?;
//!
//! let hold = flowglad.customer(&ada).hold("api_calls", 3).await?;
//! // The work. If it fails, the hold is dropped, and nothing is charged.
//! hold.settle(3).await?;
//!
//! let left = delivery.shutdown(Duration::from_secs(5)).await;
//! println!("{} events wait for the next start", left.pending);
//! # Ok(()) }
//! ```

mod batch;
mod counter;
mod dead_letter;
mod delivery;
mod hold;
mod hold_request;
mod meter;
mod plans;
mod recorder;
mod sender;
mod verdict;

pub use crate::{
    observe::UsageStats,
    outbox::{
        Appended, DeadRecord, Ended, NewRecord, OpenError, Outbox, RecordError, Sequence, StoredRecord, Totals,
        UsageStore, WhenAlone, WhenFull,
    },
};
pub use counter::UsageCounter;
pub use dead_letter::{DeadLetter, DeadReason};
pub use delivery::{AlreadyDelivering, Undelivered, UsageDelivery};
pub use hold::{Hold, Settled};
pub use hold_request::{HoldRequest, NotHeld};
pub(crate) use meter::Cost;
pub use meter::{Meter, MeteredRequest, MeteredResponse};
pub use recorder::{Recorded, UsageRecorder};
