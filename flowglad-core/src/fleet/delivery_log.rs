//! The log of webhook deliveries that all instances share.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, join_all},
};
use redis::cmd;

use crate::{
    cache::StoreError,
    fleet::{
        AT_ONCE, TEND_FOR, in_millis,
        keeper::Fleet,
        link::Failure,
        scripts,
        shared::{Part, Shared},
    },
    webhook::{Claim, Claimed, DeliveryLog},
};

/// Flowglad sends a delivery again for about 28 hours.
const KEEP_FOR: Duration = Duration::from_secs(48 * 60 * 60);

/// What is known of a delivery that was handled. No token of a claim looks like it.
const DONE: &str = "done";

/// So many deliveries can be handled while the server is away, and remembered until it is back.
const MOST_OWED: usize = 10_000;

/// A [`DeliveryLog`] in Redis or Valkey, so that one instance of all handles a delivery, and once. Given to
/// [`WebhookReceiver::log`](crate::webhook::WebhookReceiver::log).
///
/// What was handled is remembered for 48 hours. While the server is away, a new delivery is answered with an error, so that
/// Flowglad sends it again; one that was being handled is remembered by its instance until the server is back. Where the
/// effect is a change of your own database, a log in that database marks both in one transaction, which a crash between them
/// cannot part: see the guide of webhooks.
///
/// ```no_run
/// use flowglad_core::{Flowglad, fleet::Fleet, webhook::{WebhookEvent, WebhookReceiver, WebhookSecrets}};
///
/// # async fn run(flowglad: Flowglad, secrets: WebhookSecrets) -> Result<(), Box<dyn std::error::Error>> {
/// let fleet = Fleet::connect("redis://127.0.0.1:6379").await?;
/// let receiver = WebhookReceiver::new(&flowglad, secrets, async |event: WebhookEvent| println!("{}", event.id))
///     .log(fleet.deliveries());
/// # Ok(()) }
/// ```
pub struct FleetDeliveryLog(Arc<Deliveries>);

struct Deliveries {
    shared: Arc<Shared>,
    /// Was handled, and the server does not know it yet.
    owed: Mutex<HashSet<Box<str>>>,
}

impl Fleet {
    /// The log of webhook deliveries that all instances share.
    ///
    /// # Examples
    /// See [`FleetDeliveryLog`].
    #[must_use]
    pub fn deliveries(&self) -> FleetDeliveryLog {
        let deliveries = Arc::new(Deliveries { shared: Arc::clone(&self.shared), owed: Mutex::default() });
        self.shared.add(&deliveries);
        FleetDeliveryLog(deliveries)
    }
}

impl DeliveryLog for FleetDeliveryLog {
    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        async move { Ok(self.0.claim(claim).await?) }.boxed()
    }

    fn done<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        async move { Ok(self.0.done(claim.delivery_key()).await?) }.boxed()
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        async move { Ok(self.0.release(claim).await?) }.boxed()
    }
}

impl fmt::Debug for FleetDeliveryLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetDeliveryLog").field("owed", &self.0.owed().len()).finish_non_exhaustive()
    }
}

impl Deliveries {
    async fn claim(&self, claim: &Claim) -> Result<Claimed, Failure> {
        if self.owed().contains(claim.delivery_key()) {
            return Ok(Claimed::Done);
        }
        let mut script = scripts::CLAIM_DELIVERY.key(self.shared.keys.delivery(claim.delivery_key()));
        let script = script.arg(claim.token()).arg(in_millis(claim.expires_in()));
        let known: Option<String> = self.shared.link.invoke(script).await?;
        Ok(match known.as_deref() {
            None => Claimed::Now,
            Some(DONE) => Claimed::Done,
            Some(_) => Claimed::InFlight,
        })
    }

    async fn done(&self, delivery: &str) -> Result<(), Failure> {
        let is_remembered = self.remember(delivery);
        match self.mark(delivery).await {
            Err(_) if is_remembered => Ok(()),
            marked => marked,
        }
    }

    /// Whether there was room for it.
    fn remember(&self, delivery: &str) -> bool {
        let mut owed = self.owed();
        let has_room = owed.len() < MOST_OWED;
        if has_room {
            owed.insert(delivery.into());
        }
        has_room
    }

    async fn mark(&self, delivery: &str) -> Result<(), Failure> {
        let mut set = cmd("SET");
        set.arg(self.shared.keys.delivery(delivery)).arg(DONE).arg("PX").arg(in_millis(KEEP_FOR));
        self.shared.link.query::<()>(&set).await?;
        self.owed().remove(delivery);
        Ok(())
    }

    async fn release(&self, claim: &Claim) -> Result<(), Failure> {
        let mut script = scripts::RELEASE_DELIVERY.key(self.shared.keys.delivery(claim.delivery_key()));
        self.shared.link.invoke::<i64>(script.arg(claim.token())).await.map(drop)
    }

    fn owed(&self) -> MutexGuard<'_, HashSet<Box<str>>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Part for Deliveries {
    fn tend(&self) -> BoxFuture<'_, ()> {
        async {
            let started = Instant::now();
            let owed: Vec<Box<str>> = self.owed().iter().cloned().collect();
            for some in owed.chunks(AT_ONCE) {
                let marked = join_all(some.iter().map(|delivery| self.mark(delivery))).await;
                if marked.iter().any(Result::is_err) || started.elapsed() > TEND_FOR {
                    break;
                }
            }
        }
        .boxed()
    }

    fn owed(&self) -> u64 {
        self.owed().len() as u64
    }
}
