//! The log of webhook deliveries: the state of each, and who waits for which.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use crate::webhooks::{
    delivery::{DeliveryState, WebhookAttempt, WebhookDelivery},
    webhook_fault::Hold,
};

/// The most deliveries that are kept; then the oldest one is dropped.
const MOST_REMEMBERED: usize = 10_000;

/// One delivery that waits for its turn.
#[derive(Debug)]
pub(crate) struct QueuedDelivery {
    pub(crate) webhook_id: String,
    /// Its key in the delivery log.
    pub(crate) key: u64,
}

/// The newest deliveries, oldest first.
#[derive(Debug, Default)]
pub(crate) struct DeliveryLog {
    entries: Mutex<Entries>,
    /// How many deliveries are pending. Sent on every change.
    pending: watch::Sender<usize>,
}

#[derive(Debug)]
struct Entry {
    delivery: WebhookDelivery,
    /// Whether the next retry comes without a pause.
    retry_at_once: bool,
}

#[derive(Debug, Default)]
struct Entries {
    newest: VecDeque<Entry>,
    /// The key of the oldest one; the others follow without a gap.
    first_key: u64,
    pending: usize,
    /// How many changes there were.
    revision: u64,
    /// The keys of those that are held until the next delivery to their webhook has ended, oldest first.
    until_next: Vec<u64>,
}

impl Entries {
    fn get_mut(&mut self, key: u64) -> Option<&mut Entry> {
        let index = usize::try_from(key.checked_sub(self.first_key)?).ok()?;
        self.newest.get_mut(index)
    }

    fn push(&mut self, delivery: WebhookDelivery) -> u64 {
        if self.newest.len() == MOST_REMEMBERED {
            self.forget_oldest();
        }
        self.pending += usize::from(delivery.state == DeliveryState::Pending);
        self.newest.push_back(Entry { delivery, retry_at_once: false });
        self.first_key + self.newest.len() as u64 - 1
    }

    fn forget_oldest(&mut self) {
        if let Some(Entry { delivery, .. }) = self.newest.pop_front() {
            self.until_next.retain(|key| *key != self.first_key);
            self.first_key += 1;
            self.pending -= usize::from(delivery.state == DeliveryState::Pending);
        }
    }

    /// Sets a delivery's state. Returns the id of its webhook.
    fn set_state(&mut self, key: u64, state: DeliveryState) -> Option<String> {
        let delivery = &mut self.get_mut(key)?.delivery;
        let before = std::mem::replace(&mut delivery.state, state);
        let webhook_id = delivery.webhook_id.clone();
        self.pending += usize::from(state == DeliveryState::Pending);
        self.pending -= usize::from(before == DeliveryState::Pending);
        Some(webhook_id)
    }

    /// Makes a delivery that is not pending wait for its turn.
    fn requeue(&mut self, key: u64) -> Option<QueuedDelivery> {
        self.until_next.retain(|held| *held != key);
        let webhook_id = self.set_state(key, DeliveryState::Pending)?;
        Some(QueuedDelivery { webhook_id, key })
    }

    /// The keys of the deliveries that meet a condition, oldest first.
    fn keys_where(&self, condition: impl Fn(&WebhookDelivery) -> bool) -> Vec<u64> {
        let keyed = (self.first_key..).zip(&self.newest);
        keyed.filter(|(_, entry)| condition(&entry.delivery)).map(|(key, _)| key).collect()
    }
}

impl DeliveryLog {
    /// Adds a delivery.
    pub(crate) fn add(&self, delivery: WebhookDelivery) -> QueuedDelivery {
        let webhook_id = delivery.webhook_id.clone();
        let key = self.change(|entries| entries.push(delivery));
        QueuedDelivery { webhook_id, key }
    }

    /// The delivery, if it is pending: an attempt begins.
    pub(crate) fn begin_attempt(&self, key: u64) -> Option<WebhookDelivery> {
        let mut entries = self.entries();
        let entry = entries.get_mut(key).filter(|entry| entry.delivery.state == DeliveryState::Pending)?;
        entry.retry_at_once = false;
        Some(entry.delivery.clone())
    }

    /// Adds attempts to a delivery, and sets the state after them. Returns the keys of those that were held until it ended.
    pub(crate) fn end_attempt(&self, key: u64, attempts: Vec<WebhookAttempt>, state: DeliveryState) -> Vec<u64> {
        self.change(|entries| {
            if let Some(entry) = entries.get_mut(key) {
                entry.delivery.attempts.extend(attempts);
            }
            let Some(webhook_id) = entries.set_state(key, state) else { return Vec::new() };
            if state == DeliveryState::Pending {
                return Vec::new();
            }
            let mut held = std::mem::take(&mut entries.until_next);
            let due = held.extract_if(.., |held| {
                entries.get_mut(*held).is_some_and(|entry| entry.delivery.webhook_id == webhook_id)
            });
            let due: Vec<u64> = due.collect();
            entries.until_next = held;
            for key in &due {
                entries.set_state(*key, DeliveryState::Pending);
            }
            due
        })
    }

