//! The usage that an instance has taken to deliver.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::{
    model::Timestamp,
    outbox::{Sequence, StoredRecord},
};

/// What this instance has taken and not ended.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) last: Sequence,
    pub(super) records: BTreeMap<Sequence, TakenRecord>,
    /// All of the local outbox up to this one were taken or forwarded.
    pub(super) after_local: Sequence,
}

#[derive(Clone)]
pub(super) struct TakenRecord {
    pub(super) place: Place,
    pub(super) recorded_at: Timestamp,
    pub(super) bytes: Bytes,
}

#[derive(Clone)]
pub(super) enum Place {
    Stream(String),
    Local(Sequence),
}

impl Taken {
    pub(super) fn add(&mut self, record: TakenRecord) {
        self.last += 1;
        self.records.insert(self.last, record);
    }

    pub(super) fn after(&self, after: Sequence, limit: usize) -> Vec<StoredRecord> {
        let records = self.records.range(after + 1..).take(limit);
        let stored = records.map(|(sequence, record)| StoredRecord {
            sequence: *sequence,
            recorded_at: record.recorded_at,
            bytes: record.bytes.clone(),
        });
        stored.collect()
    }
}
