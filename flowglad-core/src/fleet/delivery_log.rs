//! The log of webhook deliveries that all instances share.

use std::{
    collections::HashSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, join, join_all},
};
use redis::cmd;

use crate::{
    cache::StoreError,
    fleet::{
        AT_ONCE, TEND_FOR, in_millis,
        keeper::Fleet,
        link::Failure,
        lost_claims::LostClaims,
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
/// Flowglad sends it again; one that was being handled is remembered by its instance until the server is back, and a claim
/// whose answer was lost is given back then. Where the effect is a change of your own database, a log in that database marks
/// both in one transaction, which a crash between them cannot part: see the guide of webhooks.
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
    /// What is to be released when the server is back.
    lost: LostClaims,
}

/// A call for a claim of which it is not known whether the server has answered it. If it has not when this is dropped, since
/// the server is away or the caller does not wait, the claim is released later: it would block the delivery until it ends by
/// itself.
struct Unanswered<'a> {
    deliveries: &'a Arc<Deliveries>,
    claim: Option<&'a Claim>,
}

impl Unanswered<'_> {
    fn answered(mut self) {
        self.claim = None;
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        if let Some(claim) = self.claim {
            self.deliveries.lost.add(claim);
            self.deliveries.keep_until_tended();
        }
    }
}

impl Fleet {
    /// The log of webhook deliveries that all instances share.
    ///
    /// # Examples
    /// See [`FleetDeliveryLog`].
    #[must_use]
    pub fn deliveries(&self) -> FleetDeliveryLog {
        let shared = Arc::clone(&self.shared);
        let deliveries = Arc::new(Deliveries { shared, owed: Mutex::default(), lost: LostClaims::default() });
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
        f.debug_struct("FleetDeliveryLog").field("owed", &Part::owed(&*self.0)).finish_non_exhaustive()
    }
}

impl Deliveries {
    async fn claim(self: &Arc<Self>, claim: &Claim) -> Result<Claimed, Failure> {
        if self.owed().contains(claim.delivery_key()) {
            return Ok(Claimed::Done);
        }
        if !self.shared.link.is_up() {
            // Nothing is sent, so that nothing is to be released.
            return Err(Failure::Away);
        }
        let mut script = scripts::CLAIM_DELIVERY.key(self.shared.keys.delivery(claim.delivery_key()));
        let script = script.arg(claim.token()).arg(in_millis(claim.expires_in()));
        let unanswered = Unanswered { deliveries: self, claim: Some(claim) };
        let known: Result<Option<String>, Failure> = self.shared.link.invoke(script).await;
        if !matches!(known, Err(Failure::Away)) {
            unanswered.answered();
        }
        Ok(match known?.as_deref() {
            None => Claimed::Now,
            Some(DONE) => Claimed::Done,
            Some(_) => Claimed::InFlight,
        })
    }

    async fn done(self: &Arc<Self>, delivery: &str) -> Result<(), Failure> {
        let is_remembered = self.remember(delivery);
        match self.mark(delivery).await {
            Err(_) if is_remembered => {
                self.keep_until_tended();
                Ok(())
            }
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

    async fn release(self: &Arc<Self>, claim: &Claim) -> Result<(), Failure> {
        let unanswered = Unanswered { deliveries: self, claim: Some(claim) };
        self.give_back(claim.delivery_key(), claim.token()).await?;
        unanswered.answered();
        Ok(())
    }

    /// Ends a claim in the server, if it has that very claim.
    async fn give_back(&self, delivery: &str, token: &str) -> Result<(), Failure> {
        let mut script = scripts::RELEASE_DELIVERY.key(self.shared.keys.delivery(delivery));
        self.shared.link.invoke::<i64>(script.arg(token)).await?;
        self.lost.remove(token);
        Ok(())
    }

    async fn mark_owed(&self) {
        let started = Instant::now();
        let owed: Vec<Box<str>> = self.owed().iter().cloned().collect();
        for some in owed.chunks(AT_ONCE) {
            let marked = join_all(some.iter().map(|delivery| self.mark(delivery))).await;
            if marked.iter().any(Result::is_err) || started.elapsed() > TEND_FOR {
                break;
            }
        }
    }

    async fn release_lost(&self) {
        let started = Instant::now();
        for some in self.lost.all().chunks(AT_ONCE) {
            let released = join_all(some.iter().map(|(delivery, token)| self.give_back(delivery, token))).await;
            if released.iter().any(Result::is_err) || started.elapsed() > TEND_FOR {
                break;
            }
        }
    }

    /// Also if the app drops its receiver meanwhile.
    fn keep_until_tended(self: &Arc<Self>) {
        let deliveries = Arc::clone(self);
        self.shared.keep_until_tended(deliveries);
    }

    fn owed(&self) -> MutexGuard<'_, HashSet<Box<str>>> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Part for Deliveries {
    fn tend(&self) -> BoxFuture<'_, ()> {
        join(self.mark_owed(), self.release_lost()).map(drop).boxed()
    }

    fn owed(&self) -> u64 {
        (self.owed().len() + self.lost.len()) as u64
    }
}
