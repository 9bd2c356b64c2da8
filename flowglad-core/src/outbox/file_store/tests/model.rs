//! Random operations on a failing disk, compared with what was promised.

use bytes::Bytes;
use proptest::prelude::*;

use super::{
    expected::{Change, Model, Outcome, Seen, reason},
    simulated_disk::SimulatedDisk,
};
use crate::{
    cache::StoreError,
    model::Timestamp,
    outbox::{
        file_store::{
            changes,
            connection::Connection,
            rows::{read_dead, read_keys, read_pending},
        },
        store::{Appended, Ended, NewRecord, Sequence},
    },
};

struct Driver {
    disk: SimulatedDisk,
    connection: Option<Connection>,
    random: fastrand::Rng,
    model: Model,
    /// What may be in the file instead, if the power fails before a failed change is set back.
    or: Option<Model>,
    highest: Sequence,
    seen: Seen,
    clock: i64,
    next_id: u64,
    counts: Counts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    changes: u64,
    refused: u64,
    crashes: u64,
    failures: u64,
    operations: u64,
}

impl Driver {
    fn new(seed: u64) -> Self {
        let mut driver = Self {
            disk: SimulatedDisk::new(!seed),
            connection: None,
            random: fastrand::Rng::with_seed(seed),
            model: Model::default(),
            or: None,
            highest: 0,
            seen: Seen::default(),
            clock: 0,
            next_id: 0,
            counts: Counts::default(),
        };
        driver.reopen();
        driver
    }

    fn step(&mut self) {
        self.clock += 1;
        match self.random.u8(..40) {
            0 => {
                self.connection = None;
                self.recover();
            }
            1 => {
                let _ = self.connection.as_mut().expect("it is open").compact();
            }
            _ => {
                if self.look() {
                    let change = self.random_change();
                    self.make(&change);
                }
            }
        }
        self.recover();
        self.look();
        self.recover();
    }

    /// Compares what the store shows with the model. `false`: it cannot be read now.
    fn look(&mut self) -> bool {
        let Ok(seen) = see(self.connection.as_mut().expect("it is open")) else { return false };
        self.compare(seen);
        true
    }

    /// Makes a change of a store that shows the model, and compares its result.
    fn make(&mut self, change: &Change) {
        let connection = self.connection.as_mut().expect("it is open");
        self.counts.changes += 1;
        let mut after = self.model.clone();
        let expected = after.apply(change);
        if let Ok(outcome) = run(connection, change, &self.seen, &mut self.highest) {
            assert_eq!(outcome, expected, "{change:?}");
            (self.model, self.or) = (after, None);
        } else {
            self.counts.refused += 1;
            self.or = Some(after);
        }
    }

    /// What an open store shows is exactly the model.
    fn compare(&mut self, seen: Seen) {
        self.model.ensure_shown(&seen).unwrap();
        self.or = None;
        self.seen = seen;
    }

    /// Starts the process again if the power failed.
    fn recover(&mut self) {
        if self.disk.is_crashed() {
            self.counts.crashes += 1;
            self.connection = None;
            self.disk.reboot();
            if self.random.u8(..3) == 0 {
                self.disk.crash_after(self.random.u64(1..40));
            }
        }
        if self.connection.is_none() {
            self.reopen();
        }
    }

    fn reopen(&mut self) {
        for attempt in 0.. {
            // A disk that fails all the time says nothing.
            if attempt == 20 {
                self.disk.fail(None);
            }
            assert!(attempt < 40, "it cannot be opened");
            match Connection::open(self.disk.clone()) {
                Ok(connection) => {
                    let mut connection = connection.without_pause();
                    let seen = see(&mut connection);
                    self.connection = Some(connection);
                    if let Ok(seen) = seen {
                        return self.choose(seen);
                    }
                }
                Err(error) => {
                    let is_faulty = self.disk.is_crashed() || self.disk.is_full() || self.disk.failures() > 0;
                    assert!(is_faulty, "{error}");
                }
            }
            self.connection = None;
            if self.disk.is_crashed() {
                self.counts.crashes += 1;
                self.disk.reboot();
            }
            self.disk.set_full(false);
        }
    }

    /// After a crash, a failed change that was not set back is there as a whole, or not at all.
    fn choose(&mut self, seen: Seen) {
        if let Some(or) = self.or.take()
            && self.model.ensure_shown(&seen).is_err()
        {
            self.model = or;
        }
        self.compare(seen);
    }

    fn random_change(&mut self) -> Change {
        let (pending, dead) = (self.seen.pending.len(), self.seen.dead.len());
        match self.random.u8(..20) {
            0..11 => Change::Append((0..self.random.usize(1..6)).map(|_| self.random_record()).collect()),
            11..16 => {
                let ended = self.positions(pending);
                let (dead, delivered) = ended.into_iter().partition(|_| self.random.u8(..4) == 0);
                Change::End(delivered, dead)
            }
            16..18 => Change::Discard(self.positions(dead)),
            _ => Change::ForgetKeys(Timestamp::from_millis(self.clock - self.random.i64(0..20))),
        }
    }

