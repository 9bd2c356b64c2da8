//! All that runs in the demo.

use std::path::PathBuf;

use flowglad_core::{Flowglad, api::EnsuredWebhook, model::WebhookEventType};
use flowglad_sandbox::Sandbox;
use redis_process::{Failure, RedisProcess};
use tempfile::TempDir;

use crate::instance::{Instance, Settings};

const INSTANCES: u16 = 3;
const WEBHOOKS: &str = "/webhooks/flowglad";
/// All that Flowglad sends.
const EVENTS: [WebhookEventType; 6] = [
    WebhookEventType::CustomerCreated,
    WebhookEventType::SubscriptionCreated,
    WebhookEventType::SubscriptionCanceled,
    WebhookEventType::PurchaseCompleted,
    WebhookEventType::PaymentSucceeded,
    WebhookEventType::PaymentFailed,
];

/// The instances, and what they share. They end before it does.
pub(crate) struct Fleet {
    instances: Vec<Instance>,
    redis: RedisProcess,
    sandbox: Sandbox,
    /// Where each instance keeps usage while Redis is away.
    _usage: TempDir,
}

impl Fleet {
    pub(crate) async fn start(program: PathBuf, first_port: u16) -> Result<Self, Failure> {
        // Ctrl-C reaches all programs of the terminal at once, and the instances still need Redis then.
        let redis = RedisProcess::builder().append_only().ignore_the_terminal().start().await?;
        let sandbox = Sandbox::start().await?;
        let usage = TempDir::with_prefix("fleet-usage-")?;
        let settings = Settings {
            program,
            redis_url: redis.url(),
            base_url: sandbox.base_url().to_owned(),
            api_key: sandbox.api_key().to_owned(),
            webhook_secret: register_webhook(&sandbox, first_port).await?,
            usage: usage.path().to_owned(),
        };
        let mut instances = Vec::new();
        for port in first_port..first_port + INSTANCES {
            instances.push(Instance::start(settings.clone(), port).await?);
        }
        Ok(Self { instances, redis, sandbox, _usage: usage })
    }

    /// Lets the instances end by themselves, and then ends what they share.
    pub(crate) async fn end(self) {
        for instance in &self.instances {
            instance.ask_to_end();
        }
        for instance in self.instances {
            instance.ended().await;
        }
        self.sandbox.stop().await;
    }

    /// What is where, and what to do with it.
    pub(crate) fn what_to_try(&self) -> String {
        let ports: Vec<String> = self.instances.iter().map(|instance| instance.port().to_string()).collect();
        let pages = std::iter::zip(["ada", "bob", "cyd"], &ports);
        let pages: Vec<String> = pages.map(|(name, port)| format!("http://{name}.localhost:{port}")).collect();
        TEXT.replace("PAGES", &pages.join("  "))
            .replace("PORTS", &ports.join(" "))
            .replace("FIRST", &ports[0])
            .replace("LAST", &ports[ports.len() - 1])
            .replace("SANDBOX", self.sandbox.base_url())
            .replace("REDIS", &self.redis.port().to_string())
    }
}

/// Deliveries go to the first instance. What they outdate is forgotten by all.
async fn register_webhook(sandbox: &Sandbox, port: u16) -> Result<String, Failure> {
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build()?;
    let url = format!("http://127.0.0.1:{port}{WEBHOOKS}");
    match flowglad.webhooks().ensure(&url, EVENTS, None).await? {
        EnsuredWebhook::Created(created) => Ok(created.secret.expose().to_owned()),
        _ => Err("a new webhook has a secret".into()),
    }
}

const TEXT: &str = r#"
Three instances, one Redis (AOF, synced each second), one Flowglad sandbox. Sessions are each instance's own: sign in at each.

  pages    PAGES
  sandbox  SANDBOX
  redis    redis-cli -p REDIS

Try, in another terminal:

  # the same user, signed in at each instance
  for port in PORTS; do curl -s -c /tmp/fleet-$port -H 'content-type: application/json' \
    -d '{"id":"ada","name":"Ada","email":"ada@example.com"}' http://127.0.0.1:$port/login; done

  # spend at each: the balance that is left is one for all, and is never overdrawn
  for port in PORTS; do curl -s -b /tmp/fleet-$port -H 'content-type: application/json' -d '{"amount":2}' \
    http://127.0.0.1:$port/calls; echo; done

  # upgrade in one page, and ask another instance for what only the Pro plan has
  curl -s -b /tmp/fleet-LAST 'http://127.0.0.1:LAST/reports.json?explain=1'

  # kill -9 an instance (its process id is above): others deliver what it recorded, and it is started again
  # take Redis away for half a minute, and spend meanwhile: no request fails for it, and nothing is lost
  redis-cli -p REDIS DEBUG SLEEP 30

Ctrl-C ends all of it.
"#;
