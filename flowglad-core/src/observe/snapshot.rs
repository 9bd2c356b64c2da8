//! The counters and sizes of a client at one moment.

use serde::Serialize;

/// The counters and sizes of a client and its clones at one moment, made by
/// [`Flowglad::snapshot`](crate::Flowglad::snapshot). Counters begin at zero when the client is made and only grow.
///
/// As JSON the names are in camelCase, for a health page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Snapshot {
    /// Questions for customers' billing, and reads of it from Flowglad.
    pub billing: BillingSnapshot,
    /// The billing in memory.
    pub cache: CacheSnapshot,
    /// Requests to Flowglad.
    pub requests: RequestSnapshot,
    /// Decisions of gates.
    pub gates: GateSnapshot,
    /// Recorded usage. All zero without an outbox.
    pub usage: UsageStats,
    /// Webhook deliveries. All zero without a receiver.
    pub webhooks: WebhookSnapshot,
}

/// Questions for customers' billing, and reads of it from Flowglad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BillingSnapshot {
    /// Questions that were answered by a read.
    pub live: u64,
    /// Questions that were answered from memory.
    pub cache: u64,
    /// Questions that were answered from memory although it was old, because Flowglad could not be read.
    pub stale: u64,
    /// Questions without an answer.
    pub failed: u64,
    /// Reads from Flowglad that ended.
    pub reads: u64,
    /// Those of them that failed.
    pub failed_reads: u64,
    /// Those of them that renewed what was in memory.
    pub background_reads: u64,
}

/// The billing in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CacheSnapshot {
    /// Customers whose billing is in memory.
    pub entries: u64,
    /// The memory that it uses.
    pub bytes: u64,
    /// The limit of it; zero without a cache.
    pub max_bytes: u64,
    /// Entries that fell out because others needed their place.
    pub evictions: u64,
    /// Changes that outdated a customer's billing, or that of all.
    pub invalidations: u64,
}

/// Requests to Flowglad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RequestSnapshot {
    /// Requests that wait for their response now.
    pub in_flight: u64,
    /// The limit of it, see [`max_in_flight`](crate::FlowgladBuilder::max_in_flight).
    pub max_in_flight: u64,
    /// Retries.
    pub retries: u64,
    /// Retries that were not sent, because the budget of retries was used up.
    pub retries_over_budget: u64,
}

/// Decisions of gates about requests of signed-in users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GateSnapshot {
    /// The customer was entitled.
    pub allowed: u64,
    /// The customer was not entitled.
    pub refused: u64,
    /// Nothing was known, and the gate let the request pass.
    pub open_without_billing: u64,
    /// Nothing was known, and the gate refused the request.
    pub unavailable: u64,
}

/// Webhook deliveries that were received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WebhookSnapshot {
    /// The app's handler has handled the event.
    pub handled: u64,
    /// The event was handled before.
    pub repeated: u64,
    /// The event was still being handled, for another delivery with the same id.
    pub in_flight: u64,
    /// The signature, the time or the body was wrong.
    pub refused: u64,
    /// The app's handler, or the log of deliveries, failed.
    pub failed: u64,
}

/// Recorded usage at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageStats {
    /// Events that wait to be delivered now, also those of an earlier run of the app.
    pub pending: u64,
    /// The bytes of these events.
    pub pending_bytes: u64,
    /// How long the oldest of them has waited, in milliseconds. Zero if none waits.
    pub oldest_pending_ms: u64,
    /// Events that were recorded.
    pub recorded: u64,
    /// Events that were not recorded, because their transaction id was recorded before.
    pub repeated: u64,
    /// Events that were refused, because the outbox was full or its store failed.
    pub refused: u64,
    /// Events that should have been recorded when their caller had gone already, and could not be.
    pub lost: u64,
    /// Events that Flowglad has taken.
    pub sent: u64,
    /// Those of them that were sent after the end of their billing period. Flowglad books them into the current one.
    pub late: u64,
    /// Events now that Flowglad has refused for good, also those of an earlier run of the app.
    pub dead_letters: u64,
    /// Holds that are open now.
    pub open_holds: u64,
    /// Holds that ended by their time limit.
    pub expired_holds: u64,
    /// Whether the last request with usage failed in a way that may pass.
    pub is_failing: bool,
    /// Whether the oldest event has waited for longer than `Outbox::late_after`.
    pub is_late: bool,
}
