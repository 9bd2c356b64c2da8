//! Claims of deliveries that have ended here, and that the server may still have.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use crate::webhook::Claim;

/// More than this are not kept: a claim ends by itself too.
const MOST: usize = 10_000;

/// The claims, by their tokens, until the server has released them.
#[derive(Default)]
pub(super) struct LostClaims(Mutex<HashMap<Box<str>, Lost>>);

struct Lost {
    delivery: Box<str>,
    /// Then it has ended by itself.
    until: Option<Instant>,
}

impl LostClaims {
    pub(super) fn add(&self, claim: &Claim) {
        let mut lost = self.lost();
        if lost.len() < MOST {
            let until = Instant::now().checked_add(claim.expires_in());
            lost.insert(claim.token().into(), Lost { delivery: claim.delivery_key().into(), until });
        }
    }

    pub(super) fn remove(&self, token: &str) {
        self.lost().remove(token);
    }

    /// The deliveries with the tokens of their claims, without those that have ended by themselves.
    pub(super) fn all(&self) -> Vec<(Box<str>, Box<str>)> {
        let now = Instant::now();
        let mut lost = self.lost();
        lost.retain(|_, lost| lost.until.is_none_or(|until| until > now));
        lost.iter().map(|(token, lost)| (lost.delivery.clone(), token.clone())).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.lost().len()
    }

    fn lost(&self) -> MutexGuard<'_, HashMap<Box<str>, Lost>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
