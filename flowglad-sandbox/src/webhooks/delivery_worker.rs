//! Sends deliveries to webhooks: for each webhook one after the other, each until it arrives, is held or is given up.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinSet,
};

use crate::{
    clock::Clock,
    fault_list::FaultList,
    records::webhook::Webhook,
    webhooks::{
        delivery::{DeliveryState, WebhookAttempt},
        delivery_log::{DeliveryLog, QueuedDelivery},
        sender::{Receiver, Sender},
        webhook_fault::WebhookFault,
    },
};

/// The pauses before retries. The real API's go up to ten hours; these are for a developer who waits.
const RETRIES: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(5 * 60),
];

/// The settings of deliveries.
#[derive(Clone, Debug)]
pub(crate) struct DeliveryPolicy {
    /// The pause before each retry.
    pub(crate) retries: Vec<Duration>,
    /// Whether to deliver to other computers too.
    pub(crate) anywhere: bool,
}

impl Default for DeliveryPolicy {
    fn default() -> Self {
        Self { retries: RETRIES.to_vec(), anywhere: false }
    }
}

/// Finds a webhook by its id.
pub(crate) type FindWebhook = Box<dyn Fn(&str) -> Option<Webhook> + Send + Sync>;

/// Delivers what is queued.
pub(crate) struct DeliveryWorker {
    log: Arc<DeliveryLog>,
    faults: Arc<FaultList<WebhookFault>>,
    find_webhook: FindWebhook,
    policy: DeliveryPolicy,
    sender: Sender,
}

impl DeliveryWorker {
    pub(crate) fn new(
        log: Arc<DeliveryLog>,
        faults: Arc<FaultList<WebhookFault>>,
        find_webhook: FindWebhook,
        policy: DeliveryPolicy,
        clock: Clock,
    ) -> Self {
        Self { log, faults, find_webhook, policy, sender: Sender::new(clock) }
    }

    /// Delivers until the queue is closed. Dropping the future stops it at once.
    pub(crate) async fn run(self, mut incoming: UnboundedReceiver<QueuedDelivery>) {
        let worker = Arc::new(self);
        let mut drains = JoinSet::new();
        let mut queues: HashMap<String, UnboundedSender<u64>> = HashMap::new();
        while let Some(QueuedDelivery { webhook_id, key }) = incoming.recv().await {
            let queue = queues.entry(webhook_id).or_insert_with_key(|webhook_id| {
                let (queue, keys) = unbounded_channel();
                drains.spawn(Arc::clone(&worker).drain(webhook_id.clone(), keys));
                queue
            });
            // A queue is drained as long as its sender exists.
            let _ = queue.send(key);
        }
    }

    async fn drain(self: Arc<Self>, webhook_id: String, mut keys: UnboundedReceiver<u64>) {
        while let Some(key) = keys.recv().await {
            let mut due = VecDeque::from([key]);
            while let Some(key) = due.pop_front() {
                due.extend(self.deliver(&webhook_id, key).await);
            }
        }
    }

    /// Delivers one event to one webhook, holds it, or gives it up. Returns the keys of those that were held until it ended.
    async fn deliver(&self, webhook_id: &str, key: u64) -> Vec<u64> {
        let mut pauses = self.policy.retries.iter();
        while let Some(delivery) = self.log.begin_attempt(key) {
            let receiver = match self.receiver(webhook_id) {
                Ok(receiver) => receiver,
                Err((state, reason)) => {
                    let attempt = WebhookAttempt::not_sent(Timestamp::now().as_millisecond(), reason);
                    return self.log.end_attempt(key, vec![attempt], state);
                }
            };
            let fault = self.faults.take(|fault| fault.is_for(&delivery)).unwrap_or_default();
            if let Some(hold) = fault.hold {
                self.log.hold(key, hold);
                return Vec::new();
            }
            let attempts = self.sender.send(&receiver, &delivery, &fault).await;
            let arrived = attempts.iter().any(WebhookAttempt::arrived);
            let pause = if arrived { None } else { pauses.next() };
            let Some(pause) = pause else {
                let state = if arrived { DeliveryState::Delivered } else { DeliveryState::Failed };
                return self.log.end_attempt(key, attempts, state);
            };
            self.log.end_attempt(key, attempts, DeliveryState::Pending);
            tokio::select! {
                () = tokio::time::sleep(*pause) => {}
                // A delivery that a reset dropped must not delay the next one.
                () = self.log.wait_until_hurried(key) => {}
            }
        }
        Vec::new()
    }

    /// Where to send to, or why not to send. Looked up for each attempt: the app may have corrected the URL.
    fn receiver(&self, webhook_id: &str) -> Result<Receiver, (DeliveryState, String)> {
        let webhook = (self.find_webhook)(webhook_id).filter(|webhook| webhook.active);
        let webhook =
            webhook.ok_or_else(|| (DeliveryState::Failed, "the webhook is not active any more".to_owned()))?;
        Receiver::new(webhook, self.policy.anywhere).map_err(|reason| (DeliveryState::Refused, reason))
    }
}
