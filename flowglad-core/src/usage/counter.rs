//! A counter that a handler moves.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// What a handler has used so far, for a route whose cost is [counted](crate::usage::Meter::counted), for example tokens.
/// The adapters have an extractor for it. Clones count together, so a response body may move one while it is sent.
///
/// ```
/// use flowglad_core::usage::UsageCounter;
///
/// let tokens = UsageCounter::default();
/// tokens.clone().add(120);
/// tokens.add(3);
/// assert_eq!(tokens.total(), 123);
/// ```
#[derive(Clone, Debug, Default)]
pub struct UsageCounter(Arc<AtomicU64>);

impl UsageCounter {
    /// Adds to what was used, in units of the meter.
    pub fn add(&self, used: u64) {
        // It ends at the most rather than at the beginning again.
        let added = |total: u64| Some(total.saturating_add(used));
        self.0.fetch_update(Relaxed, Relaxed, added).ok();
    }

    /// What was used so far.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.load(Relaxed)
    }
}
