//! Every event: what it counts, and what becomes of it in the `metrics` crate.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
};

use super::{observation::Observation, *};
use crate::{clock::SystemClock, error::Error};

/// What was recorded, by name and labels. A histogram is the number of its values.
#[derive(Clone, Default)]
struct Recorded(Arc<Mutex<BTreeMap<String, f64>>>);

impl Recorded {
    fn values(&self) -> MutexGuard<'_, BTreeMap<String, f64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lines(&self) -> String {
        let lines: Vec<_> = self.values().iter().map(|(name, value)| format!("{name} {value}")).collect();
        lines.join("\n")
    }
}

struct Metric(Recorded, String);

impl Metric {
    fn of(recorded: &Recorded, key: &Key) -> Arc<Self> {
        let labels: Vec<_> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Arc::new(Self(recorded.clone(), format!("{}{{{}}}", key.name(), labels.join(","))))
    }

    fn update(&self, update: impl FnOnce(&mut f64)) {
        update(self.0.values().entry(self.1.clone()).or_default());
    }
}

impl CounterFn for Metric {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn increment(&self, by: u64) {
        self.update(|value| *value += by as f64);
    }

    fn absolute(&self, _: u64) {
        unreachable!("counters are only incremented");
    }
}

impl GaugeFn for Metric {
    fn increment(&self, by: f64) {
        self.update(|value| *value += by);
    }

    fn decrement(&self, by: f64) {
        self.update(|value| *value -= by);
    }

    fn set(&self, to: f64) {
        self.update(|value| *value = to);
    }
}

impl HistogramFn for Metric {
    fn record(&self, _: f64) {
        self.update(|values| *values += 1.0);
    }
}

