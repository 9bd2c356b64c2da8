//! The changes of a store, each within one transaction.

use super::rows::Rows;
use crate::{
    model::Timestamp,
    outbox::store::{Appended, Ended, NewRecord, Sequence},
};

/// Keys that one call forgets at most, so that others need not wait long.
const FORGOTTEN_AT_ONCE: usize = 10_000;

pub(super) fn append(rows: &mut Rows<'_>, records: &[NewRecord]) -> Result<Vec<Appended>, redb::Error> {
    let mut appended = Vec::with_capacity(records.len());
    for record in records {
        if let Some(key) = &record.key {
            if rows.has_key(key)? {
                appended.push(Appended::Before);
                continue;
            }
            rows.set_key(key, Some(record.recorded_at))?;
        }
        let sequence = rows.next_sequence();
        rows.set_pending(sequence, Some(&(record.recorded_at, record.bytes.clone())))?;
        appended.push(Appended::New(sequence));
    }
    Ok(appended)
}

pub(super) fn end(rows: &mut Rows<'_>, ended: &Ended) -> Result<(), redb::Error> {
    for sequence in &ended.delivered {
        rows.set_pending(*sequence, None)?;
    }
    for (sequence, reason) in &ended.dead {
        if let Some((at, bytes)) = rows.set_pending(*sequence, None)? {
            rows.set_dead(*sequence, Some(&(at, bytes, reason.clone())))?;
        }
    }
    Ok(())
}

pub(super) fn discard(rows: &mut Rows<'_>, dead: &[Sequence]) -> Result<u64, redb::Error> {
    let mut discarded = 0;
    for sequence in dead {
        discarded += u64::from(rows.set_dead(*sequence, None)?.is_some());
    }
    Ok(discarded)
}

pub(super) fn forget_keys(rows: &mut Rows<'_>, recorded_before: Timestamp) -> Result<(), redb::Error> {
    for key in rows.keys_before(recorded_before, FORGOTTEN_AT_ONCE)? {
        rows.set_key(&key, None)?;
    }
    Ok(())
}
