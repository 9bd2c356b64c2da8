//! The log of webhook deliveries and their attempts.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use tokio::sync::watch;

/// The most deliveries that are kept; then the oldest one is dropped.
const MOST_REMEMBERED: usize = 10_000;

/// The delivery of one event to one webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WebhookDelivery {
    /// The value of `svix-id`: the same in every attempt, and for every webhook that gets the event.
    pub id: String,
    /// The webhook's id.
    pub webhook_id: String,
    /// The webhook's URL at the time of the event.
    pub url: String,
    /// The type of the event, such as `customer.created`. It is not sent to the receiver.
    pub event_type: String,
    /// The request body.
    pub body: String,
    /// The state of the delivery.
    pub state: DeliveryState,
    /// The attempts, oldest first.
    pub attempts: Vec<WebhookAttempt>,
}

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DeliveryState {
    /// It waits for the next attempt.
    Pending,
    /// The receiver responded with a 2xx status.
    Delivered,
    /// The last attempt failed, and no retry follows.
    Failed,
    /// It was not sent, because the sandbox does not deliver there. The attempt has the reason.
    Refused,
}

/// One attempt to deliver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WebhookAttempt {
    /// The time of the attempt, in milliseconds since 1970 by the computer's clock.
    pub at: i64,
    /// The headers that were sent.
    pub headers: BTreeMap<&'static str, String>,
    /// The status of the response, if there was one.
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
    /// How many deliveries are pending. Sent on every change.
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
    /// Adds a delivery. Returns its key.
    pub(crate) fn add(&self, delivery: WebhookDelivery) -> u64 {
        let mut entries = self.entries();
        if entries.deliveries.len() == MOST_REMEMBERED {
            entries.forget_oldest();
        }
        entries.deliveries.push_back(delivery);
        entries.pending += 1;
        let key = entries.first_key + entries.deliveries.len() as u64 - 1;
        self.publish_pending(&entries);
        key
    }

    /// The delivery, if it is pending.
    pub(crate) fn pending(&self, key: u64) -> Option<WebhookDelivery> {
        self.entries().get_mut(key).filter(|delivery| delivery.state == DeliveryState::Pending).cloned()
    }

    /// Adds an attempt to a pending delivery, and sets the state after it.
    pub(crate) fn add_attempt(&self, key: u64, attempt: WebhookAttempt, state: DeliveryState) {
        let mut entries = self.entries();
        let Some(delivery) = entries.get_mut(key) else { return };
        delivery.attempts.push(attempt);
        delivery.state = state;
        entries.pending -= usize::from(state != DeliveryState::Pending);
        self.publish_pending(&entries);
    }

    pub(crate) fn all(&self) -> Vec<WebhookDelivery> {
        self.entries().deliveries.iter().cloned().collect()
    }

    /// Drops all deliveries. Pending ones are not sent.
    pub(crate) fn clear(&self) {
        let mut entries = self.entries();
        entries.first_key += entries.deliveries.len() as u64;
        entries.deliveries.clear();
        entries.pending = 0;
        self.publish_pending(&entries);
    }

    /// Waits until no delivery is pending.
    pub(crate) async fn wait_until_settled(&self) {
        // The sender is a part of the log, so it outlives the wait.
        let _ = self.pending.subscribe().wait_for(|pending| *pending == 0).await;
    }

    /// Waits until a delivery is not pending any more.
    pub(crate) async fn wait_until_finished(&self, key: u64) {
        let mut changes = self.pending.subscribe();
        while self.pending(key).is_some() {
            let _ = changes.changed().await;
        }
    }

    /// Must be called before the lock is released, so that no waiting task misses a change.
    fn publish_pending(&self, entries: &Entries) {
        self.pending.send_replace(entries.pending);
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
