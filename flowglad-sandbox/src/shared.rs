//! What all requests to one sandbox share.

use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::http::request_log::RequestLog;
use crate::ids::Ids;
use crate::records::CheckoutSession;
use crate::rules::checkout_completion::{self, Refusal};
use crate::rules::period::DAY_MS;
use crate::rules::{pricing_setup, timeline};
use crate::sandbox::SandboxError;
use crate::seed::Seed;
use crate::store::Store;

/// How far time can move at once: ten years. It keeps a wild number from renewing subscriptions for hours.
const FARTHEST_MS: i64 = 3_653 * DAY_MS;

pub(crate) struct Shared {
    pub(crate) base_url: String,
    pub(crate) api_key: String,
    pub(crate) requests: RequestLog,
    store: Mutex<Store>,
    seed: Seed,
    clock: Clock,
    ids: Ids,
}

impl Shared {
    pub(crate) fn new(base_url: String, api_key: String, seed: Seed, clock: Clock, ids: Ids) -> Self {
        let store = Mutex::new(seeded(&seed, &clock, &ids));
        Self { base_url, api_key, requests: RequestLog::default(), store, seed, clock, ids }
    }

    /// The store, for as long as the guard lives: never across an `await`.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        // A panic while the lock was held left an unfinished change, which the store undoes by itself.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets everything but the seed, and starts the ids from their beginning.
    pub(crate) fn reset(&self) {
        *self.store() = seeded(&self.seed, &self.clock, &self.ids);
    }

    /// Lets time pass until `to` with everything that happens by itself. Gives how many things happened.
    pub(crate) fn advance_to(&self, to: i64) -> Result<usize, SandboxError> {
        let mut store = self.store();
        let now = self.clock.now_ms();
        if to < now {
            return Err(SandboxError::TimeIsOver { to, now });
        }
        let latest = now.saturating_add(FARTHEST_MS);
        if to > latest {
            return Err(SandboxError::TimeIsTooFar { to, latest });
        }
        Ok(timeline::advance(&mut store, &self.clock, to))
    }

    /// As [`Self::advance_to`], so many days from now; more than are possible at a time count as that many.
    pub(crate) fn advance_days(&self, days: u32) -> usize {
        let mut store = self.store();
        let by = (i64::from(days) * DAY_MS).min(FARTHEST_MS);
        timeline::advance(&mut store, &self.clock, self.clock.now_ms().saturating_add(by))
    }

    pub(crate) fn fail_next_payments(&self, times: u32) {
        let mut store = self.store();
        store.fail_next_payments = store.fail_next_payments.saturating_add(times);
    }

    pub(crate) fn complete_checkout_session(&self, id: &str) -> Result<CheckoutSession, Refusal> {
        self.store().transaction(|store| {
            checkout_completion::complete(store, id)?;
            store.tables.checkout_sessions.find(id).cloned().ok_or(Refusal::NotFound)
        })
    }
}

fn seeded(seed: &Seed, clock: &Clock, ids: &Ids) -> Store {
    let mut store = Store::new(clock.clone(), ids.clone());
    let Ok(_) = store.transaction(|store| Ok::<_, Infallible>(pricing_setup::set_up(store, seed.form())));
    store
}
