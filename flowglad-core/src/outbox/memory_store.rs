//! A store in memory, for tests: what waits in it is lost when the process ends.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures_util::{FutureExt as _, future::BoxFuture};

use crate::{
    cache::StoreError,
    model::Timestamp,
    outbox::store::{Appended, DeadRecord, Ended, NewRecord, Sequence, StoredRecord, Totals, UsageStore},
};

/// A store in memory, for tests: what waits in it is lost when the process ends.
#[derive(Default)]
pub(super) struct MemoryStore(Mutex<Records>);

#[derive(Default)]
struct Records {
    last: Sequence,
    pending: BTreeMap<Sequence, StoredRecord>,
    pending_bytes: u64,
    dead: BTreeMap<Sequence, DeadRecord>,
    keys: HashMap<Box<[u8]>, Timestamp>,
}

impl MemoryStore {
    fn records(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Records {
    fn append(&mut self, record: NewRecord) -> Appended {
        if let Some(key) = record.key {
            if self.keys.contains_key(&key) {
                return Appended::Before;
            }
            self.keys.insert(key, record.recorded_at);
        }
        self.last += 1;
        self.pending_bytes += record.bytes.len() as u64;
        let NewRecord { recorded_at, bytes, .. } = record;
        self.pending.insert(self.last, StoredRecord { sequence: self.last, recorded_at, bytes });
        Appended::New(self.last)
    }

    fn take(&mut self, sequence: Sequence) -> Option<StoredRecord> {
        let record = self.pending.remove(&sequence)?;
        self.pending_bytes -= record.bytes.len() as u64;
        Some(record)
    }

    fn end(&mut self, ended: Ended) {
        for sequence in ended.delivered {
            self.take(sequence);
        }
        for (sequence, reason) in ended.dead {
            if let Some(record) = self.take(sequence) {
                self.dead.insert(sequence, DeadRecord { record, reason });
            }
        }
    }
}

impl UsageStore for MemoryStore {
    fn append(&self, records: Vec<NewRecord>) -> BoxFuture<'_, Result<Vec<Appended>, StoreError>> {
        let mut all = self.records();
        let appended = records.into_iter().map(|record| all.append(record)).collect();
        async { Ok(appended) }.boxed()
    }

    fn has_key<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<bool, StoreError>> {
        let has = self.records().keys.contains_key(key);
        async move { Ok(has) }.boxed()
    }

    fn pending(&self, after: Sequence, limit: usize) -> BoxFuture<'_, Result<Vec<StoredRecord>, StoreError>> {
        let found = self.records().pending.range(after + 1..).take(limit).map(|(_, record)| record.clone()).collect();
        async { Ok(found) }.boxed()
    }

    fn end(&self, ended: Ended) -> BoxFuture<'_, Result<(), StoreError>> {
        self.records().end(ended);
        async { Ok(()) }.boxed()
    }

    fn dead(&self, after: Sequence, limit: usize) -> BoxFuture<'_, Result<Vec<DeadRecord>, StoreError>> {
        let found = self.records().dead.range(after + 1..).take(limit).map(|(_, record)| record.clone()).collect();
        async { Ok(found) }.boxed()
    }

    fn discard(&self, dead: Vec<Sequence>) -> BoxFuture<'_, Result<u64, StoreError>> {
        let mut all = self.records();
        let discarded = dead.iter().filter_map(|sequence| all.dead.remove(sequence)).count() as u64;
        async move { Ok(discarded) }.boxed()
    }

    fn forget_keys(&self, recorded_before: Timestamp) -> BoxFuture<'_, Result<(), StoreError>> {
        self.records().keys.retain(|_, recorded_at| *recorded_at >= recorded_before);
        async { Ok(()) }.boxed()
    }

    fn totals(&self) -> BoxFuture<'_, Result<Totals, StoreError>> {
        let all = self.records();
        let (pending, dead) = (all.pending.len() as u64, all.dead.len() as u64);
        let totals = Totals { pending, pending_bytes: all.pending_bytes, dead };
        async move { Ok(totals) }.boxed()
    }
}
