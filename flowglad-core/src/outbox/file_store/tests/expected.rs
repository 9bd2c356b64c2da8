//! What a store must hold after changes.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::{
    model::Timestamp,
    outbox::{
        file_store::rows::Keys,
        store::{DeadRecord, NewRecord, StoredRecord, Totals},
    },
};

/// What a store must hold: records in the order of their ranks, which stand for sequences, and keys with their times.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) pending: BTreeMap<u64, Bytes>,
    pub(super) dead: BTreeMap<u64, (Bytes, Bytes)>,
    pub(super) keys: Keys,
    pub(super) last_rank: u64,
}

#[derive(Clone, Debug)]
pub(super) enum Change {
    Append(Vec<NewRecord>),
    /// The positions of pending records: delivered, and dead.
    End(Vec<usize>, Vec<usize>),
    Discard(Vec<usize>),
    ForgetKeys(Timestamp),
}

/// The result of a change, without sequences.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Appended(Vec<bool>),
    Ended,
    Discarded(u64),
    Forgotten,
}

impl Model {
    pub(super) fn apply(&mut self, change: &Change) -> Outcome {
        match change {
            Change::Append(records) => Outcome::Appended(records.iter().map(|record| self.append(record)).collect()),
            Change::End(delivered, dead) => {
                let ranks = ranks(&self.pending);
                for at in delivered {
                    self.pending.remove(&ranks[*at]);
                }
                for at in dead {
                    let bytes = self.pending.remove(&ranks[*at]).expect("it is pending");
                    self.dead.insert(ranks[*at], (bytes, reason(*at)));
                }
                Outcome::Ended
            }
            Change::Discard(dead) => Outcome::Discarded(self.remove_dead(dead).len() as u64),
            Change::ForgetKeys(before) => {
                self.keys.retain(|_, at| *at >= *before);
                Outcome::Forgotten
            }
        }
    }

    fn append(&mut self, record: &NewRecord) -> bool {
        if let Some(key) = &record.key {
            if self.keys.contains_key(key) {
                return false;
            }
            self.keys.insert(key.clone(), record.recorded_at);
        }
        self.push(record.bytes.clone());
        true
    }

    fn push(&mut self, bytes: Bytes) {
        self.last_rank += 1;
        self.pending.insert(self.last_rank, bytes);
    }

    fn remove_dead(&mut self, positions: &[usize]) -> Vec<Bytes> {
        let ranks = ranks(&self.dead);
        positions.iter().map(|at| self.dead.remove(&ranks[*at]).expect("it is dead").0).collect()
    }

    pub(super) fn ensure_shown(&self, seen: &Seen) -> Result<(), String> {
        let pending: Vec<&Bytes> = seen.pending.iter().map(|record| &record.bytes).collect();
        let dead: Vec<_> = seen.dead.iter().map(|dead| (&dead.record.bytes, &dead.reason)).collect();
        let is_shown = self.pending.values().eq(pending.iter().copied())
            && self.dead.values().map(|(bytes, reason)| (bytes, reason)).eq(dead.iter().copied())
            && self.totals() == seen.totals
            && self.keys == seen.keys
            && seen.pending.is_sorted_by(|a, b| a.sequence < b.sequence);
        if is_shown { Ok(()) } else { Err(format!("{pending:?}\n{dead:?}\nare shown, and should be\n{self:?}")) }
    }

    fn totals(&self) -> Totals {
        Totals {
            pending: self.pending.len() as u64,
            pending_bytes: self.pending.values().map(|bytes| bytes.len() as u64).sum(),
            dead: self.dead.len() as u64,
        }
    }
}

fn ranks<T>(rows: &BTreeMap<u64, T>) -> Vec<u64> {
    rows.keys().copied().collect()
}

pub(super) fn reason(at: usize) -> Bytes {
    Bytes::from(format!("refused {at}"))
}

/// What was read from a store.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) pending: Vec<StoredRecord>,
    pub(super) dead: Vec<DeadRecord>,
    pub(super) keys: Keys,
    pub(super) totals: Totals,
}
