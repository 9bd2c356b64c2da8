//! Running sums over the records of one owner, so that a balance needs no walk over all that was ever used.

use std::collections::HashMap;

use crate::records::Record;

/// Sums by owner and name.
#[derive(Debug, Default)]
pub(super) struct Tallies(HashMap<String, HashMap<String, Tally>>);

#[derive(Debug, Default)]
struct Tally {
    records: usize,
    /// Wider than the amounts: it never overflows, so what was added can always be taken away again.
    sum: i128,
}

impl Tallies {
    pub(super) fn sum(&self, owner: &str, name: &str) -> Option<i64> {
        let tally = self.0.get(owner)?.get(name)?;
        Some(i64::try_from(tally.sum).unwrap_or(if tally.sum < 0 { i64::MIN } else { i64::MAX }))
    }

    pub(super) fn add<R: Record>(&mut self, record: &R) {
        let Some((owner, (name, amount))) = record.owner().zip(record.counted()) else { return };
        let tally = self.0.entry(owner.to_owned()).or_default().entry(name.to_owned()).or_default();
        tally.records += 1;
        tally.sum += i128::from(amount);
    }

    pub(super) fn remove<R: Record>(&mut self, record: &R) {
        let Some((owner, (name, amount))) = record.owner().zip(record.counted()) else { return };
        let Some(names) = self.0.get_mut(owner) else { return };
        let Some(tally) = names.get_mut(name) else { return };
        tally.records -= 1;
        tally.sum -= i128::from(amount);
        if tally.records == 0 {
            names.remove(name);
        }
    }
}