impl Recorder for Recorded {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Metric::of(self, key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(Metric::of(self, key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Metric::of(self, key))
    }
}

/// Reports one event of each kind, some of them twice.
fn report_each(to: &Observation) {
    let busy = Error::Busy { operation: "customers.billing" };
    to.billing_asked(Answer::Live);
    to.billing_asked(Answer::Cache);
    to.billing_asked(Answer::Cache);
    to.billing_asked(Answer::Stale);
    to.billing_asked(Answer::Failed);
    to.billing_read(Instant::now(), false, Ok(()));
    to.billing_read(Instant::now(), true, Err(&busy));
    to.invalidated(InvalidationCause::Write, false);
    to.invalidated(InvalidationCause::Call, true);
    to.evicted(3);
    to.evicted(0);
    to.retry("customers.billing", &busy, RetryOutcome::Planned);
    to.retry("customers.billing", &busy, RetryOutcome::OverBudget);
    to.gate_decided("feature", "export_csv", GateOutcome::Allowed, Answer::Cache);
    to.gate_decided("balance", "api_calls", GateOutcome::Refused, Answer::Live);
    to.gate_decided("paid_plan", "", GateOutcome::OpenWithoutBilling, Answer::Failed);
    to.gate_decided("paid_plan", "", GateOutcome::Unavailable, Answer::Failed);
    to.usage_counted(UsageOutcome::Recorded, 2);
    to.usage_counted(UsageOutcome::DeadLetter, 1);
    to.usage_counted(UsageOutcome::Lost, 0);
    for outcome in [WebhookOutcome::Handled, WebhookOutcome::Handled, WebhookOutcome::Refused, WebhookOutcome::Failed] {
        to.webhook_received(outcome);
    }
}

fn observation(observers: Vec<Arc<dyn Observer>>) -> Observation {
    Observation::new(Arc::new(SystemClock), observers)
}

#[test]
fn a_snapshot_counts_every_event() {
    let observation = observation(Vec::new());
    report_each(&observation);
    insta::assert_json_snapshot!(observation.snapshot(), @r#"
    {
      "billing": {
        "live": 1,
        "cache": 2,
        "stale": 1,
        "failed": 1,
        "reads": 2,
        "failedReads": 1,
        "backgroundReads": 1
      },
      "cache": {
        "entries": 0,
        "bytes": 0,
        "maxBytes": 0,
        "evictions": 3,
        "invalidations": 2
      },
      "requests": {
        "inFlight": 0,
        "maxInFlight": 0,
        "retries": 1,
        "retriesOverBudget": 1
      },
      "gates": {
        "allowed": 1,
        "refused": 1,
        "openWithoutBilling": 1,
        "unavailable": 1
      },
      "usage": {
        "pending": 0,
        "pendingBytes": 0,
        "oldestPendingMs": 0,
        "recorded": 0,
        "repeated": 0,
        "refused": 0,
        "lost": 0,
        "sent": 0,
        "late": 0,
        "deadLetters": 0,
        "openHolds": 0,
        "expiredHolds": 0,
        "isFailing": false,
        "isLate": false
      },
      "webhooks": {
        "handled": 2,
        "repeated": 0,
        "inFlight": 0,
        "refused": 1,
        "failed": 1
      }
    }
    "#);
}

#[test]
fn the_metrics_crate_gets_every_event_without_a_customer() {
    let recorded = Recorded::default();
    metrics::with_local_recorder(&recorded, || {
        let observer = MetricsObserver::new();
        let observation = observation(vec![Arc::new(observer)]);
        report_each(&observation);
        let cache = CacheSnapshot { entries: 2, bytes: 40_000, max_bytes: 64_000, ..CacheSnapshot::default() };
        let usage = UsageStats { pending: 5, oldest_pending_ms: 700, ..UsageStats::default() };
        observer.record(&Snapshot { cache, usage, ..observation.snapshot() });
    });
    insta::assert_snapshot!(recorded.lines(), @r"
    flowglad_billing_asked_total{answer=cache} 2
    flowglad_billing_asked_total{answer=failed} 1
    flowglad_billing_asked_total{answer=live} 1
    flowglad_billing_asked_total{answer=stale} 1
    flowglad_billing_read_seconds{background=false} 1
    flowglad_billing_read_seconds{background=true} 1
    flowglad_billing_reads_total{outcome=busy,background=true} 1
    flowglad_billing_reads_total{outcome=ok,background=false} 1
    flowglad_cache_bytes{} 40000
    flowglad_cache_entries{} 2
    flowglad_cache_evictions_total{} 3
    flowglad_cache_invalidations_total{cause=call,everyone=true} 1
    flowglad_cache_invalidations_total{cause=write,everyone=false} 1
    flowglad_cache_max_bytes{} 64000
    flowglad_gate_decisions_total{requirement=balance,slug=api_calls,outcome=refused,answer=live} 1
    flowglad_gate_decisions_total{requirement=feature,slug=export_csv,outcome=allowed,answer=cache} 1
    flowglad_gate_decisions_total{requirement=paid_plan,slug=,outcome=open_without_billing,answer=failed} 1
    flowglad_gate_decisions_total{requirement=paid_plan,slug=,outcome=unavailable,answer=failed} 1
    flowglad_requests_in_flight{} 0
    flowglad_retries_total{operation=customers.billing,failure=busy,outcome=over_budget} 1
    flowglad_retries_total{operation=customers.billing,failure=busy,outcome=planned} 1
    flowglad_usage_dead_letters{} 0
    flowglad_usage_events_total{outcome=dead_letter} 1
    flowglad_usage_events_total{outcome=recorded} 2
    flowglad_usage_oldest_pending_milliseconds{} 700
    flowglad_usage_pending_bytes{} 0
    flowglad_usage_pending{} 5
    flowglad_webhook_deliveries_total{outcome=failed} 1
    flowglad_webhook_deliveries_total{outcome=handled} 2
    flowglad_webhook_deliveries_total{outcome=refused} 1
    ");
}

#[test]
fn an_observer_that_panics_harms_only_itself() {
    struct Panics;
    impl Observer for Panics {
        fn billing_asked(&self, _: &BillingAsked) {
            panic!("a mistake of the app");
        }
    }
    #[derive(Default)]
    struct Counts(Mutex<Vec<Answer>>);
    impl Observer for Counts {
        fn billing_asked(&self, event: &BillingAsked) {
            self.0.lock().unwrap().push(event.answer);
        }
    }
    let counts = Arc::new(Counts::default());
    let observation = observation(vec![Arc::new(Panics), Arc::new(Arc::clone(&counts))]);
    observation.billing_asked(Answer::Live);
    observation.billing_asked(Answer::Stale);
    assert_eq!(*counts.0.lock().unwrap(), [Answer::Live, Answer::Stale]);
    assert_eq!(observation.snapshot().billing.live, 1);
}
