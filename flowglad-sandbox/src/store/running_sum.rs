//! Running sums over the records of one owner, so that a balance does not read all usage events.

use std::collections::HashMap;

use crate::records::record::Record;

/// Sums by owner and name.
#[derive(Debug, Default)]
pub(super) struct RunningSums(HashMap<String, HashMap<String, RunningSum>>);

#[derive(Debug, Default)]
struct RunningSum {
    records: usize,
    /// Wider than the amounts, so that it never overflows and every amount can be subtracted again.
    sum: i128,
}

impl RunningSums {
    pub(super) fn sum(&self, owner: &str, name: &str) -> Option<i64> {
        let running_sum = self.0.get(owner)?.get(name)?;
        Some(i64::try_from(running_sum.sum).unwrap_or(if running_sum.sum < 0 { i64::MIN } else { i64::MAX }))
    }

    pub(super) fn add<R: Record>(&mut self, record: &R) {
        let Some((owner, (name, amount))) = record.owner().zip(record.running_total()) else { return };
        let running_sum = self.0.entry(owner.to_owned()).or_default().entry(name.to_owned()).or_default();
        running_sum.records += 1;
        running_sum.sum += i128::from(amount);
    }

    pub(super) fn remove<R: Record>(&mut self, record: &R) {
        let Some((owner, (name, amount))) = record.owner().zip(record.running_total()) else { return };
        let Some(names) = self.0.get_mut(owner) else { return };
        let Some(running_sum) = names.get_mut(name) else { return };
        running_sum.records -= 1;
        running_sum.sum -= i128::from(amount);
        if running_sum.records == 0 {
            names.remove(name);
        }
    }
}
