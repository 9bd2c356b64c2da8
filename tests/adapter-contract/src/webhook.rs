//! The webhook routes that every test app has, and what the app's own code does with a delivery.

use std::{
    collections::VecDeque,
    future::Future,
    io,
    pin::Pin,
    sync::{Arc, Mutex},
};

use flowglad_core::{
    Flowglad,
    clock::ManualClock,
    webhook::{VerifiedDelivery, WebhookEvent, WebhookReceiver, WebhookSecrets, WebhookVerifier},
};
use tokio::sync::watch;

use crate::{
    App, Upstream,
    deliveries::{SECOND_SECRET, SECRET},
    fleet, gated,
};

/// Where the first receiver is.
pub const WEBHOOK: &str = "/webhooks/flowglad";

/// Where the second receiver is, which has a secret of its own.
pub const SECOND_WEBHOOK: &str = "/webhooks/second";

/// A route that takes a `VerifiedWebhook` and answers with [`seen`].
pub const VERIFIED: &str = "/webhooks/verified";

/// A route that takes a `Result<VerifiedWebhook, Refusal>` and answers with [`seen`] or [`gated::own_answer`].
pub const OWN_ANSWER: &str = "/webhooks/own-answer";

/// Starts an adapter's app with these routes, and returns the app's base URL.
pub type StartWebhooks = fn(WebhookRoutes) -> Pin<Box<dyn Future<Output = String> + Send>>;

/// What an app with webhooks has.
#[derive(Clone, Debug)]
pub struct WebhookRoutes {
    /// Each is mounted at its path.
    pub receivers: Vec<(&'static str, WebhookReceiver)>,
    /// What the extractor finds. `None`: the app has forgotten it.
    pub verifier: Option<WebhookVerifier>,
}

/// What a handler answers that takes a verified delivery: its id, and the bytes of its body.
#[must_use]
pub fn seen(delivery: &VerifiedDelivery) -> Vec<u8> {
    [delivery.delivery_id().as_bytes(), b"\n", delivery.body()].concat()
}

/// What the handler of a receiver does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Returns an error.
    Fail,
    /// Panics.
    Panic,
}

/// The text of the handler's error and of its panic.
pub const PRIVATE: &str = "the database at 10.0.0.7 is down";

/// The handler of a receiver, as a case sees and moves it.
#[derive(Clone, Debug)]
pub struct Handling(Arc<State>);

#[derive(Debug)]
struct State {
    begun: watch::Sender<usize>,
    may_end: watch::Sender<bool>,
    next: Mutex<VecDeque<Step>>,
    effects: watch::Sender<Vec<String>>,
}

impl Handling {
    fn new() -> Self {
        Self(Arc::new(State {
            begun: watch::Sender::new(0),
            may_end: watch::Sender::new(true),
            next: Mutex::default(),
            effects: watch::Sender::new(Vec::new()),
        }))
    }

    async fn handle(&self, event: WebhookEvent) -> Result<(), io::Error> {
        self.0.begun.send_modify(|begun| *begun += 1);
        self.0.may_end.subscribe().wait_for(|may_end| *may_end).await.unwrap();
        let step = self.0.next.lock().unwrap().pop_front();
        match step {
            Some(Step::Fail) => return Err(io::Error::other(PRIVATE)),
            Some(Step::Panic) => panic!("{PRIVATE}"),
            None => self.0.effects.send_modify(|effects| effects.push(described(&event))),
        }
        Ok(())
    }

    /// Makes the next calls fail or panic. The calls after them succeed.
    pub fn then(&self, steps: impl IntoIterator<Item = Step>) {
        self.0.next.lock().unwrap().extend(steps);
    }

    /// Holds all calls from now on.
    pub fn hold(&self) {
        self.0.may_end.send_replace(false);
    }

    /// Lets the calls that are held end.
    pub fn let_end(&self) {
        self.0.may_end.send_replace(true);
    }

    /// Waits until this many calls have begun.
    pub async fn begun(&self, calls: usize) {
        self.0.begun.subscribe().wait_for(|begun| *begun >= calls).await.unwrap();
    }

    /// How many calls have begun.
    #[must_use]
    pub fn calls(&self) -> usize {
        *self.0.begun.borrow()
    }

    /// Waits until this many calls have succeeded.
    pub async fn succeeded(&self, calls: usize) {
        self.0.effects.subscribe().wait_for(|effects| effects.len() >= calls).await.unwrap();
    }

    /// What the calls that succeeded have seen.
    #[must_use]
    pub fn effects(&self) -> Vec<String> {
        self.0.effects.borrow().clone()
    }
}

/// All that an event says, in a line.
fn described(event: &WebhookEvent) -> String {
    let (object, id, model) = (&event.object, &event.id, &event.pricing_model_id);
    let (customer, new) = (&event.customer, &event.extra);
    format!("{} {}: {object} {id} of {customer:?} in {model:?}, {new:?}", event.delivery_id(), event.sent_at())
}

/// A running app with webhooks in front of a scripted upstream. Its client has a cache.
#[derive(Debug)]
pub struct WebhookApp {
    /// The app.
    pub app: App,
    /// The client of its receivers.
    pub flowglad: Flowglad,
    /// The client's clock.
    pub clock: Arc<ManualClock>,
    /// The handler of the receiver at [`WEBHOOK`].
    pub handling: Handling,
    /// The handler of the receiver at [`SECOND_WEBHOOK`].
    pub second: Handling,
}

impl WebhookApp {
    /// Starts the adapter's app with default settings.
    pub async fn start(start: StartWebhooks) -> Self {
        Self::start_set(start, |routes| routes).await
    }

    /// Starts the adapter's app with other settings.
    pub async fn start_set(start: StartWebhooks, set: impl FnOnce(WebhookRoutes) -> WebhookRoutes) -> Self {
        Self::start_all(start, SECRET, set).await
    }

    /// Starts the adapter's app with these secrets of the first receiver, comma separated.
    pub async fn start_with_secrets(start: StartWebhooks, secrets: &str) -> Self {
        Self::start_all(start, secrets, |routes| routes).await
    }

    async fn start_all(start: StartWebhooks, secret: &str, set: impl FnOnce(WebhookRoutes) -> WebhookRoutes) -> Self {
        let upstream = Upstream::start().await;
        let (flowglad, clock) = gated::cached(&upstream.base_url());
        let (handling, second) = (Handling::new(), Handling::new());
        let receivers = vec![
            (WEBHOOK, receiver(&flowglad, secret, &handling)),
            (SECOND_WEBHOOK, receiver(&flowglad, SECOND_SECRET, &second)),
        ];
        let verifier = Some(WebhookVerifier::new(&flowglad, secrets(SECRET)));
        let base_url = start(set(WebhookRoutes { receivers, verifier })).await;
        Self { app: App::at(base_url, upstream), flowglad, clock, handling, second }
    }
}

fn receiver(flowglad: &Flowglad, secret: &str, handling: &Handling) -> WebhookReceiver {
    let handling = handling.clone();
    let handle = async move |event: WebhookEvent| handling.handle(event).await;
    fleet::logged(WebhookReceiver::new(flowglad, secrets(secret), handle))
}

fn secrets(text: &str) -> WebhookSecrets {
    text.parse().unwrap()
}
