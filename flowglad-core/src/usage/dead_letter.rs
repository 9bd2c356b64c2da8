//! Usage that Flowglad has refused for good.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    model::{MeterRef, SubscriptionId, Timestamp},
    outbox::{DeadRecord, Sequence, record::RecordedUsage},
};

/// Usage that Flowglad has refused for good, with the reason. It is kept until the app decides: see
/// [`UsageRecorder::dead_letters`](crate::usage::UsageRecorder::dead_letters).
#[derive(Clone, PartialEq)]
pub struct DeadLetter {
    pub(super) record: DeadRecord,
    usage: Option<RecordedUsage>,
    reason: DeadReason,
}

/// Why usage cannot be delivered. `Display` is a sentence for the operator.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum DeadReason {
    /// Flowglad refuses the event itself, for example because it names a meter that does not exist.
    #[non_exhaustive]
    Refused {
        /// What Flowglad said.
        message: Box<str>,
    },
    /// The subscription to charge has ended, or was removed, before the usage was delivered. Replayed, it is charged to the
    /// customer's current one.
    #[non_exhaustive]
    SubscriptionEnded {
        /// What Flowglad said.
        message: Box<str>,
    },
    /// Flowglad failed again and again for this event, while it took others.
    #[non_exhaustive]
    Failing {
        /// What Flowglad said at last.
        message: Box<str>,
    },
    /// The customer has no current subscription that could be charged.
    NoSubscription,
    /// Flowglad does not know the customer.
    UnknownCustomer,
    /// The record is of another version of this crate, or was damaged.
    Unreadable,
}

impl DeadReason {
    pub(super) fn encode(&self) -> Bytes {
        // Texts only, which always can be written.
        serde_json::to_vec(self).unwrap_or_default().into()
    }

    fn decode(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or(Self::Unreadable)
    }
}

impl fmt::Display for DeadReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { message } => write!(f, "Flowglad refused it: {message}"),
            Self::SubscriptionEnded { message } => write!(f, "the subscription to charge has ended: {message}"),
            Self::Failing { message } => write!(f, "Flowglad failed for it while it took others: {message}"),
            Self::NoSubscription => f.write_str("the customer has no current subscription to charge"),
            Self::UnknownCustomer => f.write_str("Flowglad does not know the customer"),
            Self::Unreadable => f.write_str("the record cannot be read by this version of the program"),
        }
    }
}

impl DeadLetter {
    /// Its place among the dead letters, by which it is replayed or discarded.
    #[must_use]
    pub fn sequence(&self) -> Sequence {
        self.record.record.sequence
    }

    /// Why it was not delivered.
    #[must_use]
    pub fn reason(&self) -> &DeadReason {
        &self.reason
    }

    /// When it was recorded.
    #[must_use]
    pub fn recorded_at(&self) -> Timestamp {
        self.record.record.recorded_at
    }

    /// The external id of the customer. Empty if the record cannot be read.
    #[must_use]
    pub fn customer(&self) -> &str {
        self.usage.as_ref().map_or("", |usage| &usage.customer)
    }

    /// The id under which Flowglad counts it once. Empty if the record cannot be read.
    #[must_use]
    pub fn transaction_id(&self) -> &str {
        self.usage.as_ref().map_or("", RecordedUsage::transaction_id)
    }

    /// The meter. `None` if the record cannot be read.
    #[must_use]
    pub fn meter(&self) -> Option<&MeterRef> {
        self.usage.as_ref().map(RecordedUsage::meter)
    }

    /// The amount of usage, in units of the meter. Zero if the record cannot be read.
    #[must_use]
    pub fn amount(&self) -> u64 {
        self.usage.as_ref().map_or(0, RecordedUsage::amount)
    }

    /// The subscription that was to be charged, if it was known.
    #[must_use]
    pub fn subscription(&self) -> Option<&SubscriptionId> {
        Some(&self.usage.as_ref()?.charged.as_ref()?.subscription)
    }
}

impl From<DeadRecord> for DeadLetter {
    fn from(record: DeadRecord) -> Self {
        let usage = RecordedUsage::decode(&record.record.bytes).ok();
        let reason = DeadReason::decode(&record.reason);
        Self { record, usage, reason }
    }
}

/// Names no customer.
impl fmt::Debug for DeadLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("DeadLetter");
        debug.field("sequence", &self.sequence()).field("reason", &self.reason).finish_non_exhaustive()
    }
}
