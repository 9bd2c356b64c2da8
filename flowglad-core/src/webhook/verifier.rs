//! From a request to a verified delivery.

use std::{
    future::Future,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::time::timeout;
use tracing::{debug, warn};

use crate::{
    adapter::{browser_error::BrowserError, request::BodyError, response::ActionResponse},
    cache::Subject,
    flowglad::Flowglad,
    input::Headers,
    observe::WebhookOutcome,
    webhook::{
        event::WebhookEvent,
        secret::WebhookSecrets,
        verify::{NotVerified, VerifiedDelivery},
    },
};

const BODY_LIMIT: NonZeroUsize = NonZeroUsize::new(256 * 1024).expect("not zero");
const BODY_TIME_LIMIT: Duration = Duration::from_secs(10);
/// The sender waits for 10 seconds, and the app's handler comes after it.
const READ_BACK_TIME_LIMIT: Duration = Duration::from_secs(3);

/// Verifies deliveries for the extractors of the adapters. [`WebhookReceiver`](crate::webhook::WebhookReceiver) has one of
/// its own. Cloning is cheap.
///
/// A verified delivery makes the client forget what it knows of the customer. The app must see to it itself that a delivery
/// which comes twice is handled once.
#[derive(Clone, Debug)]
pub struct WebhookVerifier {
    flowglad: Flowglad,
    secrets: WebhookSecrets,
    body_limit: NonZeroUsize,
    body_time_limit: Duration,
    /// Whether the last delivery was refused. It keeps a wrong secret, and an attacker, to one line in the log.
    refuses: Arc<AtomicBool>,
}

impl WebhookVerifier {
    /// A body may have 256 KiB, and 10 seconds to arrive. The time is that of the client's clock.
    #[must_use]
    pub fn new(flowglad: &Flowglad, secrets: impl Into<WebhookSecrets>) -> Self {
        let (flowglad, secrets) = (flowglad.clone(), secrets.into());
        Self { flowglad, secrets, body_limit: BODY_LIMIT, body_time_limit: BODY_TIME_LIMIT, refuses: Arc::default() }
    }

    /// Sets the longest body that is taken, in bytes.
    #[must_use]
    pub fn with_body_limit(self, bytes: NonZeroUsize) -> Self {
        Self { body_limit: bytes, ..self }
    }

    /// Sets how long a body may take to arrive. A later one is answered with a 408.
    #[must_use]
    pub fn with_body_time_limit(self, limit: Duration) -> Self {
        Self { body_time_limit: limit, ..self }
    }

    /// The longest body that an adapter should read, in bytes.
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.body_limit.get()
    }

    /// Reads and verifies a delivery, and outdates what the client knows of its customer.
    ///
    /// # Errors
    /// The response to a request that is not a delivery of Flowglad.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{adapter::{ActionResponse, Headers}, webhook::WebhookVerifier};
    ///
    /// async fn receive(verifier: &WebhookVerifier, headers: &impl Headers) -> Result<(), ActionResponse> {
    ///     let delivery = verifier.receive(headers, async { Ok("{}".into()) }).await?;
    ///     println!("into a queue: {} with {} bytes", delivery.delivery_id(), delivery.body().len());
    ///     Ok(())
    /// }
    /// ```
    pub async fn receive(
        &self,
        headers: &(impl Headers + ?Sized),
        body: impl Future<Output = Result<Bytes, BodyError>>,
    ) -> Result<VerifiedDelivery, ActionResponse> {
        let delivery = self.verified(headers, body).await.map_err(BrowserError::into_response)?;
        if let Ok(event) = delivery.event() {
            self.outdate(&event).await;
        }
        Ok(delivery)
    }

    pub(super) async fn verified(
        &self,
        headers: &(impl Headers + ?Sized),
        body: impl Future<Output = Result<Bytes, BodyError>>,
    ) -> Result<VerifiedDelivery, BrowserError> {
        let body = timeout(self.body_time_limit, body).await.map_err(|_| BrowserError::request_timeout())??;
        let verified = self.secrets.verify(headers, body, self.flowglad.clock());
        self.note(verified.as_ref().err());
        verified.map_err(|reason| BrowserError::invalid_signature(&reason))
    }

    fn note(&self, refused: Option<&NotVerified>) {
        let Some(reason) = refused else {
            self.refuses.store(false, Relaxed);
            return;
        };
        self.flowglad.observation().webhook_received(WebhookOutcome::Refused);
        if self.refuses.swap(true, Relaxed) {
            debug!("a webhook delivery was refused: {reason}");
        } else {
            warn!("a webhook delivery was refused: {reason}; further ones are not logged until one is verified");
        }
    }

    /// Forgets what is known of the customer whom an event concerns. Where it does not say who that is, its object is read.
    pub(super) async fn outdate(&self, event: &WebhookEvent) {
        if let Some(subject) = event.subject() {
            return self.flowglad.invalidate(subject).await;
        }
        match event.read_back(&self.flowglad.with_timeout(READ_BACK_TIME_LIMIT)).await {
            Ok(record) => {
                if let Some(id) = record.customer_id() {
                    self.flowglad.invalidate(Subject::CustomerId(id.as_str())).await;
                }
            }
            // What is known then goes when it is too old.
            Err(error) => debug!("cannot find out whom a webhook event concerns: {}", error.report()),
        }
    }

    pub(super) fn flowglad(&self) -> &Flowglad {
        &self.flowglad
    }
}