    fn random_record(&mut self) -> NewRecord {
        self.next_id += 1;
        // Some records are larger than a page of the file.
        let length = if self.random.u8(..20) == 0 { 6000 } else { self.random.usize(..200) };
        let bytes = Bytes::from(format!("{}:{}", self.next_id, "x".repeat(length)));
        let key = match self.random.u8(..5) {
            0 | 1 => None,
            2 | 3 => Some(self.next_id),
            _ => Some(self.random.u64(..=self.next_id)),
        };
        let key = key.map(|key| format!("key {key}").into_bytes().into_boxed_slice());
        NewRecord { key, recorded_at: Timestamp::from_millis(self.clock), bytes }
    }

    fn positions(&mut self, length: usize) -> Vec<usize> {
        (0..length).filter(|_| self.random.bool()).collect()
    }

    /// Compares the keys, by recording with each of them.
    fn end(mut self) -> Counts {
        self.disk.fail(None);
        self.disk.set_full(false);
        self.connection = None;
        self.recover();
        let records = (0..=self.next_id).map(|id| NewRecord {
            key: Some(format!("key {id}").into_bytes().into_boxed_slice()),
            recorded_at: Timestamp::from_millis(self.clock),
            bytes: Bytes::from_static(b"last"),
        });
        let change = Change::Append(records.collect());
        self.make(&change);
        self.counts.failures = self.disk.failures();
        self.counts.operations = self.disk.operations();
        self.counts
    }
}

fn see(connection: &mut Connection) -> Result<Seen, StoreError> {
    let pending = connection.read(|file| read_pending(file, 0, usize::MAX))?;
    let dead = connection.read(|file| read_dead(file, 0, usize::MAX))?;
    let keys = connection.read(read_keys)?;
    Ok(Seen { pending, dead, keys, totals: connection.sums()?.totals })
}

fn run(
    connection: &mut Connection,
    change: &Change,
    seen: &Seen,
    highest: &mut Sequence,
) -> Result<Outcome, StoreError> {
    let mut grow = |sequence: Sequence| {
        assert!(sequence > *highest, "sequence {sequence} after {highest}");
        *highest = sequence;
    };
    let pending = |at: &usize| seen.pending[*at].sequence;
    let dead = |at: &usize| seen.dead[*at].record.sequence;
    Ok(match change {
        Change::Append(records) => {
            let appended = connection.write(|rows| changes::append(rows, records))?;
            let is_new = |appended: &Appended| match appended {
                Appended::New(sequence) => {
                    grow(*sequence);
                    true
                }
                Appended::Before => false,
            };
            Outcome::Appended(appended.iter().map(is_new).collect())
        }
        Change::End(delivered, refused) => {
            let ended = Ended {
                delivered: delivered.iter().map(pending).collect(),
                dead: refused.iter().map(|at| (pending(at), reason(*at))).collect(),
            };
            connection.write(|rows| changes::end(rows, &ended))?;
            Outcome::Ended
        }
        Change::Discard(positions) => {
            let sequences: Vec<Sequence> = positions.iter().map(dead).collect();
            Outcome::Discarded(connection.write(|rows| changes::discard(rows, &sequences))?)
        }
        Change::ForgetKeys(before) => {
            connection.write(|rows| changes::forget_keys(rows, *before))?;
            Outcome::Forgotten
        }
    })
}

/// A run with these many steps, in which the power fails at an operation of the disk.
fn run_with_crash(seed: u64, steps: usize, crash_at: Option<u64>) -> Counts {
    let mut driver = Driver::new(seed);
    if let Some(at) = crash_at {
        driver.disk.crash_after(at);
    }
    for _ in 0..steps {
        driver.step();
    }
    driver.end()
}

#[test]
fn a_crash_at_any_operation_of_the_disk_loses_nothing_and_brings_nothing_back() {
    let mut crashes = 0;
    for seed in 0..2 {
        let operations = run_with_crash(seed, 30, None).operations;
        for at in 1..operations {
            crashes += run_with_crash(seed, 30, Some(at)).crashes;
        }
    }
    assert!(crashes > 800, "{crashes}");
}

fn run_on_failing_disk(seed: u64, one_of: u32) {
    let mut driver = Driver::new(seed);
    for _ in 0..60 {
        driver.disk.fail((driver.random.u8(..3) > 0).then_some(one_of));
        if driver.random.u8(..20) == 0 {
            driver.disk.crash_now();
        } else if driver.random.u8(..10) == 0 {
            driver.disk.crash_after(driver.random.u64(1..60));
        }
        driver.disk.set_full(driver.random.u8(..6) == 0);
        driver.step();
    }
    driver.end();
}

/// An error while the file was opened had left pages that were on no disk, and a crash then took them.
#[test]
fn what_a_start_has_failed_to_write_is_written_by_the_next() {
    run_on_failing_disk(10_594_062_102_698_025_271, 108);
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn on_a_failing_disk_nothing_is_lost_and_nothing_comes_back(seed: u64, one_of in 5..200_u32) {
        run_on_failing_disk(seed, one_of);
    }
}
