//! What the client does, for an app's own eyes: counters for a health page, events for its metrics, and log lines.
//!
//! Nothing here names a customer. The counters are always on and cost one atomic addition each;
//! [`Flowglad::snapshot`](crate::Flowglad::snapshot) reads them. An [`Observer`] hears each event, for metrics of any
//! kind; with the feature `metrics`, `MetricsObserver` is one for the crate of that name.
//!
//! ```
//! use std::sync::{Arc, atomic::{AtomicU64, Ordering::Relaxed}};
//! use flowglad_core::{Flowglad, observe::{GateDecided, GateOutcome, Observer}};
//!
//! #[derive(Default)]
//! struct Refusals(AtomicU64);
//!
//! impl Observer for Refusals {
//!     fn gate_decided(&self, event: &GateDecided<'_>) {
//!         if event.outcome == GateOutcome::Refused {
//!             self.0.fetch_add(1, Relaxed);
//!         }
//!     }
//! }
//!
//! # fn main() -> Result<(), flowglad_core::Error> {
//! let refusals = Arc::new(Refusals::default());
//! let flowglad = Flowglad::builder().api_key("sk_test_example").observer(Arc::clone(&refusals)).build()?;
//! assert_eq!(flowglad.snapshot().gates.refused, 0);
//! # Ok(()) }
//! ```
//!
//! The same events are `tracing` events of level `debug` with the same fields. When reads of billing begin to fail there
//! is one line of level `warn`, and one of level `info` when they work again, not one for each request.

mod counters;
mod events;
mod failure_kind;
#[cfg(feature = "metrics")]
mod metrics_observer;
pub(crate) mod observation;
mod observer;
mod outage;
mod snapshot;
#[cfg(all(test, feature = "metrics"))]
mod tests;
mod unknown_slugs;

pub use events::{
    Answer, BillingAsked, BillingRead, Evicted, FleetChanged, GateDecided, GateOutcome, Invalidated, InvalidationCause,
    Retry, RetryOutcome, UsageCounted, UsageOutcome, WebhookOutcome, WebhookReceived,
};
pub use failure_kind::FailureKind;
#[cfg(feature = "metrics")]
pub use metrics_observer::MetricsObserver;
pub use observer::Observer;
#[cfg(feature = "redis")]
pub(crate) use observer::Observers;
pub use snapshot::{
    BillingSnapshot, CacheSnapshot, GateSnapshot, RequestSnapshot, Snapshot, UsageStats, WebhookSnapshot,
};
