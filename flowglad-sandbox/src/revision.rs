//! Reads the state without a change, and says whether there is something new to read.

use std::{
    convert::Infallible,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use crate::{state::SandboxState, store::Store};

/// The clock of the dashboard shows minutes.
const CLOCK_STEP_MS: i64 = 60_000;

impl SandboxState {
    /// Reads the store as it is now.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Store) -> T) -> T {
        let Ok(found) = self.store().transaction(|store| Ok::<_, Infallible>(read(store)));
        found
    }

    /// A text that changes whenever the dashboard has something new to show.
    pub(crate) fn revision(&self) -> String {
        self.revision_of(&self.store())
    }

    /// As [`Self::revision`], for a store that is locked already.
    pub(crate) fn revision_of(&self, store: &Store) -> String {
        let mut hasher = DefaultHasher::new();
        (store.revision(), store.fail_next_payments, &store.fail_payments_of).hash(&mut hasher);
        (self.requests.revision(), self.deliveries().revision(), self.now() / CLOCK_STEP_MS).hash(&mut hasher);
        (self.faults.uses_left(), self.webhook_faults().uses_left()).hash(&mut hasher);
        format!("{:?}", self.availability.get()).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }
}
