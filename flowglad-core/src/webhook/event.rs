//! What an event says.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    error::printable,
    model::{CustomerId, PricingModelId, Timestamp, WebhookEventType},
    webhook::verify::VerifiedDelivery,
};

/// Longer places are cut off in errors.
const PLACE_LIMIT: usize = 100;

/// Something happened to an object of a customer. The event names the object, and not what happened: read it
/// [back](Self::read_back).
///
/// Events can arrive late, in any order, and again. [`WebhookReceiver`](crate::webhook::WebhookReceiver) keeps repeated ones
/// from the app.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// The kind of object.
    pub object: WebhookObject,
    /// The id of the object, for a customer Flowglad's own (`cust_…`).
    pub id: String,
    /// Whose it is. Events without a customer are possible.
    pub customer: Option<WebhookCustomer>,
    /// The pricing model of the customer.
    pub pricing_model_id: Option<PricingModelId>,
    /// Fields that this version of the crate does not know.
    pub extra: Map<String, Value>,
    delivery_id: Box<str>,
    delivery_key: Box<str>,
    sent_at: Timestamp,
    event_type: Option<WebhookEventType>,
}

/// The customer whom an event concerns.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WebhookCustomer {
    /// Flowglad's id (`cust_…`).
    #[serde(default)]
    pub id: Option<CustomerId>,
    /// The app's own id.
    #[serde(default)]
    pub external_id: Option<String>,
}

/// The kind of object that an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum WebhookObject {
    /// A customer: one was created.
    Customer,
    /// A subscription: one was created or canceled.
    Subscription,
    /// A payment: it succeeded or failed.
    Payment,
    /// A purchase: it was completed.
    Purchase,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

impl WebhookObject {
    fn named(object: String) -> Self {
        match &*object {
            "customer" => Self::Customer,
            "subscription" => Self::Subscription,
            "payment" => Self::Payment,
            "purchase" => Self::Purchase,
            _ => Self::Unknown(object),
        }
    }

    /// The object as the event names it, for example `subscription`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Customer => "customer",
            Self::Subscription => "subscription",
            Self::Payment => "payment",
            Self::Purchase => "purchase",
            Self::Unknown(object) => object,
        }
    }
}

impl fmt::Display for WebhookObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl WebhookEvent {
    /// The id of its delivery (`msg_…`): the same when it is sent again, and at every endpoint that gets the event.
    #[must_use]
    pub fn delivery_id(&self) -> &str {
        &self.delivery_id
    }

    /// What names its delivery in a [log](crate::webhook::DeliveryLog), and is to be unique in a table of the app's own: the
    /// delivery's id, behind the type of the receiver's events if that is known.
    #[must_use]
    pub fn delivery_key(&self) -> &str {
        &self.delivery_key
    }

    /// When its delivery was signed, to the second. This is not when it happened.
    #[must_use]
    pub fn sent_at(&self) -> Timestamp {
        self.sent_at
    }

    /// What happened, if the receiver is of [one type](crate::webhook::WebhookReceiver::event_type). Neither the event nor
    /// its delivery says it.
    #[must_use]
    pub fn event_type(&self) -> Option<&WebhookEventType> {
        self.event_type.as_ref()
    }

    /// The app's own id of the customer, if the event has it.
    #[must_use]
    pub fn external_id(&self) -> Option<&str> {
        self.customer.as_ref()?.external_id.as_deref()
    }

    /// The same event at an endpoint whose events are of one type.
    pub(super) fn of_type(self, event_type: WebhookEventType) -> Self {
        // The same delivery id goes to every endpoint, so that they must not share what they remember.
        let delivery_key = format!("{event_type}/{}", self.delivery_id).into();
        Self { event_type: Some(event_type), delivery_key, ..self }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    /// As text, since serde reads an enum also from an object with the name as its key.
    object: String,
    id: String,
    #[serde(default)]
    customer: Option<WebhookCustomer>,
    #[serde(default)]
    pricing_model_id: Option<PricingModelId>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl VerifiedDelivery {
    /// Decodes the body. Unknown objects and fields are kept.
    ///
    /// # Errors
    /// If the body is not an event. The error names the place, and shows nothing of the body but names of fields.
    ///
    /// # Examples
    /// ```
    /// # fn run(delivery: flowglad_core::webhook::VerifiedDelivery) -> Result<(), flowglad_core::webhook::InvalidEvent> {
    /// let event = delivery.event()?;
    /// println!("{} {} of {:?}", event.object, event.id, event.external_id());
    /// # Ok(()) }
    /// ```
    pub fn event(&self) -> Result<WebhookEvent, InvalidEvent> {
        // All of it, since serde_json does not look into strings that it skips.
        let text = std::str::from_utf8(self.body()).map_err(|_| InvalidEvent { place: "its encoding".into() })?;
        let mut json = serde_json::Deserializer::from_str(text);
        let body: Body = serde_path_to_error::deserialize(&mut json).map_err(|error| InvalidEvent::at(error.path()))?;
        if body.id.is_empty() {
            return Err(InvalidEvent { place: "id".into() });
        }
        json.end().map_err(|_| InvalidEvent { place: "its end".into() })?;
        Ok(WebhookEvent {
            object: WebhookObject::named(body.object),
            id: body.id,
            customer: body.customer,
            pricing_model_id: body.pricing_model_id,
            extra: body.extra,
            delivery_id: self.delivery_id().into(),
            delivery_key: self.delivery_id().into(),
            sent_at: self.sent_at(),
            event_type: None,
        })
    }
}

/// The body of a verified delivery is not an event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is not an event of Flowglad: wrong at {place}")]
pub struct InvalidEvent {
    place: Box<str>,
}

impl InvalidEvent {
    fn at(path: &serde_path_to_error::Path) -> Self {
        let place = match path.to_string() {
            whole if whole == "." => "its top level".to_owned(),
            place => printable(&place).chars().take(PLACE_LIMIT).collect(),
        };
        Self { place: place.into() }
    }
}
