//! Sends one request to a webhook, or several copies of it, with what a fault changes.

use std::{collections::BTreeMap, convert::Infallible, net::IpAddr, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, future::join_all, stream};
use http_body::Frame;
use http_body_util::StreamBody;
use jiff::Timestamp;
use reqwest::{Body, Client, Url, redirect};
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::{
    clock::Clock,
    records::webhook::Webhook,
    webhooks::{
        delivery::{WebhookAttempt, WebhookDelivery},
        signature,
        webhook_fault::{WebhookFault, WebhookHeaders},
    },
};

/// The time limit for the whole request and the response of a receiver, as on the real API.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The age at which receivers refuse a request.
const OLDEST_SECS: u64 = 5 * 60;

/// In how many parts a slow body is sent.
const PARTS_OF_SLOW_BODY: u32 = 10;

const SVIX: [&str; 3] = ["svix-id", "svix-timestamp", "svix-signature"];
const WEBHOOK: [&str; 3] = ["webhook-id", "webhook-timestamp", "webhook-signature"];

/// A webhook to which the sandbox delivers.
pub(crate) struct Receiver {
    url: Url,
    webhook: Webhook,
}

impl Receiver {
    /// Fails with the reason if the sandbox does not deliver there.
    pub(crate) fn new(webhook: Webhook, anywhere: bool) -> Result<Self, String> {
        let url = Url::parse(&webhook.url).map_err(|error| format!("the address cannot be read: {error}"))?;
        if url.scheme() != "http" {
            return Err(format!("the sandbox delivers over plain http, not {}", url.scheme()));
        }
        if !anywhere && !is_loopback(url.host_str().unwrap_or_default()) {
            return Err("the address is not on this computer; start the sandbox with --webhooks-anywhere \
                        (in a test: deliver_webhooks_anywhere) to send there all the same"
                .to_owned());
        }
        Ok(Self { url, webhook })
    }
}

/// Whether a URL's host is this computer.
fn is_loopback(host: &str) -> bool {
    let address: Result<IpAddr, _> = host.trim_start_matches('[').trim_end_matches(']').parse();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

/// Sends requests.
pub(crate) struct Sender {
    clock: Clock,
    /// Made for the first delivery: most sandboxes have none.
    client: OnceCell<Client>,
}

/// What is sent, once or several times.
struct Message {
    at: Timestamp,
    headers: BTreeMap<&'static str, String>,
    body: String,
    /// Over how much time the body is spread.
    slow: Option<Duration>,
}

impl Message {
    fn new(webhook: &Webhook, delivery: &WebhookDelivery, fault: &WebhookFault, time: i64) -> Self {
        let at = Timestamp::now();
        let timestamp = time.saturating_add(fault.clock_skew_secs.unwrap_or(0));
        let body = if fault.without_customer { without_customer(&delivery.body) } else { delivery.body.clone() };
        let signed_body = if fault.wrong_signature { "another body" } else { &body };
        let signature = signature::sign_with_all(webhook.secrets(), &delivery.id, timestamp, signed_body);
        let values = [delivery.id.clone(), timestamp.to_string(), signature];
        let families: &[[&'static str; 3]] = match fault.headers.unwrap_or_default() {
            WebhookHeaders::Svix => &[SVIX],
            WebhookHeaders::Webhook => &[WEBHOOK],
            WebhookHeaders::Both => &[SVIX, WEBHOOK],
            WebhookHeaders::Missing => &[],
        };
        let mut headers: BTreeMap<_, _> =
            families.iter().flat_map(|names| names.iter().copied().zip(values.clone())).collect();
        headers.insert("content-type", "application/json".to_owned());
        Self { at, headers, body, slow: fault.slow_body_ms.map(Duration::from_millis) }
    }
}

fn without_customer(body: &str) -> String {
    let mut body: Value = serde_json::from_str(body).unwrap_or_default();
    if let Some(fields) = body.as_object_mut() {
        fields.shift_remove("customer");
    }
    body.to_string()
}

impl Sender {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, client: OnceCell::new() }
    }

    /// Sends the request of a delivery, as often as the fault says.
    ///
    /// A test may move the time while the request is on its way, so that the receiver refuses it as too old. Such a request
    /// is sent again at the new time, as if it had not been sent.
    pub(crate) async fn send(
        &self,
        receiver: &Receiver,
        delivery: &WebhookDelivery,
        fault: &WebhookFault,
    ) -> Vec<WebhookAttempt> {
        loop {
            let time = self.clock.signing_time();
            let attempts = self.send_at(time, receiver, delivery, fault).await;
            let has_moved = self.clock.signing_time().abs_diff(time) > OLDEST_SECS;
            if !has_moved || attempts.iter().any(WebhookAttempt::arrived) {
                return attempts;
            }
        }
    }

    async fn send_at(
        &self,
        time: i64,
        receiver: &Receiver,
        delivery: &WebhookDelivery,
        fault: &WebhookFault,
    ) -> Vec<WebhookAttempt> {
        let message = Message::new(&receiver.webhook, delivery, fault, time);
        let copies = (0..fault.copies.unwrap_or(1)).map(|_| self.attempt(receiver, &message));
        let mut attempts = Vec::new();
        if fault.at_once {
            attempts = join_all(copies).await;
        } else {
            for copy in copies {
                attempts.push(copy.await);
            }
        }
        if message.body != delivery.body {
            for attempt in &mut attempts {
                attempt.body = Some(message.body.clone());
            }
        }
        attempts
    }

    async fn attempt(&self, receiver: &Receiver, message: &Message) -> WebhookAttempt {
        let response = self.response_status(receiver, message).await;
        let (status, error) = match response {
            Ok(status) => (Some(status), None),
            Err(error) => (None, Some(with_causes(&error))),
        };
        WebhookAttempt { at: message.at.as_millisecond(), headers: message.headers.clone(), body: None, status, error }
    }

    async fn response_status(&self, receiver: &Receiver, message: &Message) -> Result<u16, reqwest::Error> {
        let client = self
            .client
            .get_or_try_init(async || {
                Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(TIMEOUT).build()
            })
            .await?;
        let mut request = client.post(receiver.url.clone());
        for (name, value) in &message.headers {
            request = request.header(*name, value);
        }
        let request = match message.slow {
            None => request.body(message.body.clone()),
            // Without the header the body would be sent in chunks, which a real delivery is not.
            Some(duration) => request
                .header("content-length", message.body.len())
                .body(Body::wrap(StreamBody::new(slow_parts(&message.body, duration)))),
        };
        Ok(request.send().await?.status().as_u16())
    }
}

/// The parts of a body, with pauses between them that take `duration` in all.
fn slow_parts(
    body: &str,
    duration: Duration,
) -> impl Stream<Item = Result<Frame<Bytes>, Infallible>> + Send + Sync + 'static {
    let parts: Vec<Bytes> = body
        .as_bytes()
        .chunks(body.len().div_ceil(PARTS_OF_SLOW_BODY as usize).max(1))
        .map(Bytes::copy_from_slice)
        .collect();
    stream::unfold(parts.into_iter().enumerate(), move |mut parts| async move {
        let (index, part) = parts.next()?;
        if index > 0 {
            tokio::time::sleep(duration / (PARTS_OF_SLOW_BODY - 1)).await;
        }
        Some((Ok(Frame::data(part)), parts))
    })
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
