//! What the program said about its calls, over all its runs.

use std::collections::{BTreeMap, HashMap};

use crate::{
    call::{Call, Kind, TASKS},
    line::Line,
};

/// What is known of all calls so far.
#[derive(Debug, Default)]
pub struct Acknowledged {
    /// The transaction id of each call that was acknowledged, where the recorder gave one.
    pub calls: HashMap<Call, Option<String>>,
    /// The last call that was over, by run and task.
    last: BTreeMap<(u32, u32), u32>,
    /// How many calls were not acknowledged, by reason.
    pub unacknowledged: BTreeMap<String, u64>,
    /// How many calls were made again after they had been acknowledged.
    pub repeated: u64,
    /// How many calls were made again after a kill had cut them off.
    pub made_up_for: u64,
    /// The transaction ids of the dead letters that the last run listed.
    pub dead_letters: Vec<String>,
    /// Whether a key that was recorded may be taken for a new one: an instance without its Redis does not know what others
    /// have recorded. It is charged once all the same.
    pub may_forget_keys: bool,
    /// What contradicts itself.
    pub problems: Vec<String>,
}

impl Acknowledged {
    /// Takes note of a line.
    pub fn note(&mut self, run: u32, line: Line) {
        match line {
            Line::Acknowledged { call, is_repeated, transaction_id } => {
                self.note_over(run, call);
                self.note_acknowledged(run, call, is_repeated, transaction_id);
            }
            Line::Unacknowledged { call, reason } => {
                self.note_over(run, call);
                *self.unacknowledged.entry(reason).or_default() += 1;
            }
            Line::DeadLetter { transaction_id, .. } => self.dead_letters.push(transaction_id),
            Line::Left { pending: 0, .. } => {}
            Line::Left { pending, .. } => self.problems.push(format!("{pending} events were left after the last run")),
        }
    }

    fn note_over(&mut self, run: u32, call: Call) {
        if call.run == run {
            let last = self.last.entry((run, call.task)).or_default();
            *last = call.number.max(*last);
        }
    }

    fn note_acknowledged(&mut self, run: u32, call: Call, is_repeated: bool, transaction_id: Option<String>) {
        let Some(before) = self.calls.get(&call) else {
            self.made_up_for += u64::from(call.run != run);
            if is_repeated && call.run == run {
                self.problems.push(format!("{call:?} was new, and is said to be repeated"));
            }
            self.calls.insert(call, transaction_id);
            return;
        };
        self.repeated += 1;
        if !is_repeated && !self.may_forget_keys {
            self.problems.push(format!("{call:?} was acknowledged twice as new"));
        }
        if transaction_id.is_some() && *before != transaction_id {
            self.problems.push(format!("{call:?} has two transaction ids: {before:?}, {transaction_id:?}"));
        }
    }

    /// Whether a call of this number can have begun: a task makes one after the other.
    #[must_use]
    pub fn may_have_begun(&self, call: Call) -> bool {
        self.last.get(&(call.run, call.task)).map_or(call.number == 0, |last| call.number <= last + 1)
    }

    /// The calls of a run that can have begun.
    pub fn may_have_begun_in(&self, run: u32) -> impl Iterator<Item = Call> {
        let end = move |task| self.last.get(&(run, task)).map_or(0, |last| last + 1);
        (0..TASKS).flat_map(move |task| (0..=end(task)).map(move |number| Call { run, task, number }))
    }

    /// The calls that a user's client makes again after a run was cut off: of each task the last ones, and the one that was
    /// cut off.
    #[must_use]
    pub fn to_make_again(&self, run: u32) -> Vec<Call> {
        let of_task = |task| {
            let end = self.last.get(&(run, task)).map_or(0, |last| last + 1);
            (end.saturating_sub(3)..=end).map(move |number| Call { run, task, number })
        };
        (0..TASKS).flat_map(of_task).filter(|call| call.has_key()).collect()
    }

    /// How many calls of a kind were acknowledged.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.calls.keys().filter(|call| call.kind() == kind).count()
    }
}
