//! Feeds the `metrics` crate.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};

use crate::observe::{
    BillingAsked, BillingRead, Evicted, FleetChanged, GateDecided, Invalidated, Observer, Retry, Snapshot,
    UsageCounted, WebhookReceived,
};

const BILLING_ASKED: &str = "flowglad_billing_asked_total";
const BILLING_READS: &str = "flowglad_billing_reads_total";
const BILLING_READ_SECONDS: &str = "flowglad_billing_read_seconds";
const INVALIDATIONS: &str = "flowglad_cache_invalidations_total";
const EVICTIONS: &str = "flowglad_cache_evictions_total";
const RETRIES: &str = "flowglad_retries_total";
const GATE_DECISIONS: &str = "flowglad_gate_decisions_total";
const CACHE_ENTRIES: &str = "flowglad_cache_entries";
const CACHE_BYTES: &str = "flowglad_cache_bytes";
const CACHE_MAX_BYTES: &str = "flowglad_cache_max_bytes";
const USAGE_EVENTS: &str = "flowglad_usage_events_total";
const USAGE_PENDING: &str = "flowglad_usage_pending";
const USAGE_PENDING_BYTES: &str = "flowglad_usage_pending_bytes";
const USAGE_OLDEST: &str = "flowglad_usage_oldest_pending_milliseconds";
const USAGE_DEAD_LETTERS: &str = "flowglad_usage_dead_letters";
const WEBHOOKS: &str = "flowglad_webhook_deliveries_total";
const FLEET_AWAY: &str = "flowglad_fleet_away";
const FLEET_CHANGES: &str = "flowglad_fleet_changes_total";
const IN_FLIGHT: &str = "flowglad_requests_in_flight";

/// Counts into the recorder of the [`metrics`](https://docs.rs/metrics/0.24) crate, version 0.24: the app must install
/// one of the same version, before it makes this observer.
///
/// | metric | labels |
/// | --- | --- |
/// | `flowglad_billing_asked_total` | `answer`: `live`, `cache`, `stale`, `failed` |
/// | `flowglad_billing_reads_total` | `outcome`: `ok` or the failure; `background` |
/// | `flowglad_billing_read_seconds` (histogram) | `background` |
/// | `flowglad_cache_invalidations_total` | `cause`: `write`, `call`; `everyone` |
/// | `flowglad_cache_evictions_total` | |
/// | `flowglad_retries_total` | `operation`; `failure`; `outcome`: `planned`, `over_budget` |
/// | `flowglad_gate_decisions_total` | `requirement`; `slug`; `outcome`: `allowed`, `refused`, `open_without_billing`, `unavailable`; `answer` |
/// | `flowglad_usage_events_total` | `outcome`: `recorded`, `repeated`, `refused`, `lost`, `sent`, `sent_late`, `dead_letter` |
/// | `flowglad_webhook_deliveries_total` | `outcome`: `handled`, `repeated`, `in_flight`, `refused`, `failed` |
/// | `flowglad_fleet_changes_total` | `state`: `away`, `back` |
/// | `flowglad_fleet_away` (gauge, written with the event) | |
/// | `flowglad_usage_pending`, `flowglad_usage_pending_bytes`, `flowglad_usage_oldest_pending_milliseconds`, `flowglad_usage_dead_letters` (gauges) | |
/// | `flowglad_cache_entries`, `flowglad_cache_bytes`, `flowglad_cache_max_bytes`, `flowglad_requests_in_flight` (gauges) | |
///
/// The other gauges are written by [`record`](Self::record).
///
/// ```
/// use flowglad_core::{Flowglad, observe::MetricsObserver};
///
/// # fn main() -> Result<(), flowglad_core::Error> {
/// let flowglad = Flowglad::builder().api_key("sk_test_example").observer(MetricsObserver::new()).build()?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct MetricsObserver(());

