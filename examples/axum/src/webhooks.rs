//! Webhooks: Flowglad posts what happened to a customer. The app logs it, and passes it on to the customer's open pages, which
//! then read their billing anew.
//!
//! An event can be lost before it is sent, so nothing here depends on it: billing in memory is read again after a while, and a
//! page reads it when it is opened.

use std::{
    collections::VecDeque,
    convert::Infallible,
    env,
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::sse::{Event, KeepAlive, Sse},
    routing::{any, get},
};
use flowglad_axum::{
    Customer,
    flowglad_core::{
        Flowglad,
        api::EnsuredWebhook,
        fleet::Fleet,
        model::WebhookEventType,
        webhook::{WebhookEvent, WebhookReceiver, WebhookSecret, WebhookSecrets},
    },
    webhook,
};
use futures_util::stream::{self, Stream, StreamExt as _};
use serde::Serialize;
use tokio::sync::broadcast::{self, error::RecvError};

use crate::asked_to_end;

const PATH: &str = "/webhooks/flowglad";
const SECRET: &str = "FLOWGLAD_WEBHOOK_SECRET";
/// All that Flowglad sends. A new month is a payment: a subscription that has changed sends nothing.
const EVENTS: [WebhookEventType; 6] = [
    WebhookEventType::CustomerCreated,
    WebhookEventType::SubscriptionCreated,
    WebhookEventType::SubscriptionCanceled,
    WebhookEventType::PurchaseCompleted,
    WebhookEventType::PaymentSucceeded,
    WebhookEventType::PaymentFailed,
];
/// How many deliveries the log shows, and how many changes may wait for a slow page.
const KEPT: usize = 1_000;
const WAITING: usize = 16;

pub(crate) fn routes<S>(flowglad: &Flowglad, fleet: Option<&Fleet>, secrets: Option<WebhookSecrets>) -> Router<S> {
    let inbox = Inbox::new();
    let deliveries = match secrets {
        Some(secrets) => webhook(inbox.receiver(flowglad, fleet, secrets)),
        None => any(StatusCode::NOT_FOUND),
    };
    Router::new()
        .route(PATH, deliveries)
        .route("/webhooks/flowglad/log", get(log))
        .route("/events", get(events))
        .with_state(inbox)
}

/// The secrets of the variable, and that of the embedded sandbox, where the app registers its own address.
pub(crate) async fn secrets(flowglad: &Flowglad, own: Option<&str>) -> Result<Option<WebhookSecrets>, Box<dyn Error>> {
    let set = env::var_os(SECRET).map(|_| WebhookSecrets::from_env()).transpose()?;
    let Some(own) = own else { return Ok(set) };
    let registered = register(flowglad, own).await?;
    Ok(Some(match set {
        Some(set) => set.and(registered),
        None => registered.into(),
    }))
}

/// A real app is registered once, in the dashboard or by a program, and keeps the secret, which is never shown again.
async fn register(flowglad: &Flowglad, own: &str) -> Result<WebhookSecret, Box<dyn Error>> {
    match flowglad.webhooks().ensure(&format!("{own}{PATH}"), EVENTS, None).await? {
        EnsuredWebhook::Created(created) => Ok(WebhookSecret::try_from(&created.secret)?),
        _ => Err("a new webhook has a secret".into()),
    }
}

/// What was handled, and the open pages that wait for changes.
#[derive(Clone)]
struct Inbox {
    handled: Arc<Mutex<VecDeque<Handled>>>,
    /// Whose billing has changed; `None` if the event does not say it.
    changes: broadcast::Sender<Option<String>>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Handled {
    delivery_id: String,
    object: String,
    id: String,
    customer_external_id: Option<String>,
}

impl Inbox {
    fn new() -> Self {
        Self { handled: Arc::default(), changes: broadcast::Sender::new(WAITING) }
    }

    fn receiver(&self, flowglad: &Flowglad, fleet: Option<&Fleet>, secrets: WebhookSecrets) -> WebhookReceiver {
        let inbox = self.clone();
        let receiver = WebhookReceiver::new(flowglad, secrets, async move |event: WebhookEvent| inbox.handle(&event));
        match fleet {
            Some(fleet) => receiver.log(fleet.deliveries()),
            None => receiver,
        }
    }

    /// Runs once for each delivery, at one of the instances. The customer's billing in memory is out of date already, so that a page reads the new one.
    fn handle(&self, event: &WebhookEvent) {
        let customer = event.external_id().map(str::to_owned);
        let mut handled = self.handled();
        handled.push_front(Handled {
            delivery_id: event.delivery_id().to_owned(),
            object: event.object.to_string(),
            id: event.id.clone(),
            customer_external_id: customer.clone(),
        });
        handled.truncate(KEPT);
        // It fails if no page is open.
        let _ = self.changes.send(customer);
    }

    fn handled(&self) -> MutexGuard<'_, VecDeque<Handled>> {
        self.handled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn log(State(inbox): State<Inbox>) -> Json<VecDeque<Handled>> {
    Json(inbox.handled().clone())
}

/// One event for each change of the signed-in customer's billing. It says no more than that: the page reads what is new.
async fn events(
    Customer(me): Customer,
    State(inbox): State<Inbox>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let me = me.requesting_customer().external_id().to_owned();
    let changes = stream::unfold((inbox.changes.subscribe(), me), async |(mut changes, me)| {
        let event = Event::default().event("billing").data("changed");
        is_changed(&mut changes, &me).await.then(|| (Ok(event), (changes, me)))
    });
    Sse::new(changes.take_until(asked_to_end())).keep_alive(KeepAlive::default())
}

/// Waits until a customer's billing has changed. `false`: there will be no more changes.
async fn is_changed(changes: &mut broadcast::Receiver<Option<String>>, customer: &str) -> bool {
    loop {
        match changes.recv().await {
            Ok(Some(other)) if other != customer => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return true,
            Err(RecvError::Closed) => return false,
        }
    }
}
