//! The retries that a client and its clones may send together, so that they do not multiply the load of an API that is
//! already failing.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What one retry costs. A success pays back one unit, so that lasting failures add at most a tenth to the load.
const RETRY: u32 = 10;

/// Enough for a short disturbance: a hundred retries.
const FULL: u32 = 100 * RETRY;

pub(crate) struct RetryBudget(AtomicU32);

impl RetryBudget {
    pub(crate) fn new() -> Self {
        Self(AtomicU32::new(FULL))
    }

    /// Pays for a retry. `false` if the budget is used up.
    pub(crate) fn pay(&self) -> bool {
        self.0.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(RETRY)).is_ok()
    }

    pub(crate) fn pay_back(&self) {
        // A full budget is only read, since all requests share it.
        if self.0.load(Relaxed) < FULL {
            self.0.fetch_add(1, Relaxed);
        }
    }
}