    /// Holds a pending delivery back.
    pub(crate) fn hold(&self, key: u64, hold: Hold) {
        self.change(|entries| {
            let found = entries.set_state(key, DeliveryState::Held).is_some();
            if found && hold == Hold::UntilNext {
                entries.until_next.push(key);
            }
        });
    }

    /// Makes all held deliveries pending. Returns them, to be queued.
    pub(crate) fn release(&self) -> Vec<QueuedDelivery> {
        self.change(|entries| {
            let held = entries.keys_where(|delivery| delivery.state == DeliveryState::Held);
            held.into_iter().filter_map(|key| entries.requeue(key)).collect()
        })
    }

    /// Makes the deliveries with this id pending. Returns how many there are, and those of them that are to be queued. One
    /// that is pending already is retried without a pause.
    pub(crate) fn redeliver(&self, id: &str) -> (usize, Vec<QueuedDelivery>) {
        self.change(|entries| {
            let keys = entries.keys_where(|delivery| delivery.id == id);
            let mut to_queue = Vec::new();
            for key in &keys {
                match entries.get_mut(*key) {
                    Some(entry) if entry.delivery.state == DeliveryState::Pending => entry.retry_at_once = true,
                    _ => to_queue.extend(entries.requeue(*key)),
                }
            }
            (keys.len(), to_queue)
        })
    }

    pub(crate) fn all(&self) -> Vec<WebhookDelivery> {
        self.entries().newest.iter().map(|entry| entry.delivery.clone()).collect()
    }

    /// The delivery of an event to a webhook.
    pub(crate) fn find(&self, webhook_id: &str, id: &str) -> Option<WebhookDelivery> {
        let entries = self.entries();
        let mut newest_first = entries.newest.iter().rev().map(|entry| &entry.delivery);
        newest_first.find(|delivery| delivery.id == id && delivery.webhook_id == webhook_id).cloned()
    }

    /// The matching deliveries, newest first, from a position on; and how many match in all.
    pub(crate) fn newest(
        &self,
        from: usize,
        most: usize,
        matches: impl Fn(&WebhookDelivery) -> bool,
    ) -> (Vec<WebhookDelivery>, usize) {
        let entries = self.entries();
        let newest_first = entries.newest.iter().rev().map(|entry| &entry.delivery);
        let mut matching = newest_first.filter(|delivery| matches(delivery));
        let before = matching.by_ref().take(from).count();
        let shown: Vec<_> = matching.by_ref().take(most).cloned().collect();
        let total = before + shown.len() + matching.count();
        (shown, total)
    }

    /// A number that changes with every change of a delivery.
    pub(crate) fn revision(&self) -> u64 {
        self.entries().revision
    }

    /// Drops all deliveries. Pending and held ones are not sent.
    pub(crate) fn clear(&self) {
        self.change(|entries| {
            let first_key = entries.first_key + entries.newest.len() as u64;
            *entries = Entries { first_key, revision: entries.revision, ..Entries::default() };
        });
    }

    /// Waits until no delivery is pending.
    pub(crate) async fn wait_until_settled(&self) {
        // The sender is a part of the log, so it outlives the wait.
        let _ = self.pending.subscribe().wait_for(|pending| *pending == 0).await;
    }

    /// Waits until a delivery is to be retried at once, or is not pending any more.
    pub(crate) async fn wait_until_hurried(&self, key: u64) {
        let mut changes = self.pending.subscribe();
        while self.waits_for_pause(key) {
            let _ = changes.changed().await;
        }
    }

    fn waits_for_pause(&self, key: u64) -> bool {
        let mut entries = self.entries();
        entries.get_mut(key).is_some_and(|entry| entry.delivery.state == DeliveryState::Pending && !entry.retry_at_once)
    }

    /// Changes the entries, and wakes who waits. The number is sent before the lock is released, so that no waiting task
    /// misses a change.
    fn change<T>(&self, change: impl FnOnce(&mut Entries) -> T) -> T {
        let mut entries = self.entries();
        let outcome = change(&mut entries);
        entries.revision += 1;
        self.pending.send_replace(entries.pending);
        outcome
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
