//! What an observer hears. No event names a customer.

use std::time::Duration;

use crate::observe::FailureKind;

/// Where the answer to a question for billing came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Answer {
    /// It was read from Flowglad for this question, or for another one at the same time.
    Live,
    /// It was in memory, and young enough.
    Cache,
    /// It was in memory and old, but Flowglad could not be read.
    Stale,
    /// There was none: Flowglad could not be read, and nothing was in memory that may be used.
    Failed,
}

impl Answer {
    /// The name in metrics and logs: `live`, `cache`, `stale` or `failed`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Cache => "cache",
            Self::Stale => "stale",
            Self::Failed => "failed",
        }
    }
}

/// The app, a gate or a browser asked for a customer's billing.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct BillingAsked {
    /// Where the answer came from.
    pub answer: Answer,
}

/// A read of a customer's billing from Flowglad ended. Many questions may have waited for one read, or none.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct BillingRead {
    /// Why it failed, after the client's own retries. `None` if it succeeded.
    pub failure: Option<FailureKind>,
    /// How long it took, including retries.
    pub duration: Duration,
    /// Whether it renewed what was in memory, while its askers already had their answer.
    pub background: bool,
}

/// What made known billing outdated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvalidationCause {
    /// A change that this client sent.
    Write,
    /// A call of [`Flowglad::invalidate`](crate::Flowglad::invalidate), for example because of a webhook.
    Call,
}

impl InvalidationCause {
    /// The name in metrics and logs: `write` or `call`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Call => "call",
        }
    }
}

/// Known billing was outdated: it will not be used again.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Invalidated {
    /// Why.
    pub cause: InvalidationCause,
    /// Whether it was the billing of all customers, as opposed to that of one.
    pub everyone: bool,
}

/// Billing fell out of memory, because other billing needed its place.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Evicted {
    /// The number of customers.
    pub entries: u64,
}

/// What became of a retry that would have been useful.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryOutcome {
    /// It is sent after its wait.
    Planned,
    /// It is not sent, because the client's budget of retries is used up.
    OverBudget,
}

impl RetryOutcome {
    /// The name in metrics and logs: `planned` or `over_budget`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::OverBudget => "over_budget",
        }
    }
}

/// A request failed, and a retry can help.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Retry {
    /// The API operation, for example `customers.billing`.
    pub operation: &'static str,
    /// Why the attempt before it failed.
    pub failure: FailureKind,
    /// Whether it is sent.
    pub outcome: RetryOutcome,
}

/// What a gate did with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GateOutcome {
    /// The customer is entitled.
    Allowed,
    /// The customer is not entitled.
    Refused,
    /// Nothing was known, and the gate lets such requests pass.
    OpenWithoutBilling,
    /// Nothing was known, and the gate refuses such requests.
    Unavailable,
}

impl GateOutcome {
    /// The name in metrics and logs, for example `open_without_billing`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::OpenWithoutBilling => "open_without_billing",
            Self::Unavailable => "unavailable",
        }
    }
}

/// A gate decided about a request of a signed-in user.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct GateDecided<'a> {
    /// The kind of what is required, for example `feature` or `balance`.
    pub requirement: &'static str,
    /// The slug of the feature, meter, plan or product that is required; empty if the kind has none. It is as the app
    /// wrote it, so that apps that compute slugs should mind how many they have.
    pub slug: &'a str,
    /// What the gate did.
    pub outcome: GateOutcome,
    /// Where the billing came from by which it decided.
    pub answer: Answer,
}

/// What became of usage events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UsageOutcome {
    /// They are durable.
    Recorded,
    /// Their transaction ids were recorded before, so that they were not.
    Repeated,
    /// They were not recorded, because the outbox was full or its store failed.
    Refused,
    /// They should have been recorded when their caller had gone already, and could not be.
    Lost,
    /// Flowglad has taken them.
    Sent,
    /// Flowglad has taken them after the end of their billing period.
    SentLate,
    /// Flowglad has refused them for good.
    DeadLetter,
}

impl UsageOutcome {
    /// The name in metrics and logs, for example `dead_letter`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Repeated => "repeated",
            Self::Refused => "refused",
            Self::Lost => "lost",
            Self::Sent => "sent",
            Self::SentLate => "sent_late",
            Self::DeadLetter => "dead_letter",
        }
    }
}

/// What became of a webhook delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WebhookOutcome {
    /// The app's handler has handled its event.
    Handled,
    /// Its event was handled before.
    Repeated,
    /// Its event was still being handled, for another delivery with its id.
    InFlight,
    /// Its signature, its time or its body was wrong.
    Refused,
    /// The app's handler, or the log of deliveries, failed.
    Failed,
}

impl WebhookOutcome {
    /// The name in metrics and logs, for example `in_flight`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Handled => "handled",
            Self::Repeated => "repeated",
            Self::InFlight => "in_flight",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// The server that the instances of the app share went away, or came back.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FleetChanged {
    /// Whether it is away.
    pub is_away: bool,
}

/// A webhook delivery was received.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct WebhookReceived {
    /// What became of it.
    pub outcome: WebhookOutcome,
}

/// Usage events were recorded, sent or refused. Those that are sent late count as sent too.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct UsageCounted {
    /// What became of them.
    pub outcome: UsageOutcome,
    /// How many there are.
    pub events: u64,
}
