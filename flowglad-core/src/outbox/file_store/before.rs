//! How rows were before a transaction.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::{model::Timestamp, outbox::store::Sequence};

/// A pending record's time and bytes.
pub(super) type Pending = (Timestamp, Bytes);

/// A dead letter's time, bytes and reason.
pub(super) type Dead = (Timestamp, Bytes, Bytes);

/// How the rows were that a transaction has changed.
///
/// A commit that fails may be in the file nevertheless: the disk can keep a write and then report an error. Its caller was
/// answered that it failed, so the rows are set back when the file is open again.
#[derive(Debug, Default)]
pub(super) struct Before {
    pub(super) pending: BTreeMap<Sequence, Option<Pending>>,
    pub(super) dead: BTreeMap<Sequence, Option<Dead>>,
    pub(super) keys: BTreeMap<Box<[u8]>, Option<Timestamp>>,
}

impl Before {
    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty() && self.dead.is_empty() && self.keys.is_empty()
    }

    /// The first note of a row counts: it is from before the transaction.
    pub(super) fn note_pending(&mut self, sequence: Sequence, row: Option<&Pending>) {
        self.pending.entry(sequence).or_insert_with(|| row.cloned());
    }

    pub(super) fn note_dead(&mut self, sequence: Sequence, row: Option<&Dead>) {
        self.dead.entry(sequence).or_insert_with(|| row.cloned());
    }

    pub(super) fn note_key(&mut self, key: &[u8], at: Option<Timestamp>) {
        if !self.keys.contains_key(key) {
            self.keys.insert(key.into(), at);
        }
    }
}
