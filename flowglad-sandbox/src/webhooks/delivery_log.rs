//! Which webhook deliveries there were, and how they went.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use tokio::sync::watch;

/// So many deliveries are remembered; older ones are forgotten.
const MOST_REMEMBERED: usize = 10_000;

/// One event on its way to one webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WebhookDelivery {
    /// The value of `svix-id`: the same in every attempt, and for every webhook that gets the event.
    pub id: String,
    /// The webhook's id.
    pub webhook_id: String,
    /// Where the webhook pointed when the event happened.
    pub url: String,
    /// What happened, such as `customer.created`; a receiver is not told.
    pub event_type: String,
    /// The body, byte for byte.
    pub body: String,
    /// How far it got.
    pub state: DeliveryState,
    /// What was tried, oldest first.
    pub attempts: Vec<WebhookAttempt>,
}

/// How far a delivery got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DeliveryState {
    /// It waits for its turn, or for the next attempt.
    Pending,
    /// The receiver answered with a 2xx status.
    Delivered,
    /// The last attempt failed, and there will be no other.
    Failed,
    /// It was never sent, because the sandbox does not send there; the attempt says why.
    Refused,
}

/// One attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WebhookAttempt {
    /// When it was made, in milliseconds since 1970 by the computer's clock.
    pub at: i64,
    /// The headers that were sent.
    pub headers: BTreeMap<&'static str, String>,
    /// The status of the answer, if one came.
    pub status: Option<u16>,
    /// Why there is no status.
    pub error: Option<String>,
}

impl WebhookDelivery {
    pub(crate) fn new(id: String, webhook_id: &str, url: &str, event_type: &str, body: String) -> Self {
        Self {
            id,
            webhook_id: webhook_id.to_owned(),
            url: url.to_owned(),
            event_type: event_type.to_owned(),
            body,
            state: DeliveryState::Pending,
            attempts: Vec::new(),
        }
    }
}

/// The newest deliveries, oldest first.
#[derive(Debug, Default)]
pub(crate) struct DeliveryLog {
    entries: Mutex<Entries>,
    /// How many deliveries are pending; told on every change.
    pending: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Entries {
    deliveries: VecDeque<WebhookDelivery>,
    /// The key of the oldest one; the others follow without a gap.
    first_key: u64,
    pending: usize,
}

impl Entries {
    fn get_mut(&mut self, key: u64) -> Option<&mut WebhookDelivery> {
        let index = usize::try_from(key.checked_sub(self.first_key)?).ok()?;
        self.deliveries.get_mut(index)
    }

    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.deliveries.pop_front() {
            self.first_key += 1;
            self.pending -= usize::from(oldest.state == DeliveryState::Pending);
        }
    }
}

impl DeliveryLog {
    /// Adds a delivery and gives the key to find it by.
    pub(crate) fn add(&self, delivery: WebhookDelivery) -> u64 {
        let mut entries = self.entries();
        if entries.deliveries.len() == MOST_REMEMBERED {
            entries.forget_oldest();
        }
        entries.deliveries.push_back(delivery);
        entries.pending += 1;
        let key = entries.first_key + entries.deliveries.len() as u64 - 1;
        self.tell_pending(&entries);
        key
    }

    /// The delivery, if it still waits.
    pub(crate) fn pending(&self, key: u64) -> Option<WebhookDelivery> {
        self.entries().get_mut(key).filter(|delivery| delivery.state == DeliveryState::Pending).cloned()
    }

    /// Notes an attempt of a pending delivery, and where it stands after that.
    pub(crate) fn note(&self, key: u64, attempt: WebhookAttempt, state: DeliveryState) {
        let mut entries = self.entries();
        let Some(delivery) = entries.get_mut(key) else { return };
        delivery.attempts.push(attempt);
        delivery.state = state;
        entries.pending -= usize::from(state != DeliveryState::Pending);
        self.tell_pending(&entries);
    }

    pub(crate) fn all(&self) -> Vec<WebhookDelivery> {
        self.entries().deliveries.iter().cloned().collect()
    }

    /// Forgets all; what was pending will not be sent.
    pub(crate) fn clear(&self) {
        let mut entries = self.entries();
        entries.first_key += entries.deliveries.len() as u64;
        entries.deliveries.clear();
        entries.pending = 0;
        self.tell_pending(&entries);
    }

    /// Waits until no delivery is pending.
    pub(crate) async fn settled(&self) {
        // The sender is a part of the log, so it is not gone while somebody waits.
        let _ = self.pending.subscribe().wait_for(|pending| *pending == 0).await;
    }

    /// Waits until a delivery is not pending any more.
    pub(crate) async fn gone(&self, key: u64) {
        let mut changes = self.pending.subscribe();
        while self.pending(key).is_some() {
            let _ = changes.changed().await;
        }
    }

    /// Must be called before the lock is given back, so that nobody waiting misses a change.
    fn tell_pending(&self, entries: &Entries) {
        self.pending.send_replace(entries.pending);
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