impl MetricsObserver {
    /// Describes the metrics to the recorder that is installed.
    #[must_use]
    pub fn new() -> Self {
        describe_counter!(BILLING_ASKED, "Questions for customers' billing");
        describe_counter!(BILLING_READS, "Reads of billing from Flowglad");
        describe_histogram!(BILLING_READ_SECONDS, Unit::Seconds, "Duration of reads of billing, with retries");
        describe_counter!(INVALIDATIONS, "Changes that outdated known billing");
        describe_counter!(EVICTIONS, "Customers whose billing fell out of memory");
        describe_counter!(RETRIES, "Retries of requests to Flowglad");
        describe_counter!(GATE_DECISIONS, "Decisions of gates");
        describe_counter!(USAGE_EVENTS, "Usage events that were recorded, sent or refused");
        describe_counter!(WEBHOOKS, "Webhook deliveries that were received");
        describe_counter!(FLEET_CHANGES, "How often the server of the fleet went away and came back");
        describe_gauge!(FLEET_AWAY, "1 while the server of the fleet is away");
        describe_gauge!(USAGE_PENDING, "Usage events that wait to be delivered");
        describe_gauge!(USAGE_PENDING_BYTES, Unit::Bytes, "Size of the usage events that wait");
        describe_gauge!(USAGE_OLDEST, Unit::Milliseconds, "Age of the oldest usage event that waits");
        describe_gauge!(USAGE_DEAD_LETTERS, "Usage events that Flowglad has refused for good");
        describe_gauge!(CACHE_ENTRIES, "Customers whose billing is in memory");
        describe_gauge!(CACHE_BYTES, Unit::Bytes, "Memory of the billing in memory");
        describe_gauge!(CACHE_MAX_BYTES, Unit::Bytes, "Limit of the billing in memory");
        describe_gauge!(IN_FLIGHT, "Requests that wait for Flowglad");
        Self(())
    }

    /// Writes the sizes of a snapshot into the gauges. Call it when metrics are collected, or now and then.
    ///
    /// ```
    /// # use flowglad_core::{Flowglad, observe::MetricsObserver};
    /// # fn run(flowglad: &Flowglad) {
    /// MetricsObserver::new().record(&flowglad.snapshot());
    /// # }
    /// ```
    pub fn record(&self, snapshot: &Snapshot) {
        let gauges = [
            (CACHE_ENTRIES, snapshot.cache.entries),
            (CACHE_BYTES, snapshot.cache.bytes),
            (CACHE_MAX_BYTES, snapshot.cache.max_bytes),
            (IN_FLIGHT, snapshot.requests.in_flight),
            (USAGE_PENDING, snapshot.usage.pending),
            (USAGE_PENDING_BYTES, snapshot.usage.pending_bytes),
            (USAGE_OLDEST, snapshot.usage.oldest_pending_ms),
            (USAGE_DEAD_LETTERS, snapshot.usage.dead_letters),
        ];
        for (name, value) in gauges {
            #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
            gauge!(name).set(value as f64);
        }
    }
}

impl Default for MetricsObserver {
    fn default() -> Self {
        Self::new()
    }
}

impl Observer for MetricsObserver {
    fn billing_asked(&self, event: &BillingAsked) {
        counter!(BILLING_ASKED, "answer" => event.answer.as_str()).increment(1);
    }

    fn billing_read(&self, event: &BillingRead) {
        let outcome = event.failure.map_or("ok", crate::observe::FailureKind::as_str);
        let background = yes_or_no(event.background);
        counter!(BILLING_READS, "outcome" => outcome, "background" => background).increment(1);
        histogram!(BILLING_READ_SECONDS, "background" => background).record(event.duration);
    }

    fn invalidated(&self, event: &Invalidated) {
        let everyone = yes_or_no(event.everyone);
        counter!(INVALIDATIONS, "cause" => event.cause.as_str(), "everyone" => everyone).increment(1);
    }

    fn evicted(&self, event: &Evicted) {
        counter!(EVICTIONS).increment(event.entries);
    }

    fn retry(&self, event: &Retry) {
        let (failure, outcome) = (event.failure.as_str(), event.outcome.as_str());
        counter!(RETRIES, "operation" => event.operation, "failure" => failure, "outcome" => outcome).increment(1);
    }

    fn usage_counted(&self, event: &UsageCounted) {
        counter!(USAGE_EVENTS, "outcome" => event.outcome.as_str()).increment(event.events);
    }

    fn webhook_received(&self, event: &WebhookReceived) {
        counter!(WEBHOOKS, "outcome" => event.outcome.as_str()).increment(1);
    }

    fn fleet_changed(&self, event: &FleetChanged) {
        let (state, away) = if event.is_away { ("away", 1) } else { ("back", 0) };
        counter!(FLEET_CHANGES, "state" => state).increment(1);
        gauge!(FLEET_AWAY).set(away);
    }

    fn gate_decided(&self, event: &GateDecided<'_>) {
        counter!(
            GATE_DECISIONS,
            "requirement" => event.requirement,
            "slug" => event.slug.to_owned(),
            "outcome" => event.outcome.as_str(),
            "answer" => event.answer.as_str()
        )
        .increment(1);
    }
}

fn yes_or_no(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}
