//! The rows of the file, within one transaction.

use bytes::Bytes;
use redb::{ReadTransaction, ReadableTable, ReadableTableMetadata as _, Table, TableDefinition, WriteTransaction};

use super::before::{Before, Dead, Pending};
use crate::{
    model::Timestamp,
    outbox::store::{DeadRecord, Sequence, StoredRecord, Totals},
};

/// The layout of the tables below. A file with a higher number is from a newer version of this crate.
pub(super) const FORMAT: u64 = 1;

const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
/// Sequence → when it was recorded, and the record.
const PENDING: TableDefinition<u64, (i64, &[u8])> = TableDefinition::new("pending");
/// Sequence → when it was recorded, the record, and why it is dead.
const DEAD: TableDefinition<u64, (i64, &[u8], &[u8])> = TableDefinition::new("dead");
/// Key → when its record was recorded.
const KEYS: TableDefinition<&[u8], i64> = TableDefinition::new("keys");
/// The same keys in the order of their age.
const KEY_AGES: TableDefinition<(i64, &[u8]), ()> = TableDefinition::new("key_ages");

/// What is known of the file as a whole. Part of each transaction, so that a start reads it in one step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    pub(super) last_sequence: Sequence,
    pub(super) totals: Totals,
    /// The bytes of dead letters, their reasons, and keys.
    pub(super) other_bytes: u64,
    pub(super) keys: u64,
}

impl Sums {
    /// About how large a file must be that holds this much.
    pub(super) fn needed_bytes(&self) -> u64 {
        let rows = self.totals.pending.saturating_add(self.totals.dead).saturating_add(self.keys);
        self.totals.pending_bytes.saturating_add(self.other_bytes).saturating_add(rows.saturating_mul(64))
    }
}

/// The tables, open for writing. Each change of a row notes how the row was before.
pub(super) struct Rows<'t> {
    meta: Table<'t, &'static str, u64>,
    pending: Table<'t, u64, (i64, &'static [u8])>,
    dead: Table<'t, u64, (i64, &'static [u8], &'static [u8])>,
    keys: Table<'t, &'static [u8], i64>,
    key_ages: Table<'t, (i64, &'static [u8]), ()>,
    sums: Sums,
    before: &'t mut Before,
    is_changed: bool,
}

impl<'t> Rows<'t> {
    pub(super) fn open(
        transaction: &'t WriteTransaction,
        sums: Sums,
        before: &'t mut Before,
    ) -> Result<Self, redb::Error> {
        Ok(Self {
            meta: transaction.open_table(META)?,
            pending: transaction.open_table(PENDING)?,
            dead: transaction.open_table(DEAD)?,
            keys: transaction.open_table(KEYS)?,
            key_ages: transaction.open_table(KEY_AGES)?,
            sums,
            before,
            is_changed: false,
        })
    }

    /// Keeps the tables, although nothing is in them yet.
    pub(super) fn create(&mut self) {
        self.is_changed = true;
    }

    /// Whether a row was changed, so that there is something to commit.
    pub(super) fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// Writes the sums and returns them.
    pub(super) fn finish(mut self) -> Result<Sums, redb::Error> {
        self.meta.insert("format", FORMAT)?;
        self.meta.insert("last_sequence", self.sums.last_sequence)?;
        self.meta.insert("pending_bytes", self.sums.totals.pending_bytes)?;
        self.meta.insert("other_bytes", self.sums.other_bytes)?;
        self.sums.totals.pending = self.pending.len()?;
        self.sums.totals.dead = self.dead.len()?;
        self.sums.keys = self.keys.len()?;
        Ok(self.sums)
    }

    pub(super) fn next_sequence(&mut self) -> Sequence {
        self.sums.last_sequence += 1;
        self.sums.last_sequence
    }

    /// Sets or removes a pending record, and returns what was there.
    pub(super) fn set_pending(
        &mut self,
        sequence: Sequence,
        row: Option<&Pending>,
    ) -> Result<Option<Pending>, redb::Error> {
        let previous = match row {
            Some((at, bytes)) => self.pending.insert(sequence, (at.as_millis(), &bytes[..]))?,
            None => self.pending.remove(sequence)?,
        };
        let previous = previous.map(|found| pending_row(found.value()));
        let size = |row: &Pending| row.1.len();
        replace(&mut self.sums.totals.pending_bytes, previous.as_ref().map(size), row.map(size));
        self.is_changed |= previous.as_ref() != row;
        self.before.note_pending(sequence, previous.as_ref());
        Ok(previous)
    }

    /// Sets or removes a dead letter, and returns what was there.
    pub(super) fn set_dead(&mut self, sequence: Sequence, row: Option<&Dead>) -> Result<Option<Dead>, redb::Error> {
        let previous = match row {
            Some((at, bytes, reason)) => self.dead.insert(sequence, (at.as_millis(), &bytes[..], &reason[..]))?,
            None => self.dead.remove(sequence)?,
        };
        let previous = previous.map(|found| dead_row(found.value()));
        let size = |row: &Dead| row.1.len() + row.2.len();
        replace(&mut self.sums.other_bytes, previous.as_ref().map(size), row.map(size));
        self.is_changed |= previous.as_ref() != row;
        self.before.note_dead(sequence, previous.as_ref());
        Ok(previous)
    }

    pub(super) fn has_key(&self, key: &[u8]) -> Result<bool, redb::Error> {
        Ok(self.keys.get(key)?.is_some())
    }

