//! A webhook delivery and its attempts, as tests see them.

use std::collections::BTreeMap;

use serde::Serialize;

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
    /// The attempts, oldest first. Each copy of a request is one.
    pub attempts: Vec<WebhookAttempt>,
}

/// The state of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DeliveryState {
    /// It waits for the next attempt.
    Pending,
    /// A fault holds it back.
    Held,
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
    /// The request body, if a fault changed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
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

impl WebhookAttempt {
    /// An attempt that sent nothing.
    pub(crate) fn not_sent(at: i64, reason: String) -> Self {
        Self { at, headers: BTreeMap::new(), body: None, status: None, error: Some(reason) }
    }

    /// Whether the receiver responded with a 2xx status.
    pub(crate) fn arrived(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}
