//! The counters of a client and its clones, since it was made.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::observe::{
    Answer, BillingAsked, BillingRead, BillingSnapshot, CacheSnapshot, Evicted, GateDecided, GateOutcome, GateSnapshot,
    Invalidated, RequestSnapshot, Retry, RetryOutcome, Snapshot, UsageStats, WebhookSnapshot,
};
#[cfg(feature = "webhook")]
use crate::observe::{WebhookOutcome, WebhookReceived};

#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Relaxed);
    }

    fn read(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    live: Counter,
    cache: Counter,
    stale: Counter,
    unanswered: Counter,
    reads: Counter,
    failed_reads: Counter,
    background_reads: Counter,
    evictions: Counter,
    invalidations: Counter,
    retries: Counter,
    retries_over_budget: Counter,
    allowed: Counter,
    refused: Counter,
    open_without_billing: Counter,
    unavailable: Counter,
    webhooks: WebhookCounters,
}

#[derive(Debug, Default)]
struct WebhookCounters {
    handled: Counter,
    repeated: Counter,
    in_flight: Counter,
    refused: Counter,
    failed: Counter,
}

impl Counters {
    pub(super) fn billing_asked(&self, event: BillingAsked) {
        let counter = match event.answer {
            Answer::Live => &self.live,
            Answer::Cache => &self.cache,
            Answer::Stale => &self.stale,
            Answer::Failed => &self.unanswered,
        };
        counter.add(1);
    }

    pub(super) fn billing_read(&self, event: &BillingRead) {
        self.reads.add(1);
        self.failed_reads.add(event.failure.is_some().into());
        self.background_reads.add(event.background.into());
    }

    pub(super) fn invalidated(&self, _: Invalidated) {
        self.invalidations.add(1);
    }

    pub(super) fn evicted(&self, event: Evicted) {
        self.evictions.add(event.entries);
    }

    pub(super) fn retry(&self, event: &Retry) {
        let counter = match event.outcome {
            RetryOutcome::Planned => &self.retries,
            RetryOutcome::OverBudget => &self.retries_over_budget,
        };
        counter.add(1);
    }

    pub(super) fn gate_decided(&self, event: &GateDecided<'_>) {
        let counter = match event.outcome {
            GateOutcome::Allowed => &self.allowed,
            GateOutcome::Refused => &self.refused,
            GateOutcome::OpenWithoutBilling => &self.open_without_billing,
            GateOutcome::Unavailable => &self.unavailable,
        };
        counter.add(1);
    }

    #[cfg(feature = "webhook")]
    pub(super) fn webhook_received(&self, event: WebhookReceived) {
        let counter = match event.outcome {
            WebhookOutcome::Handled => &self.webhooks.handled,
            WebhookOutcome::Repeated => &self.webhooks.repeated,
            WebhookOutcome::InFlight => &self.webhooks.in_flight,
            WebhookOutcome::Refused => &self.webhooks.refused,
            WebhookOutcome::Failed => &self.webhooks.failed,
        };
        counter.add(1);
    }

    fn webhooks(&self) -> WebhookSnapshot {
        WebhookSnapshot {
            handled: self.webhooks.handled.read(),
            repeated: self.webhooks.repeated.read(),
            in_flight: self.webhooks.in_flight.read(),
            refused: self.webhooks.refused.read(),
            failed: self.webhooks.failed.read(),
        }
    }

    /// Everything that is counted here. What is measured elsewhere stays zero.
    pub(super) fn read(&self) -> Snapshot {
        Snapshot {
            usage: UsageStats::default(),
            billing: BillingSnapshot {
                live: self.live.read(),
                cache: self.cache.read(),
                stale: self.stale.read(),
                failed: self.unanswered.read(),
                reads: self.reads.read(),
                failed_reads: self.failed_reads.read(),
                background_reads: self.background_reads.read(),
            },
            cache: CacheSnapshot {
                evictions: self.evictions.read(),
                invalidations: self.invalidations.read(),
                ..CacheSnapshot::default()
            },
            requests: RequestSnapshot {
                retries: self.retries.read(),
                retries_over_budget: self.retries_over_budget.read(),
                ..RequestSnapshot::default()
            },
            gates: GateSnapshot {
                allowed: self.allowed.read(),
                refused: self.refused.read(),
                open_without_billing: self.open_without_billing.read(),
                unavailable: self.unavailable.read(),
            },
            webhooks: self.webhooks(),
        }
    }
}
