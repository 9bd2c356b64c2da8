//! A sandbox that delivers to the program.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use flowglad_core::{
    Flowglad,
    api::{NewWebhook, WebhookChanges},
    model::{WebhookEventType, WebhookId},
};
use flowglad_sandbox::{DeliveryState, Sandbox};

use crate::{Failure, free_address::free_address, point::Point, running::Start};

/// Short, so that a program that was started again gets its deliveries at once.
const PAUSE: Duration = Duration::from_millis(20);
/// More than any test needs.
const RETRIES: usize = 3_000;

/// A sandbox with one webhook, and a database for its receiver.
#[derive(Debug)]
pub struct World {
    /// The sandbox.
    pub sandbox: Sandbox,
    flowglad: Flowglad,
    webhook: WebhookId,
    secret: String,
    program: PathBuf,
    folder: PathBuf,
}

impl World {
    /// Starts a sandbox that delivers `customer.created` and `subscription.created`.
    ///
    /// # Errors
    /// If the sandbox does not start or refuses the webhook.
    pub async fn start(program: &Path, temporary: &Path) -> Result<Self, Failure> {
        let sandbox = Sandbox::builder().webhook_retries(vec![PAUSE; RETRIES]).start().await?;
        let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
        let model = flowglad.pricing_models().default_model().await?;
        // The program needs the secret to start, and only then is there a URL.
        let webhook = NewWebhook::new(model.id.clone(), "App", "http://127.0.0.1:9/", event_types());
        let created = flowglad.webhooks().create(&webhook).await?;
        let (webhook, secret) = (created.webhook.id.clone(), created.secret.expose().to_owned());
        let folder = temporary.join(format!("webhooks-{}-{:x}", std::process::id(), fastrand::u64(..)));
        std::fs::create_dir_all(&folder)?;
        Ok(Self { sandbox, flowglad, webhook, secret, program: program.to_owned(), folder })
    }

    /// What to start the program with, in its first life.
    #[must_use]
    pub fn program(&self, stop_at: Option<Point>) -> Start {
        Start {
            program: self.program.clone(),
            database: self.database(),
            secret: self.secret.clone(),
            listen: free_address(),
            stop_at,
            failures: 0,
            marks_later: false,
        }
    }

    /// The file of the database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.folder.join("app.sqlite")
    }

    /// Delivers to this address from now on.
    ///
    /// # Errors
    /// If the sandbox refuses it.
    pub async fn deliver_to(&self, address: SocketAddr) -> Result<(), Failure> {
        let changes = WebhookChanges::new(format!("http://{address}/webhooks"), event_types());
        self.flowglad.webhooks().update(&self.webhook, &changes).await?;
        Ok(())
    }

    /// The keys of all deliveries, sorted.
    ///
    /// # Errors
    /// If one was not delivered.
    pub fn delivered(&self) -> Result<Vec<String>, Failure> {
        let deliveries = self.sandbox.webhook_deliveries();
        if let Some(left) = deliveries.iter().find(|delivery| delivery.state != DeliveryState::Delivered) {
            return Err(format!("{} is {:?} after {} attempts", left.id, left.state, left.attempts.len()).into());
        }
        let mut keys: Vec<String> = deliveries.into_iter().map(|delivery| delivery.id).collect();
        keys.sort();
        Ok(keys)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn event_types() -> [WebhookEventType; 2] {
    [WebhookEventType::CustomerCreated, WebhookEventType::SubscriptionCreated]
}
