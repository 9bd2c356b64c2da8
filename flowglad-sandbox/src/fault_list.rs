//! The faults that tests injected and that are not used up.

use std::sync::{Mutex, MutexGuard, PoisonError};

const MOST_FAULTS: usize = 1_000;

/// A kind of fault.
pub(crate) trait Injectable: Clone {
    /// Why the fault is invalid, if it is.
    fn problem(&self) -> Option<&'static str>;

    /// How often it is still applied.
    fn times_left(&mut self) -> &mut u32;
}

/// The faults of a kind, in the order in which they are matched.
#[derive(Debug)]
pub(crate) struct FaultList<F>(Mutex<Vec<F>>);

impl<F> Default for FaultList<F> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<F: Injectable> FaultList<F> {
    pub(crate) fn add(&self, mut fault: F) -> Result<(), &'static str> {
        if *fault.times_left() == 0 {
            return Err("times must be at least 1");
        }
        if let Some(problem) = fault.problem() {
            return Err(problem);
        }
        let mut faults = self.faults();
        if faults.len() == MOST_FAULTS {
            return Err("there are 1000 faults already");
        }
        faults.push(fault);
        Ok(())
    }

    pub(crate) fn all(&self) -> Vec<F> {
        self.faults().clone()
    }

    /// How often the faults are still applied in all.
    pub(crate) fn uses_left(&self) -> u64 {
        self.faults().iter_mut().map(|fault| u64::from(*fault.times_left())).sum()
    }

    /// Removes the fault at a place in the list.
    pub(crate) fn remove(&self, index: usize) {
        let mut faults = self.faults();
        if index < faults.len() {
            faults.remove(index);
        }
    }

    pub(crate) fn clear(&self) {
        self.faults().clear();
    }

    /// Takes one use of the first fault that matches.
    pub(crate) fn take(&self, matches: impl FnMut(&F) -> bool) -> Option<F> {
        let mut faults = self.faults();
        let index = faults.iter().position(matches)?;
        *faults[index].times_left() -= 1;
        let fault = faults[index].clone();
        faults.retain_mut(|fault| *fault.times_left() > 0);
        Some(fault)
    }

    fn faults(&self) -> MutexGuard<'_, Vec<F>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
