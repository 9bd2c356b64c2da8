//! Where recorded usage waits until Flowglad has it.

use std::fmt;

use bytes::Bytes;
use futures_util::future::BoxFuture;

use crate::{cache::StoreError, model::Timestamp};

/// The place of a record in the order of its store. It begins at 1, grows, and is never used again.
pub type Sequence = u64;

/// Where recorded usage waits until Flowglad has it, with the dead letters: what Flowglad refused. Given to
/// [`Outbox::new`](crate::usage::Outbox::new).
///
/// A store keeps bytes, and knows nothing of what they mean. What it has answered is durable: a record that was appended
/// is there after a crash, and one that was ended is not. What it has refused has not happened, also not later.
///
/// It is called by one process only.
pub trait UsageStore: Send + Sync + 'static {
    /// Stores records, all or none. Says for each its sequence, or that a record with its key is stored already, or was,
    /// and the key is not forgotten yet.
    fn append(&self, records: Vec<NewRecord>) -> BoxFuture<'_, Result<Vec<Appended>, StoreError>>;

    /// Whether a record with this key is stored, or was, and the key is not forgotten yet.
    fn has_key<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// The first records after a sequence that wait to be delivered, oldest first, `limit` of them at most.
    fn pending(&self, after: Sequence, limit: usize) -> BoxFuture<'_, Result<Vec<StoredRecord>, StoreError>>;

    /// Ends records, all or none: removes the delivered ones, and moves the refused ones to the dead letters. Sequences
    /// that are not pending are passed over.
    fn end(&self, ended: Ended) -> BoxFuture<'_, Result<(), StoreError>>;

    /// The first dead letters after a sequence, oldest first, `limit` of them at most.
    fn dead(&self, after: Sequence, limit: usize) -> BoxFuture<'_, Result<Vec<DeadRecord>, StoreError>>;

    /// Removes dead letters. Returns how many there were.
    fn discard(&self, dead: Vec<Sequence>) -> BoxFuture<'_, Result<u64, StoreError>>;

    /// Forgets keys of records that were recorded before a time, or a part of them.
    fn forget_keys(&self, recorded_before: Timestamp) -> BoxFuture<'_, Result<(), StoreError>>;

    /// How much is stored.
    fn totals(&self) -> BoxFuture<'_, Result<Totals, StoreError>>;
}

/// A record to store.
#[derive(Clone, PartialEq, Eq)]
pub struct NewRecord {
    /// What must not be stored twice. `None`: the record cannot be a repetition.
    pub key: Option<Box<[u8]>>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The record.
    pub bytes: Bytes,
}

/// What became of a record that was to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is stored, under this sequence.
    New(Sequence),
    /// A record with its key was stored before.
    Before,
}

/// A record that waits to be delivered.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its place.
    pub sequence: Sequence,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// The record.
    pub bytes: Bytes,
}

/// A record that Flowglad refused.
#[derive(Clone, PartialEq, Eq)]
pub struct DeadRecord {
    /// The record.
    pub record: StoredRecord,
    /// Why, in the recorder's own form.
    pub reason: Bytes,
}

/// Records that are no longer to be delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Those that Flowglad has.
    pub delivered: Vec<Sequence>,
    /// Those that Flowglad refused, with the reason.
    pub dead: Vec<(Sequence, Bytes)>,
}

/// How much is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Records that wait to be delivered.
    pub pending: u64,
    /// The bytes of these records.
    pub pending_bytes: u64,
    /// Dead letters.
    pub dead: u64,
}

/// Shows no bytes: they name a customer.
impl fmt::Debug for NewRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewRecord").field("recorded_at", &self.recorded_at).finish_non_exhaustive()
    }
}

impl fmt::Debug for StoredRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredRecord").field("sequence", &self.sequence).finish_non_exhaustive()
    }
}

impl fmt::Debug for DeadRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadRecord").field("record", &self.record).finish_non_exhaustive()
    }
}
