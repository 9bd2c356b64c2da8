//! Where the client reports what it did: it counts, logs, and hands the event to the app's observers.

use std::{sync::Arc, time::Instant};

use tracing::debug;

#[cfg(feature = "usage-recorder")]
use crate::observe::{UsageCounted, UsageOutcome};
#[cfg(feature = "webhook")]
use crate::observe::{WebhookOutcome, WebhookReceived};
use crate::{
    clock::Clock,
    error::Error,
    observe::{
        Answer, BillingAsked, BillingRead, Evicted, FailureKind, GateDecided, GateOutcome, Invalidated,
        InvalidationCause, Observer, Retry, RetryOutcome, Snapshot, counters::Counters, observer::Observers,
        outage::Outage, unknown_slugs::UnknownSlugs,
    },
};

/// Shared by a client and its clones.
pub(crate) struct Observation {
    counters: Counters,
    outage: Outage,
    unknown_slugs: UnknownSlugs,
    clock: Arc<dyn Clock>,
    observers: Observers,
}

impl Observation {
    pub(crate) fn new(clock: Arc<dyn Clock>, observers: Vec<Arc<dyn Observer>>) -> Self {
        Self {
            counters: Counters::default(),
            outage: Outage::default(),
            unknown_slugs: UnknownSlugs::default(),
            clock,
            observers: observers.into(),
        }
    }

    /// The counters. Sizes and what is in flight are zero.
    pub(crate) fn snapshot(&self) -> Snapshot {
        self.counters.read()
    }

    pub(crate) fn billing_asked(&self, answer: Answer) {
        let event = BillingAsked { answer };
        self.counters.billing_asked(event);
        debug!(answer = answer.as_str(), "billing asked");
        self.observers.each(|observer| observer.billing_asked(&event));
    }

    /// A read of billing ended that began at an instant of the system's clock.
    pub(crate) fn billing_read(&self, began: Instant, background: bool, result: Result<(), &Error>) {
        let failure = result.err().map(FailureKind::from);
        let event = BillingRead { failure, duration: began.elapsed(), background };
        self.counters.billing_read(&event);
        debug!(failure = failure.map(FailureKind::as_str), duration = ?event.duration, background, "billing read");
        self.outage.read_ended(failure, self.clock.now());
        self.observers.each(|observer| observer.billing_read(&event));
    }

    pub(crate) fn invalidated(&self, cause: InvalidationCause, everyone: bool) {
        let event = Invalidated { cause, everyone };
        self.counters.invalidated(event);
        debug!(cause = cause.as_str(), everyone, "billing outdated");
        self.observers.each(|observer| observer.invalidated(&event));
    }

    /// Nothing happens for zero entries.
    pub(crate) fn evicted(&self, entries: u64) {
        if entries == 0 {
            return;
        }
        let event = Evicted { entries };
        self.counters.evicted(event);
        debug!(entries, "billing fell out of memory");
        self.observers.each(|observer| observer.evicted(&event));
    }

    pub(crate) fn retry(&self, operation: &'static str, error: &Error, outcome: RetryOutcome) {
        let event = Retry { operation, failure: error.into(), outcome };
        self.counters.retry(&event);
        debug!(operation, failure = event.failure.as_str(), outcome = outcome.as_str(), "retry: {error}");
        self.observers.each(|observer| observer.retry(&event));
    }

    pub(crate) fn gate_decided(&self, requirement: &'static str, slug: &str, outcome: GateOutcome, answer: Answer) {
        let event = GateDecided { requirement, slug, outcome, answer };
        self.counters.gate_decided(&event);
        debug!(requirement, slug, outcome = outcome.as_str(), answer = answer.as_str(), "gate decided");
        self.observers.each(|observer| observer.gate_decided(&event));
    }

    /// Nothing happens for zero events.
    #[cfg(feature = "usage-recorder")]
    pub(crate) fn usage_counted(&self, outcome: UsageOutcome, events: u64) {
        if events == 0 {
            return;
        }
        let event = UsageCounted { outcome, events };
        debug!(outcome = outcome.as_str(), events, "usage counted");
        self.observers.each(|observer| observer.usage_counted(&event));
    }

    #[cfg(feature = "webhook")]
    pub(crate) fn webhook_received(&self, outcome: WebhookOutcome) {
        let event = WebhookReceived { outcome };
        self.counters.webhook_received(event);
        debug!(outcome = outcome.as_str(), "webhook delivery received");
        self.observers.each(|observer| observer.webhook_received(&event));
    }

    /// A gate requires something by a slug that the customer's pricing model does not know.
    pub(crate) fn unknown_slug(&self, kind: &'static str, slug: &str) {
        self.unknown_slugs.report(kind, slug);
    }
}
