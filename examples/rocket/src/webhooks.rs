//! Webhooks: Flowglad posts what happened to a customer. The app logs it, and passes it on to the customer's open pages, which
//! then read their billing anew.
//!
//! An event can be lost before it is sent, so nothing here depends on it: billing in memory is read again after a while, and a
//! page reads it when it is opened.

use std::{
    collections::VecDeque,
    env,
    error::Error,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use flowglad_rocket::{
    Customer, Refusal,
    flowglad_core::{
        self, Flowglad,
        api::EnsuredWebhook,
        fleet::Fleet,
        model::{Secret, WebhookEventType, WebhookId},
        webhook::{WebhookEvent, WebhookReceiver, WebhookSecret, WebhookSecrets},
    },
    webhook,
};
use rocket::{
    Route, Shutdown, State, get,
    response::stream::{Event, EventStream},
    routes,
    serde::json::Json,
    tokio::{
        select,
        sync::broadcast::{self, error::RecvError},
    },
};
use serde::Serialize;

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

pub(crate) fn routes() -> Vec<Route> {
    routes![log, events]
}

/// The route of the deliveries. Without a secret there is none.
pub(crate) fn deliveries(
    inbox: &Inbox,
    flowglad: &Flowglad,
    fleet: Option<&Fleet>,
    secrets: Option<WebhookSecrets>,
) -> Vec<Route> {
    secrets.map(|secrets| webhook(inbox.receiver(flowglad, fleet, secrets))).unwrap_or_default()
}

/// The secrets of the variable, and that of the embedded sandbox, where the app registers itself.
pub(crate) fn secrets(registered: Option<&Registered>) -> Result<Option<WebhookSecrets>, Box<dyn Error>> {
    let set = env::var_os(SECRET).map(|_| WebhookSecrets::from_env()).transpose()?;
    let Some(registered) = registered else { return Ok(set) };
    let secret = WebhookSecret::try_from(&registered.secret)?;
    Ok(Some(match set {
        Some(set) => set.and(secret),
        None => secret.into(),
    }))
}

/// A registered webhook. A real app is registered once, in the dashboard or by a program, and keeps the secret, which is never
/// shown again.
pub(crate) struct Registered {
    id: WebhookId,
    secret: Secret,
}

impl Registered {
    pub(crate) async fn new(flowglad: &Flowglad, port: u16) -> Result<Self, Box<dyn Error>> {
        match flowglad.webhooks().ensure(&url(port), EVENTS, None).await? {
            EnsuredWebhook::Created(created) => {
                Ok(Self { id: created.webhook.id.clone(), secret: created.secret.clone() })
            }
            _ => Err("a new webhook has a secret".into()),
        }
    }

    /// Where port 0 was asked for, Rocket knows the port only when it listens.
    pub(crate) async fn listens_on(&self, flowglad: &Flowglad, port: u16) -> Result<(), flowglad_core::Error> {
        flowglad.webhooks().ensure(&url(port), EVENTS, Some(&self.id)).await.map(drop)
    }
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}{PATH}")
}

/// What was handled, and the open pages that wait for changes.
#[derive(Clone)]
pub(crate) struct Inbox {
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
    pub(crate) fn new() -> Self {
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

#[get("/webhooks/flowglad/log")]
fn log(inbox: &State<Inbox>) -> Json<VecDeque<Handled>> {
    Json(inbox.handled().clone())
}

/// One event for each change of the signed-in customer's billing. It says no more than that: the page reads what is new.
#[get("/events")]
fn events(
    customer: Result<Customer, Refusal>,
    inbox: &State<Inbox>,
    mut end: Shutdown,
) -> Result<EventStream![Event], Refusal> {
    let Customer(me) = customer?;
    let mut changes = inbox.changes.subscribe();
    Ok(EventStream! {
        let me = me.requesting_customer().external_id();
        loop {
            select! {
                true = is_changed(&mut changes, me) => yield Event::data("changed").event("billing"),
                () = &mut end => break,
                else => break,
            }
        }
    })
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
