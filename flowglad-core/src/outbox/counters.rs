//! What became of usage, counted, and said once when it changes.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::sync::Notify;
use tracing::{error, info, warn};

use crate::{
    cache::StoreError,
    clock::Clock,
    error::{printable, shared},
    model::Timestamp,
    observe::{UsageOutcome, UsageStats, observation::Observation},
    outbox::{record_error::RecordError, store::Appended},
};

pub(crate) struct Counters {
    clock: Arc<dyn Clock>,
    observation: Arc<Observation>,
    /// Something was recorded.
    pub(crate) has_recorded: Notify,
    recorded: AtomicU64,
    repeated: AtomicU64,
    refused: AtomicU64,
    lost: AtomicU64,
    sent: AtomicU64,
    late: AtomicU64,
    dead: AtomicU64,
    is_failing: AtomicBool,
    is_late: AtomicBool,
    store_fails: AtomicBool,
    /// When the oldest of what waits was recorded.
    oldest: Mutex<Option<Timestamp>>,
}

impl Counters {
    pub(super) fn new(clock: Arc<dyn Clock>, observation: Arc<Observation>) -> Self {
        Self {
            clock,
            observation,
            has_recorded: Notify::new(),
            recorded: AtomicU64::default(),
            repeated: AtomicU64::default(),
            refused: AtomicU64::default(),
            lost: AtomicU64::default(),
            sent: AtomicU64::default(),
            late: AtomicU64::default(),
            dead: AtomicU64::default(),
            is_failing: AtomicBool::default(),
            is_late: AtomicBool::default(),
            store_fails: AtomicBool::default(),
            oldest: Mutex::default(),
        }
    }

    /// Returns what was counted before.
    fn count(&self, counter: &AtomicU64, outcome: UsageOutcome, events: u64) -> u64 {
        self.observation.usage_counted(outcome, events);
        counter.fetch_add(events, Relaxed)
    }

    /// What the store had when it was opened.
    pub(super) fn found(&self, oldest: Option<Timestamp>, dead: u64) {
        *self.oldest() = oldest;
        self.dead.store(dead, Relaxed);
    }

    /// The store has answered for usage. If its caller has gone, only these counters hear of a failure.
    pub(super) fn record_ended(&self, result: &Result<Appended, RecordError>, is_attended: bool) {
        match result {
            Ok(Appended::New(_)) => {
                self.count(&self.recorded, UsageOutcome::Recorded, 1);
                self.oldest().get_or_insert_with(|| self.clock.date());
                self.has_recorded.notify_one();
            }
            Ok(Appended::Before) => {
                self.count(&self.repeated, UsageOutcome::Repeated, 1);
            }
            Err(error) => {
                self.refused();
                self.say_that_the_store_fails(error);
                if !is_attended {
                    self.lost(error);
                }
                return;
            }
        }
        if self.store_fails.swap(false, Relaxed) {
            info!(event = "usage_store_works", "usage is recorded again");
        }
    }

    /// Usage was refused before the store was asked.
    pub(super) fn refused(&self) {
        self.count(&self.refused, UsageOutcome::Refused, 1);
    }

    /// Usage that has happened is not recorded.
    pub(crate) fn lost(&self, error: &RecordError) {
        self.count(&self.lost, UsageOutcome::Lost, 1);
        error!(event = "usage_lost", "usage that has happened is not recorded: {error}");
    }

    pub(super) fn store_failed(&self, error: StoreError) -> RecordError {
        let error = RecordError::Store { cause: shared(error) };
        self.say_that_the_store_fails(&error);
        error
    }

    /// One line when the store begins to fail, not one for each request.
    fn say_that_the_store_fails(&self, error: &RecordError) {
        if matches!(error, RecordError::Store { .. }) && !self.store_fails.swap(true, Relaxed) {
            error!(event = "usage_store_failed", "{error}; it is refused until the store works again");
        }
    }

    /// Records have left the store.
    pub(super) fn ended(&self, delivered: u64, dead: u64) {
        self.count(&self.sent, UsageOutcome::Sent, delivered);
        self.count(&self.dead, UsageOutcome::DeadLetter, dead);
    }

    pub(super) fn discarded(&self, dead: u64) {
        self.dead.fetch_sub(dead, Relaxed);
    }

    /// Usage was sent after its billing period.
    pub(crate) fn sent_late(&self, events: u64) {
        if events > 0 && self.count(&self.late, UsageOutcome::SentLate, events) == 0 {
            warn!(
                event = "usage_late",
                "usage was sent after its billing period: Flowglad books it into the current one"
            );
        }
    }

    /// Whether Flowglad takes usage now. One line when that changes.
    pub(crate) fn delivery_ended(&self, result: Result<(), &str>) {
        match result {
            Ok(()) if self.is_failing.swap(false, Relaxed) => {
                info!(event = "usage_delivery_works", "usage is delivered again");
            }
            Err(reason) if !self.is_failing.swap(true, Relaxed) => {
                let reason = printable(reason);
                warn!(event = "usage_delivery_failed", "usage cannot be delivered, and waits: {reason}");
            }
            _ => {}
        }
    }

    /// What waits for the longest time. One line when it has waited for too long.
    pub(super) fn oldest_is(&self, oldest: Option<Timestamp>, late_after: Duration) {
        *self.oldest() = oldest;
        let is_late = self.oldest_age().is_some_and(|age| age > late_after);
        if !self.is_late.swap(is_late, Relaxed) && is_late {
            warn!(event = "usage_waits", "usage has waited for long to be delivered");
        }
    }

    fn oldest_age(&self) -> Option<Duration> {
        let recorded_at = (*self.oldest())?;
        let age = self.clock.date().as_millis().saturating_sub(recorded_at.as_millis());
        Some(Duration::from_millis(u64::try_from(age).unwrap_or(0)))
    }

    fn oldest(&self) -> MutexGuard<'_, Option<Timestamp>> {
        self.oldest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The counters. Sizes are zero.
    pub(super) fn stats(&self, is_pending: bool) -> UsageStats {
        let oldest = self.oldest_age().filter(|_| is_pending);
        UsageStats {
            oldest_pending_ms: oldest.map_or(0, |age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
            recorded: self.recorded.load(Relaxed),
            repeated: self.repeated.load(Relaxed),
            refused: self.refused.load(Relaxed),
            lost: self.lost.load(Relaxed),
            sent: self.sent.load(Relaxed),
            late: self.late.load(Relaxed),
            dead_letters: self.dead.load(Relaxed),
            is_failing: self.is_failing.load(Relaxed),
            is_late: self.is_late.load(Relaxed),
            ..UsageStats::default()
        }
    }
}
