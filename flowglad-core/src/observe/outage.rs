//! One log line when reads of billing begin to fail and one when they work again, however many requests fail between.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tracing::{info, warn};

use crate::observe::FailureKind;

/// Reads that fail now and then would otherwise fill the log with beginnings and ends.
const BETWEEN_BEGINNINGS: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(super) struct Outage {
    /// Read before the lock is taken, since almost every read succeeds after another one that did.
    is_on: AtomicBool,
    begun: Mutex<Option<Instant>>,
}

impl Outage {
    pub(super) fn read_ended(&self, failure: Option<FailureKind>, now: Instant) {
        match failure {
            None if self.is_on.load(Relaxed) => self.end(),
            Some(failure) if failure.concerns_everyone() && !self.is_on.load(Relaxed) => self.begin(failure, now),
            _ => {}
        }
    }

    fn begin(&self, failure: FailureKind, now: Instant) {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if begun.is_some_and(|begun| now.saturating_duration_since(begun) < BETWEEN_BEGINNINGS) {
            return;
        }
        *begun = Some(now);
        if !self.is_on.swap(true, Relaxed) {
            warn!(event = "billing_reads_fail", failure = failure.as_str(), "reads of billing from Flowglad fail");
        }
    }

    fn end(&self) {
        if self.is_on.swap(false, Relaxed) {
            info!(event = "billing_reads_work", "reads of billing from Flowglad work again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginnings that are logged, seen by the instant that is kept of them.
    #[test]
    fn an_outage_begins_once_and_at_most_once_a_minute() {
        let (outage, start) = (Outage::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let begun = |outage: &Outage| *outage.begun.lock().unwrap();
        outage.read_ended(Some(FailureKind::Refused), at(0));
        assert_eq!(begun(&outage), None, "a refusal concerns one customer");
        outage.read_ended(Some(FailureKind::TimedOut), at(1));
        outage.read_ended(Some(FailureKind::ServerError), at(100));
        assert_eq!(begun(&outage), Some(at(1)), "it is still the same outage");
        outage.read_ended(None, at(101));
        assert!(!outage.is_on.load(Relaxed));
        outage.read_ended(Some(FailureKind::Unreachable), at(102));
        assert_eq!(begun(&outage), Some(at(102)), "the last beginning is more than a minute ago");
        outage.read_ended(None, at(103));
        outage.read_ended(Some(FailureKind::Unreachable), at(104));
        assert!(!outage.is_on.load(Relaxed), "a minute has not passed");
    }
}
