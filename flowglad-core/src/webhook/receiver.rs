//! From a delivery to the app's handler, once.

use std::{fmt, future::Future, num::NonZeroUsize, sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::time::{Instant, sleep, timeout};
use tracing::{Instrument as _, debug, error};

use crate::{
    adapter::{browser_error::BrowserError, request::BodyError, response::ActionResponse},
    cache::{StoreAway, StoreError},
    error::printable,
    flowglad::Flowglad,
    input::Headers,
    model::WebhookEventType,
    observe::WebhookOutcome,
    webhook::{
        delivery_log::{Claim, Claimed, DeliveryLog},
        event::WebhookEvent,
        handler::{EventHandler, Handled},
        memory_log::MemoryDeliveryLog,
        secret::WebhookSecrets,
        verifier::WebhookVerifier,
    },
};

/// Longer than the sender waits, so that a slow handler ends by itself.
const HANDLER_TIME_LIMIT: Duration = Duration::from_secs(60);
/// How much longer a claim lasts than its handler may run.
const CLAIM_MARGIN: Duration = Duration::from_secs(30);
/// How long a repeated delivery waits for the first one. The sender waits for 10 seconds.
const WAIT: Duration = Duration::from_secs(8);
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(50);

/// Receives deliveries: verifies each, outdates what the client knows of the customer, and calls the app's handler with the
/// event, once. The adapters make a route of it. Cloning is cheap.
///
/// | answer | when |
/// | --- | --- |
/// | 204 | it was handled, now or before |
/// | 400 | the signature, the time or the body is wrong |
/// | 405, 408, 413 | it is not a POST, arrives too slowly, or is too large |
/// | 409 | another delivery with its id has been handled for longer than this one can wait |
/// | 500 | the handler failed or panicked, or the log failed |
///
/// What is not answered with 204 is sent again. The handler runs to its end also if the sender has hung up; it should take
/// less than 10 seconds, since the sender gives up then and sends again. What takes longer belongs into a queue of the app.
///
/// Handled once means: of several deliveries with one id, at the same time or one after another, one succeeds, as long as the
/// [log](Self::log) remembers it. If the process dies between the effect of the handler and the entry in the log, the handler
/// is called again: an effect that must not happen twice is committed together with
/// [`WebhookEvent::delivery_key`] in one transaction of the app's own database.
#[derive(Clone, Debug)]
pub struct WebhookReceiver {
    verifier: WebhookVerifier,
    handler: EventHandler,
    log: Log,
    event_type: Option<WebhookEventType>,
    time_limit: Duration,
}

#[derive(Clone)]
struct Log(Arc<dyn DeliveryLog>);

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeliveryLog")
    }
}

impl WebhookReceiver {
    /// Puts together the client, the secrets, and the app's handler. A closure that captures something, such as a pool, is
    /// `async move`, and what it captures is `Clone`: each event has a clone of its own.
    ///
    /// What was handled is remembered in memory, see [`log`](Self::log).
    ///
    /// ```
    /// use flowglad_core::{Flowglad, webhook::{WebhookEvent, WebhookReceiver, WebhookSecrets}};
    ///
    /// # fn run(flowglad: &Flowglad, secrets: WebhookSecrets) {
    /// let receiver = WebhookReceiver::new(flowglad, secrets, async |event: WebhookEvent| {
    ///     println!("{} {}", event.object, event.id);
    /// });
    /// # }
    /// ```
    #[must_use]
    pub fn new<F, Fut>(flowglad: &Flowglad, secrets: impl Into<WebhookSecrets>, handler: F) -> Self
    where
        F: Clone + FnOnce(WebhookEvent) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: Into<Handled>> + Send + 'static,
    {
        Self {
            verifier: WebhookVerifier::new(flowglad, secrets),
            handler: EventHandler::new(handler),
            log: Log(Arc::new(MemoryDeliveryLog::new())),
            event_type: None,
            time_limit: HANDLER_TIME_LIMIT,
        }
    }

    /// Sets where it is remembered what was handled. Default: a [`MemoryDeliveryLog`].
    #[must_use]
    pub fn log(self, log: impl DeliveryLog) -> Self {
        Self { log: Log(Arc::new(log)), ..self }
    }

    /// Says that all deliveries to this endpoint are of one type, because its webhook was registered for that type only: an
    /// event does not say itself what happened. Endpoints of several types can share one log.
    #[must_use]
    pub fn event_type(self, event_type: WebhookEventType) -> Self {
        Self { event_type: Some(event_type), ..self }
    }

    /// Sets the longest body that is taken, in bytes. Default: 256 KiB.
    #[must_use]
    pub fn with_body_limit(self, bytes: NonZeroUsize) -> Self {
        Self { verifier: self.verifier.with_body_limit(bytes), ..self }
    }

    /// Sets how long a body may take to arrive. Default: 10 seconds.
    #[must_use]
    pub fn with_body_time_limit(self, limit: Duration) -> Self {
        Self { verifier: self.verifier.with_body_time_limit(limit), ..self }
    }

