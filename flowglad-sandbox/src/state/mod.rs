//! The state of one sandbox, which all its requests share.

pub(crate) mod start;
mod time;

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    availability::{Availability, CurrentAvailability},
    error::SandboxError,
    exchange_log::ExchangeLog,
    fault::Fault,
    fault_list::FaultList,
    operations::webhooks,
    race::{Arrival, Race},
    records::checkout::CheckoutSession,
    refusal::{ErrorMode, Refusal},
    request_log::{OnRequest, RequestLog},
    rules::checkout::completion::{self, CheckoutError},
    snapshot::{Snapshot, SnapshotError},
    state::start::Start,
    store::Store,
    test_steps,
    usage_ledger::{self, UsageLedgerEntry},
    webhooks::{delivery_log::DeliveryLog, outbox::Outbox, webhook_fault::WebhookFault},
};

pub(crate) struct SandboxState {
    pub(crate) settings: Settings,
    pub(crate) requests: RequestLog,
    pub(crate) exchanges: ExchangeLog,
    pub(crate) faults: FaultList<Fault>,
    pub(crate) availability: CurrentAvailability,
    store: Mutex<Store>,
    outbox: Outbox,
    start: Start,
    on_notice: OnNotice,
}

/// Gets what the developer should know.
pub(crate) type OnNotice = Box<dyn Fn(&str) + Send + Sync>;

/// Who is called as things happen.
pub(crate) struct Watch {
    pub(crate) on_request: OnRequest,
    pub(crate) on_notice: OnNotice,
}

/// The settings that do not change while a sandbox runs.
pub(crate) struct Settings {
    pub(crate) base_url: String,
    pub(crate) api_key: String,
    pub(crate) errors: ErrorMode,
    /// Whether requests that run at the same time see each other's effects.
    pub(crate) orderly: bool,
    /// Whether only this computer can reach the sandbox.
    pub(crate) on_loopback: bool,
    /// Whether the control API and the dashboard can be used.
    pub(crate) control_api_is_open: bool,
}

impl SandboxState {
    pub(crate) fn new(settings: Settings, start: Start, outbox: Outbox, watch: Watch) -> Self {
        Self {
            settings,
            requests: RequestLog::new(watch.on_request),
            exchanges: ExchangeLog::default(),
            faults: FaultList::default(),
            availability: CurrentAvailability::default(),
            store: Mutex::new(start.store()),
            outbox,
            start,
            on_notice: watch.on_notice,
        }
    }

    /// Runs a change as a whole or not at all, and queues the webhook deliveries of what happened.
    pub(crate) fn transaction<T, E>(&self, change: impl FnOnce(&mut Store) -> Result<T, E>) -> Result<T, E> {
        self.with_events_posted(|store| store.transaction(change))
    }

    /// Begins a request: names it, and returns what it sees of others that run at the same time, which is nothing if
    /// requests are orderly.
    pub(crate) fn arrive<T>(&self, name: impl FnOnce(&mut Store) -> T) -> (T, Option<Arrival>) {
        let mut store = self.store();
        let named = name(&mut store);
        (named, (!self.settings.orderly).then(|| store.arrival()))
    }

    /// As [`Self::transaction`], for a request that arrived earlier.
    pub(crate) fn request_transaction<T, E>(
        &self,
        arrival: Option<Arrival>,
        change: impl FnOnce(&mut Store) -> Result<T, E>,
    ) -> Result<T, E> {
        self.with_events_posted(|store| {
            store.races.set_arrival(arrival);
            let outcome = store.transaction(change);
            store.races.set_arrival(None);
            outcome
        })
    }

    pub(crate) fn race_next(&self, race: Race, times: u32) {
        self.store().races.plan(race, times);
    }

    fn with_events_posted<T>(&self, work: impl FnOnce(&mut Store) -> T) -> T {
        let mut store = self.store();
        let outcome = work(&mut store);
        for event in store.take_committed_events() {
            self.outbox.post(&store.tables, &event);
        }
        let notices = store.take_notices();
        drop(store);
        for notice in notices {
            (self.on_notice)(&notice);
        }
        outcome
    }

    pub(crate) fn deliveries(&self) -> &Arc<DeliveryLog> {
        &self.outbox.log
    }

    pub(crate) fn webhook_faults(&self) -> &FaultList<WebhookFault> {
        &self.outbox.faults
    }

    /// Sends the deliveries that a fault holds. Returns how many there are.
    pub(crate) fn release_webhooks(&self) -> usize {
        self.outbox.release()
    }

    /// Delivers an event anew to every webhook that got it. Returns to how many.
    pub(crate) fn redeliver_webhook(&self, delivery_id: &str) -> Result<usize, SandboxError> {
        match self.outbox.redeliver(delivery_id) {
            0 => Err(SandboxError::WebhookDeliveryNotFound { id: delivery_id.to_owned() }),
            count => Ok(count),
        }
    }

    /// Registers a webhook for all events. Returns its secret.
    pub(crate) fn send_webhooks_to(&self, url: &str) -> Result<String, SandboxError> {
        webhooks::check_address(url).map_err(|reason| SandboxError::Refused { reason })?;
        let Ok(secret) = self.transaction(|store| Ok::<_, Infallible>(webhooks::register(store, url, None)));
        Ok(secret)
    }

