//! Why a token is refused, and where that is said.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use tracing::{debug, warn};

/// Why a token is refused: a sentence of ours that shows nothing of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Refusal(pub(super) &'static str);

/// The refusals of a provider. Each reason is a warning once, so that neither a wrong setting goes unseen nor an attacker
/// fills the log.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    seen: Mutex<HashSet<Refusal>>,
}

impl Refusals {
    /// What was found, or nothing, if it is refused.
    pub(super) fn accepted<T>(&self, provider: &'static str, found: Result<Option<T>, Refusal>) -> Option<T> {
        found.unwrap_or_else(|refusal| {
            self.note(provider, refusal);
            None
        })
    }

    pub(super) fn note(&self, provider: &'static str, refusal: Refusal) {
        let is_new = self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(refusal);
        let Refusal(reason) = refusal;
        if is_new {
            warn!(provider, "a sign-in was refused: {reason}; further ones for this reason are logged as debug");
        } else {
            debug!(provider, "a sign-in was refused: {reason}");
        }
    }
}
