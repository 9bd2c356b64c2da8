//! The changes that are not said to the server yet.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::fleet::change::Change;

/// All changes above this are said as one that concerns everyone.
const MOST: usize = 10_000;

/// The changes that are not said to the server yet, and how often each: what is said of one must not end what is owed for a
/// later one.
#[derive(Default)]
pub(super) struct Owed(Mutex<HashMap<Change, u32>>);

impl Owed {
    /// Returns what is owed for a change, which is to be paid when the change is said.
    pub(super) fn add(&self, change: Change) -> Change {
        let mut owed = self.owed();
        let has_room = owed.len() < MOST || owed.contains_key(&change);
        let change = if has_room { change } else { Change::Everyone };
        *owed.entry(change.clone()).or_default() += 1;
        change
    }

    /// A change was said so often.
    pub(super) fn pay(&self, change: &Change, times: u32) {
        let mut owed = self.owed();
        if let Some(left) = owed.get_mut(change) {
            *left = left.saturating_sub(times);
            if *left == 0 {
                owed.remove(change);
            }
        }
    }

    pub(super) fn all(&self) -> Vec<(Change, u32)> {
        self.owed().iter().map(|(change, times)| (change.clone(), *times)).collect()
    }

    /// Whether a change may concern a customer.
    pub(super) fn concerns(&self, customer: &str) -> bool {
        self.owed().keys().any(|change| change.may_concern(customer))
    }

    pub(super) fn len(&self) -> u64 {
        self.owed().len() as u64
    }

    fn owed(&self) -> MutexGuard<'_, HashMap<Change, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(number: usize) -> Change {
        Change::Customer(number.to_string().into())
    }

    #[test]
    fn what_was_said_before_a_change_does_not_end_what_is_owed_for_it() {
        let owed = Owed::default();
        assert_eq!(owed.add(customer(1)), customer(1));
        let said = owed.all();
        owed.add(customer(1));
        for (change, times) in said {
            owed.pay(&change, times);
        }
        assert!(owed.concerns("1") && !owed.concerns("2"));
        owed.pay(&customer(1), 1);
        owed.pay(&customer(1), 1);
        assert_eq!(owed.len(), 0);
        owed.add(Change::Subscription("sub_1".into()));
        assert!(owed.concerns("2"), "whose it is, is not known");
    }

    #[test]
    fn too_many_changes_concern_everyone() {
        let owed = Owed::default();
        for number in (0..MOST).chain([0]) {
            assert_eq!(owed.add(customer(number)), customer(number));
        }
        assert!(owed.concerns("0") && !owed.concerns("x"));
        assert_eq!(owed.add(customer(MOST)), Change::Everyone);
        assert_eq!(owed.add(customer(MOST + 1)), Change::Everyone);
        assert_eq!(owed.len(), MOST as u64 + 1);
        owed.pay(&Change::Everyone, 1);
        assert!(owed.concerns("x"), "one of the two is still owed");
        owed.pay(&Change::Everyone, 1);
        assert!(!owed.concerns("x"));
    }
}