    /// Gives a webhook a new secret, which is returned.
    pub(crate) fn rotate_webhook_secret(&self, webhook_id: &str) -> Result<String, SandboxError> {
        self.transaction(|store| {
            webhooks::rotate_secret(store, webhook_id)
                .ok_or_else(|| SandboxError::WebhookNotFound { id: webhook_id.to_owned() })
        })
    }

    /// The store, to read or to move its time. Never hold the guard across an `await`.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        // A panic while the lock was held left an unfinished change, which the store undoes by itself.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the pricing model and the time of the start back. The request log stays.
    pub(crate) fn reset(&self) {
        self.replace_store(|| {
            self.start.clock.turn_back_to(self.start.clock_setting);
            self.start.store()
        });
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot::from_store(&self.store(), &self.start.clock)
    }

    /// Goes on with the state of an earlier sandbox, before there is any request.
    pub(crate) fn start_from(&self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        self.restore(snapshot)?;
        self.with_events_posted(|store| {
            let webhooks = store.tables.webhooks.iter().filter(|webhook| webhook.active);
            let of_state = webhooks.filter(|webhook| !self.start.webhooks.are_given(&webhook.url));
            let notices: Vec<String> = of_state
                .map(|webhook| format!("events are delivered to {}, a webhook of the restored state", webhook.url))
                .collect();
            for notice in notices {
                store.note(notice);
            }
        });
        Ok(())
    }

    pub(crate) fn restore(&self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        let (store, now) = snapshot.to_store(&self.start.clock, &self.start.ids)?;
        self.replace_store(|| {
            self.start.clock.set(now);
            let mut store = store;
            self.start.complete(&mut store);
            store
        });
        Ok(())
    }

    /// Replaces the store. Planned faults and pending deliveries belonged to the old one, so they are dropped.
    fn replace_store(&self, new: impl FnOnce() -> Store) {
        let mut store = self.store();
        let mut new = new();
        new.follow(&store);
        if self.start.webhooks.keeps_registered {
            let Ok(()) = new.transaction(|new| {
                webhooks::take_over(new, &store, |url| self.start.webhooks.are_given(url));
                Ok::<_, Infallible>(())
            });
        }
        *store = new;
        self.faults.clear();
        self.availability.set(Availability::Up);
        self.webhook_faults().clear();
        self.deliveries().clear();
    }

    /// Up to `most` usage events from a position on: those of one customer, or of all.
    pub(crate) fn usage_ledger(&self, from: usize, customer: Option<&str>, most: usize) -> Vec<UsageLedgerEntry> {
        usage_ledger::entries(&self.store(), from, customer).take(most).collect()
    }

    pub(crate) fn fail_next_payments(&self, times: u32) {
        let mut store = self.store();
        store.fail_next_payments = store.fail_next_payments.saturating_add(times);
    }

    /// As [`Self::fail_next_payments`], for those of one customer. Returns how many of theirs are declined now.
    pub(crate) fn fail_payments_of(&self, customer_id: &str, times: u32) -> u32 {
        let mut store = self.store();
        let planned = store.fail_payments_of.get(customer_id).copied().unwrap_or(0).saturating_add(times);
        if planned > 0 {
            store.fail_payments_of.insert(customer_id.to_owned(), planned);
        }
        planned
    }

    /// The id of the customer with this external id who is not archived.
    pub(crate) fn customer_id(&self, external_id: &str) -> Result<String, SandboxError> {
        test_steps::customer(&self.store(), external_id).map(|customer| customer.meta.id.clone())
    }

    pub(crate) fn balance(&self, external_id: &str, meter_slug: &str) -> Result<i64, SandboxError> {
        self.transaction(|store| test_steps::balance(store, external_id, meter_slug))
    }

    pub(crate) fn features(&self, external_id: &str) -> Result<Vec<String>, SandboxError> {
        self.transaction(|store| test_steps::features(store, external_id))
    }

    pub(crate) fn complete_checkout_session(&self, id: &str) -> Result<CheckoutSession, CheckoutError> {
        self.end_checkout_session(id, completion::complete)
    }

    pub(crate) fn fail_checkout_session(&self, id: &str) -> Result<CheckoutSession, CheckoutError> {
        self.end_checkout_session(id, completion::fail)
    }

    fn end_checkout_session(
        &self,
        id: &str,
        end: fn(&mut Store, &str) -> Result<(), CheckoutError>,
    ) -> Result<CheckoutSession, CheckoutError> {
        self.transaction(|store| {
            end(store, id)?;
            store.tables.checkout_sessions.find(id).cloned().ok_or(CheckoutError::NotFound)
        })
    }

    pub(crate) fn create_customer(&self, external_id: &str) -> Result<String, Refusal> {
        self.transaction(|store| test_steps::create_customer(store, external_id))
    }

    pub(crate) fn subscribe(&self, external_id: &str, price_slug: &str) -> Result<String, Refusal> {
        self.transaction(|store| test_steps::subscribe(store, external_id, price_slug))
    }
}
