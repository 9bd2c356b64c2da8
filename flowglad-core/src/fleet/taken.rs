//! The usage that an instance has taken to deliver.

use std::collections::{BTreeMap, HashSet};

use bytes::Bytes;

use crate::{
    model::Timestamp,
    outbox::{Sequence, StoredRecord},
};

/// Before all ids of a stream.
const BEGINNING: &str = "0";

/// What this instance has taken and not ended.
#[derive(Default)]
pub(super) struct Taken {
    last: Sequence,
    records: BTreeMap<Sequence, TakenRecord>,
    /// Those of the stream.
    ids: HashSet<String>,
    /// All of the local outbox up to this one were taken or forwarded.
    pub(super) after_local: Sequence,
    /// An answer of the server was lost: after this id of the stream there may be what this instance has taken and does not
    /// know.
    lost_after: Option<String>,
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
    /// Adds a record, unless it was taken before.
    pub(super) fn add(&mut self, record: TakenRecord) {
        if let Place::Stream(id) = &record.place
            && !self.ids.insert(id.clone())
        {
            return;
        }
        self.last += 1;
        self.records.insert(self.last, record);
    }

    pub(super) fn get(&self, sequence: Sequence) -> Option<&TakenRecord> {
        self.records.get(&sequence)
    }

    pub(super) fn remove(&mut self, sequence: Sequence) {
        if let Some(TakenRecord { place: Place::Stream(id), .. }) = self.records.remove(&sequence) {
            self.ids.remove(&id);
        }
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

    /// An answer did not come: what it said is looked for.
    pub(super) fn lost_an_answer(&mut self) {
        self.lost_after = Some(BEGINNING.to_owned());
    }

    /// After which id it is looked for. Empty: it is not.
    pub(super) fn lost_after(&self) -> String {
        self.lost_after.clone().unwrap_or_default()
    }

    /// The server has answered with what comes after that id: up to this one, or all of it.
    pub(super) fn looked_up_to(&mut self, last: Option<String>) {
        self.lost_after = last;
    }

    /// Forgets all, as it is given back. If it cannot be, this instance finds it again.
    pub(super) fn forget(&mut self) {
        *self = Self { last: self.last, lost_after: Some(BEGINNING.to_owned()), ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(place: Place) -> TakenRecord {
        TakenRecord { place, recorded_at: Timestamp::from_millis(0), bytes: Bytes::from_static(b"x") }
    }

    #[test]
    fn what_is_found_again_after_a_lost_answer_is_taken_once() {
        let mut taken = Taken::default();
        taken.add(record(Place::Stream("1-0".to_owned())));
        taken.lost_an_answer();
        assert_eq!(taken.lost_after(), "0");
        taken.add(record(Place::Stream("1-0".to_owned())));
        taken.add(record(Place::Stream("2-0".to_owned())));
        taken.looked_up_to(None);
        let known = taken.after(0, 10);
        assert_eq!(known.iter().map(|record| record.sequence).collect::<Vec<_>>(), [1, 2]);
        taken.remove(1);
        taken.add(record(Place::Stream("1-0".to_owned())));
        assert_eq!((taken.after(0, 10).len(), taken.lost_after().as_str()), (2, ""));
    }
}
