//! What this instance has delivered while the server was away, so that the book of the fleet does not have it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    fleet::book::{MOST as MOST_OF_A_SUM, field},
    outbox::record::RecordedUsage,
};

/// More sums than this are not kept: then billing is trusted that was read before.
const MOST: usize = 100_000;

/// The sums that are to be said when the server is back.
#[derive(Default)]
pub(super) struct DeliveredAlone(Mutex<HashMap<Of, Sum>>);

/// Whose usage of which meter.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Of {
    pub(super) customer: Box<str>,
    pub(super) meter: Box<str>,
    /// What was held for it. Empty: nothing.
    pub(super) hold: Box<str>,
}

/// How much there is.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum(pub(super) u64);

impl DeliveredAlone {
    pub(super) fn add(&self, usage: &RecordedUsage) {
        self.add_sum(usage, usage.amount());
    }

    /// Flowglad has refused it: what was held for it is closed.
    pub(super) fn add_refused(&self, usage: &RecordedUsage) {
        if usage.hold.is_some() {
            self.add_sum(usage, 0);
        }
    }

    fn add_sum(&self, usage: &RecordedUsage, amount: u64) {
        let of = Of {
            customer: usage.customer.clone(),
            meter: field(usage.meter()).into(),
            hold: usage.hold.clone().unwrap_or_default(),
        };
        let mut sums = self.sums();
        if sums.len() < MOST || sums.contains_key(&of) {
            let sum = sums.entry(of).or_default();
            sum.0 = sum.0.saturating_add(amount).min(MOST_OF_A_SUM);
        }
    }

    pub(super) fn first(&self, limit: usize) -> Vec<(Of, Sum)> {
        self.sums().iter().take(limit).map(|(of, sum)| (of.clone(), *sum)).collect()
    }

    /// Sums were said.
    pub(super) fn said(&self, said: &[(Of, Sum)]) {
        let mut sums = self.sums();
        for (of, Sum(amount)) in said {
            if let Some(sum) = sums.get_mut(of) {
                sum.0 = sum.0.saturating_sub(*amount);
                if sum.0 == 0 {
                    sums.remove(of);
                }
            }
        }
    }

    fn sums(&self) -> MutexGuard<'_, HashMap<Of, Sum>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
