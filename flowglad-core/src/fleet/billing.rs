//! The billing that all instances share.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, join_all, try_join},
};
use redis::{cmd, pipe};

use crate::{
    cache::{BillingStore, Instance, StoreAway, StoreError, Stored, StoredDocument, Subject, ids},
    client::json::RawJson,
    fleet::{
        AT_ONCE, TEND_FOR,
        change::{self, Change},
        in_millis,
        keeper::Fleet,
        link::Failure,
        owed::Owed,
        scripts,
        shared::{Part, Shared},
    },
};

/// How long billing is kept: longer than it is answered, also when Flowglad cannot be read.
const KEEP_FOR: Duration = Duration::from_secs(2 * 60 * 60);

/// The owner of an id is kept a little longer than the billing that holds it.
const KEEP_OWNER_FOR: Duration = Duration::from_secs(2 * 60 * 60 + 60);

/// Billing in Redis or Valkey, which all instances share. Given to [`BillingCache::store`](crate::cache::BillingCache::store),
/// one for each client.
///
/// What one instance has read the others take from there, and what one changes the others forget at once: by a message, and
/// by a new epoch of the customer, so that a message that is lost only costs freshness. Billing is kept for two hours, as it
/// was received, and not compressed. While the server is away, each instance goes on with its own memory, and changes are said
/// when it is back.
///
/// ```no_run
/// use flowglad_core::{Flowglad, cache::BillingCache, fleet::Fleet};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let fleet = Fleet::connect("redis://127.0.0.1:6379").await?;
/// let cache = BillingCache::new().store(fleet.billing());
/// let flowglad = Flowglad::builder().api_key("sk_test_example").cache(cache).build()?;
/// # Ok(()) }
/// ```
pub struct FleetBilling(Arc<Billing>);

struct Billing {
    shared: Arc<Shared>,
    /// Does not hear itself.
    sender: Box<str>,
    instances: Mutex<Vec<Instance>>,
    owed: Owed,
}

/// What the server knows of a customer: the epoch, and of the document the epoch of everyone, the age and the bytes.
type Loaded = (u64, Option<u64>, Option<i64>, Option<Vec<u8>>);

impl Fleet {
    /// The billing that all instances share. Each client needs one of its own.
    ///
    /// # Examples
    /// See [`FleetBilling`].
    #[must_use]
    pub fn billing(&self) -> FleetBilling {
        let billing = Arc::new(Billing {
            shared: Arc::clone(&self.shared),
            sender: fastrand::u64(..).to_string().into(),
            instances: Mutex::default(),
            owed: Owed::default(),
        });
        self.shared.add(&billing);
        FleetBilling(billing)
    }
}

impl BillingStore for FleetBilling {
    fn load<'a>(&'a self, customer: &'a str) -> BoxFuture<'a, Result<Stored, StoreError>> {
        self.0.load(customer).boxed()
    }

    fn save<'a>(
        &'a self,
        customer: &'a str,
        epoch: u64,
        document: StoredDocument,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        async move { Ok(self.0.save(customer, epoch, document).await?) }.boxed()
    }

    fn invalidate<'a>(&'a self, subject: Subject<'a>) -> BoxFuture<'a, Result<(), StoreError>> {
        async move { Ok(self.0.invalidate(subject).await?) }.boxed()
    }

    fn connect(&self, instance: Instance) {
        instance.hears_others(self.0.shared.link.is_up());
        self.0.instances.lock().unwrap_or_else(PoisonError::into_inner).push(instance);
    }
}

impl fmt::Debug for FleetBilling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetBilling").field("owed", &self.0.owed.len()).finish_non_exhaustive()
    }
}

impl Billing {
    async fn load(&self, customer: &str) -> Result<Stored, StoreError> {
        // What the server knows is from before the change.
        if self.owed.concerns(customer) {
            return Err(StoreAway::new("a change is not said to the server of the fleet yet").into());
        }
        let key = self.shared.keys.billing(customer);
        let mut script = scripts::LOAD_BILLING.key(key);
        let script = script.arg(fastrand::u64(..)).arg(in_millis(KEEP_FOR));
        let (everyone, loaded) = try_join(self.everyone(), self.shared.link.invoke::<Loaded>(script)).await?;
        let (epoch, saved_with, age, bytes) = loaded;
        let document = match (bytes, age.map(u64::try_from)) {
            // The clock of the server was not set back.
            (Some(bytes), Some(Ok(age))) if saved_with == Some(everyone) => {
                Some(StoredDocument { bytes: Bytes::from(bytes), age: Duration::from_millis(age) })
            }
            _ => None,
        };
        Ok(Stored { epoch: both(epoch, everyone), document })
    }

