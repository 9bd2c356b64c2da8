//! Webhook faults: what goes wrong with deliveries, to test how an app handles it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{fault_list::Injectable, webhooks::delivery::WebhookDelivery};

const MOST_COPIES: u32 = 1_000;
const LONGEST_SLOW_BODY: Duration = Duration::from_secs(10 * 60);

/// What goes wrong with the next requests to webhooks, or with those for one type of event.
///
/// # Examples
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use flowglad_sandbox::{Sandbox, WebhookFault};
///
/// let sandbox = Sandbox::start().await?;
/// // The next delivery is sent 50 times at once, all under one `svix-id`.
/// sandbox.inject_webhook_fault(WebhookFault::new().copies_at_once(50))?;
/// // The next payment's first two requests have a wrong signature. The retry after them is right.
/// sandbox.inject_webhook_fault(WebhookFault::new().wrong_signature().on("payment.succeeded").times(2))?;
/// assert_eq!(sandbox.webhook_faults().len(), 2);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[must_use = "a fault does nothing until it is injected"]
pub struct WebhookFault {
    #[serde(skip_serializing_if = "Option::is_none")]
    event_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_id: Option<String>,
    times: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) copies: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) at_once: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hold: Option<Hold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) headers: Option<WebhookHeaders>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) wrong_signature: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) clock_skew_secs: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) slow_body_ms: Option<u64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) without_customer: bool,
}

/// How long a delivery is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Hold {
    UntilReleased,
    /// Until the next delivery to the same webhook has ended, so that they come out of order.
    UntilNext,
}

/// The names of the three headers with id, time and signature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum WebhookHeaders {
    /// `svix-id`, `svix-timestamp` and `svix-signature`, as Flowglad sends them.
    #[default]
    Svix,
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature`, as in the Standard Webhooks specification.
    Webhook,
    /// Both families.
    Both,
    /// None of them: the request is unsigned.
    Missing,
}

impl Default for WebhookFault {
    fn default() -> Self {
        Self {
            event_type: None,
            delivery_id: None,
            times: 1,
            copies: None,
            at_once: false,
            hold: None,
            headers: None,
            wrong_signature: false,
            clock_skew_secs: None,
            slow_body_ms: None,
            without_customer: false,
        }
    }
}

impl WebhookFault {
    /// A fault that affects one request and changes nothing yet: add at least one effect.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends the same request `copies` times, one after the other: the same id, time, signature and body. The delivery
    /// arrived if one of them is answered with a 2xx status.
    pub fn copies(mut self, copies: u32) -> Self {
        self.copies = Some(copies);
        self
    }

    /// As [`Self::copies`], all at the same time.
    pub fn copies_at_once(mut self, copies: u32) -> Self {
        self.at_once = true;
        self.copies(copies)
    }

    /// Holds the delivery back until [`Sandbox::release_webhooks`](crate::Sandbox::release_webhooks). Those after it are
    /// sent. It cannot be combined with other effects; a fault that is injected afterwards affects the released delivery.
    pub fn held(mut self) -> Self {
        self.hold = Some(Hold::UntilReleased);
        self
    }

    /// Sends the delivery after the next one to the same webhook. It is held as long as there is no next one. It cannot be
    /// combined with other effects.
    pub fn out_of_order(mut self) -> Self {
        self.hold = Some(Hold::UntilNext);
        self
    }

    /// Sets the names of the headers, instead of [`WebhookHeaders::Svix`].
    pub fn headers(mut self, headers: WebhookHeaders) -> Self {
        self.headers = Some(headers);
        self
    }

    /// Sends a signature that is well-formed and does not belong to the body.
    pub fn wrong_signature(mut self) -> Self {
        self.wrong_signature = true;
        self
    }

    /// Signs with a time that is `secs` seconds from now: in the past if negative. The signature is right for it.
    ///
    /// The official verifier accepts five minutes in the past and one in the future.
    pub fn clock_skew(mut self, secs: i64) -> Self {
        self.clock_skew_secs = Some(secs);
        self
    }

    /// Sends the body in ten parts, spread over this time. After ten seconds the request is given up, as every one.
    pub fn slow_body(mut self, duration: Duration) -> Self {
        self.slow_body_ms = Some(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Leaves `customer` out of the body, which is signed as it is sent.
    pub fn without_customer(mut self) -> Self {
        self.without_customer = true;
        self
    }

    /// Sets how many requests it affects. The default is one. Retries count, and the copies of a request count as one.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Limits it to events of one type, such as `customer.created`.
    pub fn on(mut self, event_type: &str) -> Self {
        self.event_type = Some(event_type.to_owned());
        self
    }

    /// Limits it to the event with this `svix-id`.
    pub fn on_delivery(mut self, id: &str) -> Self {
        self.delivery_id = Some(id.to_owned());
        self
    }

    /// Whether it affects a delivery.
    pub(crate) fn is_for(&self, delivery: &WebhookDelivery) -> bool {
        self.event_type.as_ref().is_none_or(|wanted| *wanted == delivery.event_type)
            && self.delivery_id.as_ref().is_none_or(|wanted| *wanted == delivery.id)
    }

    /// Whether it changes the request itself.
    fn changes_request(&self) -> bool {
        self.copies.is_some()
            || self.headers.is_some()
            || self.wrong_signature
            || self.clock_skew_secs.is_some()
            || self.slow_body_ms.is_some()
            || self.without_customer
    }
}

impl Injectable for WebhookFault {
    fn problem(&self) -> Option<&'static str> {
        if self.hold.is_none() && !self.changes_request() {
            return Some(
                "one of copies, hold, headers, wrongSignature, clockSkewSecs, slowBodyMs and withoutCustomer must be given",
            );
        }
        if self.hold.is_some() && self.changes_request() {
            return Some("hold goes with no other effect: inject another fault for the delivery when it is sent");
        }
        if self.copies.is_some_and(|copies| !(2..=MOST_COPIES).contains(&copies)) {
            return Some("copies must be from 2 to 1000");
        }
        if self.at_once && self.copies.is_none() {
            return Some("atOnce goes with copies only");
        }
        if self.slow_body_ms.is_some_and(|slow| Duration::from_millis(slow) > LONGEST_SLOW_BODY) {
            return Some("slowBodyMs must be at most 600000");
        }
        None
    }

    fn times_left(&mut self) -> &mut u32 {
        &mut self.times
    }
}