    /// Sets how long the handler may run until it is stopped and counts as failed. Default: 60 seconds.
    #[must_use]
    pub fn with_time_limit(self, limit: Duration) -> Self {
        Self { time_limit: limit, ..self }
    }

    /// The longest body that an adapter should read, in bytes.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.verifier.body_limit()
    }

    /// Receives a request, and returns the response to it. `body` is polled only when it is needed.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{adapter::Headers, webhook::WebhookReceiver};
    ///
    /// async fn answer(receiver: &WebhookReceiver, headers: &impl Headers) {
    ///     let response = receiver.receive("POST", headers, async { Ok("{}".into()) }).await;
    ///     println!("{} {:?}", response.status, response.body);
    /// }
    /// ```
    pub async fn receive(
        &self,
        method: &str,
        headers: &(impl Headers + ?Sized),
        body: impl Future<Output = Result<Bytes, BodyError>>,
    ) -> ActionResponse {
        let handled = match self.event(method, headers, body).await {
            Ok(event) => self.handle_in_task(event).await,
            Err(refused) => Err(refused),
        };
        handled.map_or_else(BrowserError::into_response, |()| ActionResponse::no_content())
    }

    async fn event(
        &self,
        method: &str,
        headers: &(impl Headers + ?Sized),
        body: impl Future<Output = Result<Bytes, BodyError>>,
    ) -> Result<WebhookEvent, BrowserError> {
        if method != "POST" {
            return Err(BrowserError::method_not_allowed());
        }
        let event = self.verifier.verified(headers, body).await?.event().map_err(|invalid| {
            error!("a webhook delivery is verified, but {invalid}");
            self.count(WebhookOutcome::Refused);
            BrowserError::invalid_event(&invalid)
        })?;
        Ok(match &self.event_type {
            Some(event_type) => event.of_type(event_type.clone()),
            None => event,
        })
    }

    /// In a task of its own: some servers drop the request's future when the sender hangs up, and a handler that stops in the
    /// middle leaves half of its effect.
    async fn handle_in_task(&self, event: WebhookEvent) -> Result<(), BrowserError> {
        let task = tokio::spawn(self.clone().handle_once(event).in_current_span());
        // There is no result only if the app's log panicked, or if the runtime shuts down.
        task.await.unwrap_or_else(|_| {
            self.count(WebhookOutcome::Failed);
            Err(BrowserError::internal())
        })
    }

    async fn handle_once(self, event: WebhookEvent) -> Result<(), BrowserError> {
        let claim = Claim::new(event.delivery_key(), self.time_limit.saturating_add(CLAIM_MARGIN));
        let (outcome, response) = match self.claim(&claim).await {
            Ok(Claimed::Now) => return self.handle(event, &claim).await,
            Ok(Claimed::Done) => (WebhookOutcome::Repeated, Ok(())),
            Ok(Claimed::InFlight) => (WebhookOutcome::InFlight, Err(BrowserError::request_in_progress())),
            Err(error) => {
                if !error.is::<StoreAway>() {
                    error!("the log of webhook deliveries failed, so that nothing was handled: {}", readable(&error));
                }
                (WebhookOutcome::Failed, Err(BrowserError::internal()))
            }
        };
        self.count(outcome);
        response
    }

    /// Claims a delivery, and waits for a while if another has it.
    async fn claim(&self, claim: &Claim) -> Result<Claimed, StoreError> {
        let give_up = Instant::now() + WAIT;
        loop {
            let claimed = self.log.0.claim(claim).await?;
            if claimed != Claimed::InFlight || Instant::now() >= give_up {
                return Ok(claimed);
            }
            sleep(ASK_AGAIN_AFTER).await;
        }
    }

    async fn handle(&self, event: WebhookEvent, claim: &Claim) -> Result<(), BrowserError> {
        self.verifier.outdate(&event).await;
        let (object, delivery) = (event.object.clone(), claim.delivery_key());
        let handled = timeout(self.time_limit, self.handler.handle(event)).await;
        match handled.unwrap_or_else(|_| Handled::Failed("it took too long".into())) {
            Handled::Done => {
                debug!(%object, delivery, "a webhook event was handled");
                self.count(WebhookOutcome::Handled);
                // The effect is there: to answer with a failure would make it happen again.
                note("remember", self.log.0.done(claim).await);
                Ok(())
            }
            Handled::Failed(reason) => {
                error!(%object, delivery, "the handler of webhook events failed: {}", readable(&reason));
                self.count(WebhookOutcome::Failed);
                note("give back", self.log.0.release(claim).await);
                Err(BrowserError::internal())
            }
        }
    }

    fn count(&self, outcome: WebhookOutcome) {
        self.verifier.flowglad().observation().webhook_received(outcome);
    }
}

fn note(what: &str, result: Result<(), StoreError>) {
    if let Err(error) = result
        && !error.is::<StoreAway>()
    {
        error!("the log of webhook deliveries failed to {what} a delivery: {}", readable(&error));
    }
}

fn readable(error: &StoreError) -> String {
    printable(&error.to_string())
}
