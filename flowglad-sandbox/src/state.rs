//! The state of one sandbox, which all its requests share.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    availability::{Availability, CurrentAvailability},
    clock::{Clock, ClockSetting, END_OF_TIME_MS},
    error::SandboxError,
    exchange_log::ExchangeLog,
    fault::Fault,
    fault_list::FaultList,
    ids::Ids,
    operations::webhooks,
    pricing_model::PricingModel,
    race::{Arrival, Race},
    records::checkout::CheckoutSession,
    refusal::{ErrorMode, Refusal},
    request_log::{OnRequest, RequestLog},
    rules::{
        billing::period::DAY_MS,
        checkout::completion::{self, CheckoutError},
        pricing::setup,
        timeline,
    },
    snapshot::{Snapshot, SnapshotError},
    store::Store,
    test_steps,
    usage_ledger::{self, UsageLedgerEntry},
    webhooks::{delivery_log::DeliveryLog, outbox::Outbox, webhook_fault::WebhookFault},
};

/// How far time can move at once: ten years. It keeps a huge number from renewing subscriptions for hours.
const FARTHEST_MS: i64 = 3_653 * DAY_MS;

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

/// What a sandbox has when it starts, and again after each reset.
pub(crate) struct Start {
    pricing_model: PricingModel,
    clock: Clock,
    clock_setting: ClockSetting,
    ids: Ids,
    key_stays: bool,
    webhooks: GivenWebhooks,
}

/// The webhooks that do not go with the state.
#[derive(Clone, Default)]
pub(crate) struct GivenWebhooks {
    pub(crate) at_start: Vec<GivenWebhook>,
    /// Whether those that the app has registered stay too.
    pub(crate) keeps_registered: bool,
}

/// A webhook that a sandbox is started with.
#[derive(Clone)]
pub(crate) struct GivenWebhook {
    pub(crate) url: String,
    pub(crate) secret: String,
}

impl Start {
    pub(crate) fn new(
        pricing_model: PricingModel,
        clock: Clock,
        ids: Ids,
        key_stays: bool,
        webhooks: GivenWebhooks,
    ) -> Self {
        Self { pricing_model, clock_setting: clock.setting(), clock, ids, key_stays, webhooks }
    }

    fn store(&self) -> Store {
        let mut store = Store::new(self.clock.clone(), self.ids.begin());
        let Ok(_) = store.transaction(|store| Ok::<_, Infallible>(setup::set_up(store, self.pricing_model.form())));
        self.complete(&mut store);
        store
    }

    /// Adds what belongs to the sandbox whatever its state is.
    fn complete(&self, store: &mut Store) {
        store.key_stays = self.key_stays;
        for GivenWebhook { url, secret } in &self.webhooks.at_start {
            if !webhooks::is_registered(store, url, secret) {
                let Ok(_) =
                    store.transaction(|store| Ok::<_, Infallible>(webhooks::register(store, url, Some(secret))));
            }
        }
    }
}

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
                webhooks::take_over(new, &store);
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

    /// The clock, for the app under test.
    pub(crate) fn shared_clock(&self) -> Clock {
        self.start.clock.share();
        self.start.clock.clone()
    }

    pub(crate) fn now(&self) -> i64 {
        self.start.clock.now_ms()
    }

    /// Moves the time to `to`, with everything that happens by itself until then. Returns how many things happened.
    pub(crate) fn advance_to(&self, to: i64) -> Result<usize, SandboxError> {
        let clock = &self.start.clock;
        self.with_events_posted(|store| {
            let now = clock.now_ms();
            if to < now {
                return Err(SandboxError::TimeInPast { to, now });
            }
            let latest = latest_after(now);
            if to > latest {
                return Err(SandboxError::TimeTooFarAhead { to, latest });
            }
            Ok(timeline::advance(store, clock, to))
        })
    }

    /// As [`Self::advance_to`], by a number of days; more than are possible count as those that are.
    pub(crate) fn advance_days(&self, days: u32) -> usize {
        self.advance_at_least_to(self.now().saturating_add(i64::from(days) * DAY_MS))
    }

    /// As [`Self::advance_to`], to the nearest time that is possible.
    fn advance_at_least_to(&self, to: i64) -> usize {
        let clock = &self.start.clock;
        self.with_events_posted(|store| {
            let now = clock.now_ms();
            timeline::advance(store, clock, to.clamp(now, latest_after(now)))
        })
    }

    pub(crate) fn fail_next_payments(&self, times: u32) {
        let mut store = self.store();
        store.fail_next_payments = store.fail_next_payments.saturating_add(times);
    }

    /// As [`Self::fail_next_payments`], for those of one customer. Returns how many of theirs are declined now.
    pub(crate) fn fail_payments_of(&self, external_id: &str, times: u32) -> Result<u32, SandboxError> {
        let mut store = self.store();
        let customer_id = test_steps::customer(&store, external_id)?.meta.id.clone();
        let planned = store.fail_payments_of.get(&customer_id).copied().unwrap_or(0).saturating_add(times);
        if planned > 0 {
            store.fail_payments_of.insert(customer_id, planned);
        }
        Ok(planned)
    }

    /// Moves the time to when the first subscription of a customer renews. Returns how many things happened.
    pub(crate) fn advance_to_next_renewal(&self, external_id: &str) -> Result<usize, SandboxError> {
        let due = test_steps::next_renewal(&self.store(), external_id)?;
        Ok(self.advance_at_least_to(due))
    }

    /// Moves the time through the retries of a customer's declined payment, until it is paid or given up. Returns how many
    /// retries there were.
    pub(crate) fn advance_through_dunning(&self, external_id: &str) -> Result<usize, SandboxError> {
        let mut retries = 0;
        let next_retry = || test_steps::next_retry(&self.store(), external_id);
        while let Some(due) = next_retry()? {
            self.advance_at_least_to(due);
            retries += 1;
        }
        if retries == 0 {
            let reason = format!("no declined payment of {external_id} is to be retried");
            return Err(SandboxError::Refused { reason });
        }
        Ok(retries)
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

/// How far time can move from `now`. A clock that the test itself has set beyond the end stays where it is.
fn latest_after(now: i64) -> i64 {
    now.saturating_add(FARTHEST_MS).min(END_OF_TIME_MS).max(now)
}
