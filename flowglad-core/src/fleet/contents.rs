//! What the scripts need to know of a record.

use crate::{
    fleet::book::{MOST, field},
    outbox::{NewRecord, StoredRecord, book::Entry, record::RecordedUsage},
};

/// A record as it was read. One that cannot be read has no customer and no amount, and becomes a dead letter when its turn comes.
pub(super) struct Contents(Option<RecordedUsage>);

impl Contents {
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self(RecordedUsage::decode(bytes).ok())
    }

    pub(super) fn usage(&self) -> Option<&RecordedUsage> {
        self.0.as_ref()
    }

    pub(super) fn customer(&self) -> &str {
        self.usage().map(|usage| &*usage.customer).unwrap_or_default()
    }

    pub(super) fn meter(&self) -> String {
        self.usage().map(|usage| field(usage.meter())).unwrap_or_default()
    }

    /// The server counts exactly up to more than Flowglad takes.
    pub(super) fn amount(&self) -> u64 {
        self.usage().map_or(0, |usage| usage.amount().min(MOST))
    }

    /// What is held for it. Empty if nothing is.
    pub(super) fn hold(&self) -> &str {
        self.usage().and_then(|usage| usage.hold.as_deref()).unwrap_or_default()
    }

    pub(super) fn entry(&self) -> Option<Entry> {
        self.usage().map(RecordedUsage::entry)
    }
}

/// A record on its way into the stream.
pub(super) struct ToStream {
    pub(super) record: NewRecord,
    pub(super) contents: Contents,
}

impl ToStream {
    pub(super) fn new(record: NewRecord) -> Self {
        Self { contents: Contents::of(&record.bytes), record }
    }

    /// A record of the local outbox, with its key: it may be in the stream already.
    pub(super) fn of_local(stored: StoredRecord) -> Self {
        let StoredRecord { recorded_at, bytes, .. } = stored;
        let mut moved = Self::new(NewRecord { key: None, recorded_at, bytes });
        moved.record.key = moved.contents.usage().and_then(RecordedUsage::own_key);
        moved
    }
}
