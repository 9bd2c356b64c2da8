//! What all requests to one sandbox share.

use std::convert::Infallible;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::http::request_log::RequestLog;
use crate::ids::Ids;
use crate::records::{ApiKey, CheckoutSession};
use crate::rules::checkout_completion::{self, Refusal};
use crate::rules::pricing_setup;
use crate::seed::Seed;
use crate::store::Store;

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
        let store = Mutex::new(seeded(&seed, &clock, &ids, &api_key));
        Self { base_url, api_key, requests: RequestLog::default(), store, seed, clock, ids }
    }

    /// The store, for as long as the guard lives: never across an `await`.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        // A panic while the lock was held left an unfinished change, which the store undoes by itself.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets everything but the seed, and starts the ids from their beginning.
    pub(crate) fn reset(&self) {
        *self.store() = seeded(&self.seed, &self.clock, &self.ids, &self.api_key);
    }

    /// The id of the API key's record, if a restored state still has the key.
    pub(crate) fn api_key_id(&self) -> Option<String> {
        let store = self.store();
        let key = store.tables.api_keys.iter().find(|key| key.token == self.api_key);
        key.map(|key| key.head.id.clone())
    }

    pub(crate) fn complete_checkout_session(&self, id: &str) -> Result<CheckoutSession, Refusal> {
        self.store().transaction(|store| {
            checkout_completion::complete(store, id)?;
            store.tables.checkout_sessions.find(id).cloned().ok_or(Refusal::NotFound)
        })
    }
}

fn seeded(seed: &Seed, clock: &Clock, ids: &Ids, api_key: &str) -> Store {
    let mut store = Store::new(clock.clone(), ids.clone());
    let Ok(_) = store.transaction(|store| {
        pricing_setup::set_up(store, seed.form());
        let key = ApiKey::of(store.head::<ApiKey>(), store.organization_id.clone(), api_key);
        Ok::<_, Infallible>(store.tables.api_keys.insert(key))
    });
    store
}
