//! What all requests to one sandbox share.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::error::SandboxError;
use crate::http::api_error::{ApiError, Errors};
use crate::http::faults::FaultList;
use crate::http::request_log::RequestLog;
use crate::ids::Ids;
use crate::records::CheckoutSession;
use crate::rules::checkout_completion::{self, Refusal};
use crate::rules::period::DAY_MS;
use crate::rules::{pricing_setup, timeline};
use crate::seed::Seed;
use crate::shortcuts;
use crate::snapshot::{Snapshot, SnapshotError};
use crate::store::Store;
use crate::webhooks::delivery_log::DeliveryLog;
use crate::webhooks::outbox::Outbox;

/// How far time can move at once: ten years. It keeps a wild number from renewing subscriptions for hours.
const FARTHEST_MS: i64 = 3_653 * DAY_MS;

pub(crate) struct Shared {
    pub(crate) base_url: String,
    pub(crate) api_key: String,
    pub(crate) errors: Errors,
    /// Whether nobody but this computer can reach the sandbox.
    pub(crate) on_loopback: bool,
    pub(crate) requests: RequestLog,
    pub(crate) faults: FaultList,
    pub(crate) deliveries: Arc<DeliveryLog>,
    store: Mutex<Store>,
    start: Start,
}

/// What a sandbox begins with, each time that it begins.
pub(crate) struct Start {
    pub(crate) seed: Seed,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) outbox: Outbox,
}

impl Start {
    fn store(&self) -> Store {
        let mut store = Store::new(self.clock.clone(), self.ids.clone()).with_outbox(self.outbox.clone());
        let Ok(_) = store.transaction(|store| Ok::<_, Infallible>(pricing_setup::set_up(store, self.seed.form())));
        store
    }
}

impl Shared {
    pub(crate) fn new(base_url: String, api_key: String, errors: Errors, on_loopback: bool, start: Start) -> Self {
        Self {
            base_url,
            api_key,
            errors,
            on_loopback,
            requests: RequestLog::default(),
            faults: FaultList::default(),
            deliveries: Arc::clone(&start.outbox.log),
            store: Mutex::new(start.store()),
            start,
        }
    }

    /// The store, for as long as the guard lives: never across an `await`.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        // A panic while the lock was held left an unfinished change, which the store undoes by itself.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets everything but the seed and which requests came in, and starts the ids from their beginning.
    pub(crate) fn reset(&self) {
        self.begin_with(self.start.store(), None);
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.store(), &self.start.clock)
    }

    pub(crate) fn restore(&self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        let (store, now) = snapshot.open(&self.start.clock)?;
        self.begin_with(store.with_outbox(self.start.outbox.clone()), Some(now));
        Ok(())
    }

    /// Goes on with another store. What was planned or under way in the old one belongs to nothing any more.
    fn begin_with(&self, new: Store, now: Option<i64>) {
        let mut store = self.store();
        if let Some(now) = now {
            self.start.clock.set(now);
        }
        *store = new;
        self.faults.clear();
        self.deliveries.clear();
    }

    pub(crate) fn now(&self) -> i64 {
        self.start.clock.now_ms()
    }

    /// Lets time pass until `to` with everything that happens by itself. Gives how many things happened.
    pub(crate) fn advance_to(&self, to: i64) -> Result<usize, SandboxError> {
        let mut store = self.store();
        let now = self.start.clock.now_ms();
        if to < now {
            return Err(SandboxError::TimeIsOver { to, now });
        }
        let latest = now.saturating_add(FARTHEST_MS);
        if to > latest {
            return Err(SandboxError::TimeIsTooFar { to, latest });
        }
        Ok(timeline::advance(&mut store, &self.start.clock, to))
    }

    /// As [`Self::advance_to`], so many days from now; more than are possible at a time count as that many.
    pub(crate) fn advance_days(&self, days: u32) -> usize {
        let mut store = self.store();
        let by = (i64::from(days) * DAY_MS).min(FARTHEST_MS);
        timeline::advance(&mut store, &self.start.clock, self.start.clock.now_ms().saturating_add(by))
    }

    pub(crate) fn fail_next_payments(&self, times: u32) {
        let mut store = self.store();
        store.fail_next_payments = store.fail_next_payments.saturating_add(times);
    }

    pub(crate) fn complete_checkout_session(&self, id: &str) -> Result<CheckoutSession, Refusal> {
        self.end_checkout_session(id, checkout_completion::complete)
    }

    pub(crate) fn fail_checkout_session(&self, id: &str) -> Result<CheckoutSession, Refusal> {
        self.end_checkout_session(id, checkout_completion::fail)
    }

    fn end_checkout_session(
        &self,
        id: &str,
        end: fn(&mut Store, &str) -> Result<(), Refusal>,
    ) -> Result<CheckoutSession, Refusal> {
        self.store().transaction(|store| {
            end(store, id)?;
            store.tables.checkout_sessions.find(id).cloned().ok_or(Refusal::NotFound)
        })
    }

    pub(crate) fn create_customer(&self, external_id: &str) -> Result<String, ApiError> {
        self.store().transaction(|store| shortcuts::create_customer(store, external_id))
    }

    pub(crate) fn subscribe(&self, external_id: &str, price_slug: &str) -> Result<String, ApiError> {
        self.store().transaction(|store| shortcuts::subscribe(store, external_id, price_slug))
    }
}