    async fn save(&self, customer: &str, epoch: u64, document: StoredDocument) -> Result<(), Failure> {
        let link = &self.shared.link;
        let (Some(began), Some(ids)) = (link.clock.time_of(document.age), ids_in(&document.bytes)) else {
            return Ok(());
        };
        // Before the document, so that a change that names one of them finds it.
        let mut owners = pipe();
        for id in ids {
            let owner = self.shared.keys.customer_of(&id);
            owners.cmd("SET").arg(owner).arg(customer).arg("PX").arg(in_millis(KEEP_OWNER_FOR)).ignore();
        }
        link.call(async |connection| owners.query_async::<()>(connection).await).await?;
        let everyone = self.everyone().await?;
        let mut script = scripts::SAVE_BILLING.key(self.shared.keys.billing(customer));
        script.arg(both(epoch, everyone)).arg(everyone).arg(began).arg(&*document.bytes).arg(in_millis(KEEP_FOR));
        link.invoke::<i64>(&script).await.map(drop)
    }

    async fn invalidate(&self, subject: Subject<'_>) -> Result<(), Failure> {
        self.forget_if_shared(subject);
        let change = Change::from(subject);
        // Until it is said: the caller may not wait for the end.
        let owed = self.owed.add(change.clone());
        self.say(&change).await?;
        self.owed.pay(&owed, 1);
        Ok(())
    }

    /// Says a change to the server, and with it to all instances.
    async fn say(&self, change: &Change) -> Result<(), Failure> {
        let keys = &self.shared.keys;
        match change {
            Change::Customer(customer) => self.outdate(&keys.billing(customer), change.subject()).await,
            Change::Everyone => self.outdate(&keys.everyone(), change.subject()).await,
            Change::CustomerId(id) | Change::Subscription(id) => {
                let owner = self.shared.link.query::<Option<String>>(cmd("GET").arg(keys.customer_of(id))).await?;
                match owner {
                    Some(customer) => self.outdate(&keys.billing(&customer), Subject::Customer(&customer)).await,
                    // No billing of its owner is kept there, but an instance may have some.
                    None => self.shared.link.query(&self.message(change.subject())).await,
                }
            }
        }
    }

    /// Ends an epoch: a key that is not there begins a new one. Unlike a write, this is done also when the memory is full.
    async fn outdate(&self, key: &str, subject: Subject<'_>) -> Result<(), Failure> {
        let mut commands = pipe();
        commands.del(key).ignore().add_command(self.message(subject)).ignore();
        self.shared.link.call(async |connection| commands.query_async(connection).await).await
    }

    fn message(&self, subject: Subject<'_>) -> redis::Cmd {
        let mut publish = cmd("PUBLISH");
        publish.arg(self.shared.keys.channel()).arg(change::message(&self.sender, subject));
        publish
    }

    /// The epoch of everyone.
    async fn everyone(&self) -> Result<u64, Failure> {
        let mut script = scripts::EVERYONE.key(self.shared.keys.everyone());
        self.shared.link.invoke(script.arg(fastrand::u64(..))).await
    }

    /// Clients that were given the same store have the same sender, and would not hear each other.
    fn forget_if_shared(&self, subject: Subject<'_>) {
        let instances = self.instances();
        for instance in instances.iter().filter(|_| instances.len() > 1) {
            instance.forget(subject);
        }
    }

    fn instances(&self) -> Vec<Instance> {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Part for Billing {
    fn heard(&self, message: &[u8]) {
        if let Some((sender, subject)) = change::read(message)
            && *sender != *self.sender
        {
            self.instances().iter().for_each(|instance| instance.forget(subject));
        }
    }

    fn changed(&self, is_up: bool) {
        self.instances().iter().for_each(|instance| instance.hears_others(is_up));
    }

    fn tend(&self) -> BoxFuture<'_, ()> {
        async {
            let started = Instant::now();
            for some in self.owed.all().chunks(AT_ONCE) {
                let said = some.iter().map(async |(change, times)| {
                    self.say(change).await.inspect(|()| self.owed.pay(change, *times)).is_ok()
                });
                if join_all(said).await.contains(&false) || started.elapsed() > TEND_FOR {
                    break;
                }
            }
        }
        .boxed()
    }

    fn owed(&self) -> u64 {
        self.owed.len()
    }
}

/// One number of two that were never used, which is another one if one of them is. From it and one of them comes the other.
fn both(one: u64, other: u64) -> u64 {
    one ^ other
}

/// The ids by which a change can name the customer. `None`: they cannot be read, and the document cannot be kept.
fn ids_in(document: &Bytes) -> Option<Vec<Arc<str>>> {
    ids(&RawJson::new(document.clone()).ok()?)
}
