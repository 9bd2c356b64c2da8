//! Sends deliveries to webhooks: for each webhook one after the other, each until it arrives or is given up.

use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use reqwest::{Client, Url, redirect};
use tokio::{
    sync::{
        OnceCell,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
    task::JoinSet,
};

use crate::{
    records::webhook::Webhook,
    webhooks::{
        delivery_log::{DeliveryLog, DeliveryState, WebhookAttempt, WebhookDelivery},
        outbox::QueuedDelivery,
        signature,
    },
};

/// The time limit for the response of a receiver, as on the real API.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The pauses before retries. The real API's go up to ten hours; these are for a developer who waits.
pub(crate) const RETRIES: [Duration; 5] = [
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
    find_webhook: FindWebhook,
    policy: DeliveryPolicy,
    /// Made for the first delivery: most sandboxes have none.
    client: OnceCell<Client>,
}

/// Whether there may be another attempt.
enum Outcome {
    Arrived,
    FailedNow,
    GivenUp,
    /// Not sent, because the sandbox does not deliver there.
    Refused,
}

impl DeliveryWorker {
    pub(crate) fn new(log: Arc<DeliveryLog>, find_webhook: FindWebhook, policy: DeliveryPolicy) -> Self {
        Self { log, find_webhook, policy, client: OnceCell::new() }
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
            self.deliver(&webhook_id, key).await;
        }
    }

    /// Delivers one event to one webhook, or gives it up.
    async fn deliver(&self, webhook_id: &str, key: u64) {
        let mut pauses = self.policy.retries.iter();
        while let Some(delivery) = self.log.pending(key) {
            let (attempt, outcome) = self.attempt(webhook_id, &delivery).await;
            let pause = match outcome {
                Outcome::FailedNow => pauses.next(),
                Outcome::Arrived | Outcome::GivenUp | Outcome::Refused => None,
            };
            let state = match outcome {
                Outcome::Arrived => DeliveryState::Delivered,
                Outcome::Refused => DeliveryState::Refused,
                Outcome::FailedNow if pause.is_some() => DeliveryState::Pending,
                Outcome::FailedNow | Outcome::GivenUp => DeliveryState::Failed,
            };
            self.log.add_attempt(key, attempt, state);
            if let Some(pause) = pause {
                tokio::select! {
                    () = tokio::time::sleep(*pause) => {}
                    // A delivery that a reset dropped must not delay the next one.
                    () = self.log.wait_until_finished(key) => {}
                }
            }
        }
    }

    async fn attempt(&self, webhook_id: &str, delivery: &WebhookDelivery) -> (WebhookAttempt, Outcome) {
        let now = Timestamp::now();
        let mut attempt =
            WebhookAttempt { at: now.as_millisecond(), headers: BTreeMap::new(), status: None, error: None };
        // Looked up for each attempt: the app may have corrected the URL.
        let webhook = (self.find_webhook)(webhook_id).filter(|webhook| webhook.active);
        let outcome = match webhook {
            None => Err((Outcome::GivenUp, "the webhook is not active any more".to_owned())),
            Some(webhook) => match self.destination(&webhook) {
                Err(reason) => Err((Outcome::Refused, reason)),
                Ok(url) => {
                    attempt.headers = headers(&webhook, delivery, now.as_second());
                    self.send(url, &attempt.headers, delivery.body.clone())
                        .await
                        .map_err(|error| (Outcome::FailedNow, with_causes(&error)))
                }
            },
        };
        match outcome {
            Ok(status) => {
                attempt.status = Some(status);
                (attempt, if (200..300).contains(&status) { Outcome::Arrived } else { Outcome::FailedNow })
            }
            Err((outcome, reason)) => {
                attempt.error = Some(reason);
                (attempt, outcome)
            }
        }
    }

    /// The URL to send to, or why not to send.
    fn destination(&self, webhook: &Webhook) -> Result<Url, String> {
        let url = Url::parse(&webhook.url).map_err(|error| format!("the address cannot be read: {error}"))?;
        if url.scheme() != "http" {
            return Err(format!("the sandbox delivers over plain http, not {}", url.scheme()));
        }
        if !self.policy.anywhere && !is_loopback(url.host_str().unwrap_or_default()) {
            return Err("the address is not on this computer; start the sandbox with --webhooks-anywhere \
                        (in a test: deliver_webhooks_anywhere) to send there all the same"
                .to_owned());
        }
        Ok(url)
    }

    async fn send(
        &self,
        url: Url,
        headers: &BTreeMap<&'static str, String>,
        body: String,
    ) -> Result<u16, reqwest::Error> {
        let client = self
            .client
            .get_or_try_init(async || {
                Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(TIMEOUT).build()
            })
            .await?;
        let mut request = client.post(url).body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        Ok(request.send().await?.status().as_u16())
    }
}

fn headers(webhook: &Webhook, delivery: &WebhookDelivery, timestamp: i64) -> BTreeMap<&'static str, String> {
    // The computer's time, not the sandbox's: receivers refuse signatures older than five minutes.
    let signature = signature::sign(&webhook.secret, &delivery.id, timestamp, &delivery.body).unwrap_or_default();
    BTreeMap::from([
        ("content-type", "application/json".to_owned()),
        ("svix-id", delivery.id.clone()),
        ("svix-timestamp", timestamp.to_string()),
        ("svix-signature", signature),
    ])
}

/// Whether a URL's host is this computer.
fn is_loopback(host: &str) -> bool {
    let address: Result<IpAddr, _> = host.trim_start_matches('[').trim_end_matches(']').parse();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

fn with_causes(error: &reqwest::Error) -> String {
    let mut sentence = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        sentence.push_str(": ");
        sentence.push_str(&error.to_string());
        cause = error.source();
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_computers_own_addresses_count_as_such() {
        for host in ["localhost", "127.0.0.1", "127.8.8.8", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "example.com", "localhost.example.com", "0.0.0.0", "10.0.0.1", "[::]", "[2001:db8::1]"] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