    /// Sets or removes a key.
    pub(super) fn set_key(&mut self, key: &[u8], at: Option<Timestamp>) -> Result<(), redb::Error> {
        let previous = match at {
            Some(at) => self.keys.insert(key, at.as_millis())?,
            None => self.keys.remove(key)?,
        };
        let previous = previous.map(|found| Timestamp::from_millis(found.value()));
        if previous != at {
            if let Some(previous) = previous {
                self.key_ages.remove((previous.as_millis(), key))?;
            }
            if let Some(at) = at {
                self.key_ages.insert((at.as_millis(), key), ())?;
            }
            self.is_changed = true;
        }
        // Each key is there twice.
        let size = |_| 2 * key.len();
        replace(&mut self.sums.other_bytes, previous.map(size), at.map(size));
        self.before.note_key(key, previous);
        Ok(())
    }

    /// Sets rows back to how they were.
    pub(super) fn restore(&mut self, before: &Before) -> Result<(), redb::Error> {
        for (sequence, row) in &before.pending {
            self.set_pending(*sequence, row.as_ref())?;
        }
        for (sequence, row) in &before.dead {
            self.set_dead(*sequence, row.as_ref())?;
        }
        for (key, at) in &before.keys {
            self.set_key(key, *at)?;
        }
        Ok(())
    }

    /// The oldest keys from before a time, at most `limit`.
    pub(super) fn keys_before(&self, time: Timestamp, limit: usize) -> Result<Vec<Box<[u8]>>, redb::Error> {
        let older = self.key_ages.range(..(time.as_millis(), &[][..]))?;
        older.take(limit).map(|row| Ok(row?.0.value().1.into())).collect()
    }
}

/// Reads what the file's format is, and its sums. `None`: a new file, without tables.
pub(super) fn read_sums(transaction: &ReadTransaction) -> Result<Option<(u64, Sums)>, redb::Error> {
    let meta = match transaction.open_table(META) {
        Ok(meta) => meta,
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let number = |name| Ok::<_, redb::Error>(meta.get(name)?.map_or(0, |found| found.value()));
    let format = number("format")?;
    if format > FORMAT {
        return Ok(Some((format, Sums::default())));
    }
    let totals = Totals {
        pending: transaction.open_table(PENDING)?.len()?,
        pending_bytes: number("pending_bytes")?,
        dead: transaction.open_table(DEAD)?.len()?,
    };
    let keys = transaction.open_table(KEYS)?.len()?;
    let sums = Sums { last_sequence: number("last_sequence")?, totals, other_bytes: number("other_bytes")?, keys };
    Ok(Some((format, sums)))
}

/// Whether a record with this key was stored, and the key is kept.
pub(super) fn has_key(transaction: &ReadTransaction, key: &[u8]) -> Result<bool, redb::Error> {
    Ok(transaction.open_table(KEYS)?.get(key)?.is_some())
}

/// The pending records after a sequence, oldest first.
pub(super) fn read_pending(
    transaction: &ReadTransaction,
    after: Sequence,
    limit: usize,
) -> Result<Vec<StoredRecord>, redb::Error> {
    let table = transaction.open_table(PENDING)?;
    let rows = table.range(after.saturating_add(1)..)?.take(limit);
    rows.map(|row| {
        let (sequence, row) = row?;
        let (recorded_at, bytes) = pending_row(row.value());
        Ok(StoredRecord { sequence: sequence.value(), recorded_at, bytes })
    })
    .collect()
}

/// The dead letters after a sequence, oldest first.
pub(super) fn read_dead(
    transaction: &ReadTransaction,
    after: Sequence,
    limit: usize,
) -> Result<Vec<DeadRecord>, redb::Error> {
    let table = transaction.open_table(DEAD)?;
    let rows = table.range(after.saturating_add(1)..)?.take(limit);
    rows.map(|row| {
        let (sequence, row) = row?;
        let (recorded_at, bytes, reason) = dead_row(row.value());
        Ok(DeadRecord { record: StoredRecord { sequence: sequence.value(), recorded_at, bytes }, reason })
    })
    .collect()
}

/// Keys, and the times of their records.
#[cfg(test)]
pub(super) type Keys = std::collections::BTreeMap<Box<[u8]>, Timestamp>;

/// The keys with their times, which both of their tables must have.
#[cfg(test)]
pub(super) fn read_keys(transaction: &ReadTransaction) -> Result<Keys, redb::Error> {
    let (keys, ages) = (transaction.open_table(KEYS)?, transaction.open_table(KEY_AGES)?);
    assert_eq!(keys.len()?, ages.len()?);
    let rows = keys.iter()?.map(|row| {
        let (key, at) = row?;
        assert!(ages.get((at.value(), key.value()))?.is_some(), "a key without its age");
        Ok((key.value().into(), Timestamp::from_millis(at.value())))
    });
    rows.collect()
}

fn pending_row((at, bytes): (i64, &[u8])) -> Pending {
    (Timestamp::from_millis(at), Bytes::copy_from_slice(bytes))
}

fn dead_row((at, bytes, reason): (i64, &[u8], &[u8])) -> Dead {
    (Timestamp::from_millis(at), Bytes::copy_from_slice(bytes), Bytes::copy_from_slice(reason))
}

fn replace(sum: &mut u64, previous: Option<usize>, new: Option<usize>) {
    let size = |bytes: Option<usize>| bytes.map_or(0, |bytes| bytes as u64);
    *sum = sum.saturating_sub(size(previous)).saturating_add(size(new));
}
