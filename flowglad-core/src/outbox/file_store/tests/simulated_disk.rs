//! A disk in memory: it fails, is full, and loses what was not synced.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use redb::{Database, DatabaseError, StorageBackend};

use crate::outbox::file_store::disk::{Disk, builder};

/// What a disk writes as a whole.
const SECTOR: usize = 512;

/// What a file system allocates as a whole.
const BLOCK: usize = 4096;

#[derive(Clone, Debug)]
pub(super) struct SimulatedDisk(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    random: fastrand::Rng,
    /// What reading shows.
    shown: Vec<u8>,
    /// What a crash leaves at least.
    durable: Vec<u8>,
    /// Sectors that the next sync writes.
    unwritten: BTreeSet<usize>,
    allocated: BTreeSet<usize>,
    /// Writes, syncs and changes of the length.
    operations: u64,
    crash_at: Option<u64>,
    is_crashed: bool,
    is_full: bool,
    /// One operation of so many fails.
    failing: Option<u32>,
    failures: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Read,
    Write,
    Resize,
    Sync,
}

impl SimulatedDisk {
    pub(super) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            random: fastrand::Rng::with_seed(seed),
            shown: Vec::new(),
            durable: Vec::new(),
            unwritten: BTreeSet::new(),
            allocated: BTreeSet::new(),
            operations: 0,
            crash_at: None,
            is_crashed: false,
            is_full: false,
            failing: None,
            failures: 0,
        })))
    }

    /// The power fails at this operation, counted from now.
    pub(super) fn crash_after(&self, operations: u64) {
        let mut state = self.state();
        state.crash_at = Some(state.operations + operations);
    }

    pub(super) fn crash_now(&self) {
        self.state().is_crashed = true;
    }

    pub(super) fn is_crashed(&self) -> bool {
        self.state().is_crashed
    }

    /// One operation of `one_of` fails from now on; `None`: none does.
    pub(super) fn fail(&self, one_of: Option<u32>) {
        self.state().failing = one_of;
    }

    pub(super) fn set_full(&self, is_full: bool) {
        self.state().is_full = is_full;
    }

    pub(super) fn is_full(&self) -> bool {
        self.state().is_full
    }

    pub(super) fn operations(&self) -> u64 {
        self.state().operations
    }

    pub(super) fn failures(&self) -> u64 {
        self.state().failures
    }

    /// Restarts after a crash: of what was not synced, any sectors are lost.
    pub(super) fn reboot(&self) {
        let state = &mut *self.state();
        let kept = [0, 1, 2][state.random.usize(..3)];
        if state.random.bool() {
            let length = state.shown.len();
            state.durable.resize(length, 0);
        }
        for sector in std::mem::take(&mut state.unwritten) {
            if kept == 2 || (kept == 1 && state.random.bool()) {
                state.persist(sector);
            }
        }
        state.shown.clone_from(&state.durable);
        (state.is_crashed, state.crash_at, state.is_full) = (false, None, false);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Counts an operation. An error: it fails, or the power does.
    fn step(&mut self, step: Step) -> io::Result<()> {
        if self.is_crashed {
            return Err(io::Error::other("no power"));
        }
        // A crash at a read is one at the next write.
        self.operations += u64::from(step != Step::Read);
        if step != Step::Read && self.crash_at.is_some_and(|at| self.operations >= at) {
            self.is_crashed = true;
            return Err(io::Error::other("no power"));
        }
        // Reads are most of the operations and seldom fail.
        let weight = if step == Step::Read { 8 } else { 1 };
        if self.failing.is_some_and(|one_of| self.random.u32(..one_of * weight) == 0) {
            self.failures += 1;
            return Err(io::Error::other("input/output error"));
        }
        Ok(())
    }

    fn persist(&mut self, sector: usize) {
        let start = sector * SECTOR;
        let end = (start + SECTOR).min(self.shown.len()).min(self.durable.len());
        if start < end {
            self.durable[start..end].copy_from_slice(&self.shown[start..end]);
        }
    }

    fn write(&mut self, offset: usize, data: &[u8]) -> io::Result<()> {
        let result = self.step(Step::Write);
        let is_new = |state: &Self, at: usize| !state.allocated.contains(&(at / BLOCK));
        for (number, sector) in data.chunks(SECTOR).enumerate() {
            let at = offset + number * SECTOR;
            if result.is_err() && self.random.bool() {
                continue;
            }
            if self.is_full && is_new(self, at) {
                self.failures += 1;
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.allocated.insert(at / BLOCK);
            self.shown[at..at + sector.len()].copy_from_slice(sector);
            self.unwritten.extend(at / SECTOR..=(at + sector.len() - 1) / SECTOR);
        }
        result
    }

    fn sync(&mut self) -> io::Result<()> {
        let result = self.step(Step::Sync);
        if self.is_crashed {
            return result;
        }
        let is_whole = result.is_ok();
        if is_whole || self.random.bool() {
            let length = self.shown.len();
            self.durable.resize(length, 0);
        }
        let are_forgotten = is_whole || self.random.bool();
        let unwritten = self.unwritten.clone();
        for sector in unwritten {
            if is_whole || self.random.bool() {
                self.persist(sector);
            }
        }
        if are_forgotten {
            self.unwritten.clear();
        }
        result
    }

    /// Shows for some sectors that an error has lost what is on the disk.
    fn evict(&mut self) {
        let length = self.shown.len().min(self.durable.len());
        for sector in 0..length / SECTOR {
            let range = sector * SECTOR..(sector + 1) * SECTOR;
            let is_lost = !self.unwritten.contains(&sector) && self.shown[range.clone()] != self.durable[range.clone()];
            if is_lost && self.random.u8(..4) == 0 {
                self.shown[range.clone()].copy_from_slice(&self.durable[range]);
            }
        }
    }
}

impl Disk for SimulatedDisk {
    fn open(&self) -> Result<Database, DatabaseError> {
        builder(0).create_with_backend(self.clone())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.state().shown.len() as u64)
    }

    fn write_again(&self) -> io::Result<()> {
        let state = &mut *self.state();
        state.evict();
        for at in (0..state.shown.len()).step_by(BLOCK) {
            let page = state.shown[at..(at + BLOCK).min(state.shown.len())].to_vec();
            if page.iter().any(|byte| *byte != 0) {
                state.write(at, &page)?;
            }
        }
        state.sync()
    }
}

impl StorageBackend for SimulatedDisk {
    fn len(&self) -> io::Result<u64> {
        self.size()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = &mut *self.state();
        state.step(Step::Read)?;
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let found = state.shown.get(start..start + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(found);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let state = &mut *self.state();
        state.step(Step::Resize)?;
        let length = usize::try_from(len).map_err(io::Error::other)?;
        state.shown.resize(length, 0);
        state.allocated.retain(|block| block * BLOCK < length);
        state.unwritten.retain(|sector| sector * SECTOR < length);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.state().sync()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.state().write(usize::try_from(offset).map_err(io::Error::other)?, data)
    }
}
