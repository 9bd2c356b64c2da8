//! Usage and holds of several instances, with a real Redis and the sandbox.

use std::{path::PathBuf, time::Duration};

use flowglad_core::{
    CustomerScope, Flowglad,
    api::NewUsageEvent,
    cache::BillingCache,
    fleet::{Fleet, FleetError},
    usage::{DeadLetter, Hold, NotHeld, Outbox, RecordError, UsageDelivery, UsageStore, WhenAlone},
};
use flowglad_sandbox::{Fault, Sandbox};
use redis_process::{CutProxy, RedisBuilder, RedisProcess};

use super::fleet_at;
use crate::{ada, builder};

pub(super) const BULK: &str = "/api/v1/usage-events/bulk";
pub(super) const SOON: Duration = Duration::from_secs(20);

pub(super) struct World {
    pub(super) redis: RedisProcess,
    pub(super) sandbox: Sandbox,
    pub(super) folder: tempfile::TempDir,
}

pub(super) struct Instance {
    pub(super) fleet: Fleet,
    pub(super) flowglad: Flowglad,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(RedisProcess::builder().fsync_always()).await
    }

    pub(super) async fn with(redis: RedisBuilder) -> Self {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.subscribe("user_42", "pro_monthly").unwrap();
        Self { redis: redis.start().await.unwrap(), sandbox, folder: tempfile::tempdir().unwrap() }
    }

    pub(super) async fn instance(&self, name: &str) -> Instance {
        self.instance_at(&self.redis.url(), Some(name)).await
    }

    /// An instance with a folder, or without a disk.
    pub(super) async fn instance_at(&self, url: &str, folder: Option<&str>) -> Instance {
        let fleet = fleet_at(url).dead_after(Duration::from_secs(1)).connect().await.unwrap();
        let outbox = match folder {
            Some(name) => fleet.outbox(Outbox::open(self.folder(name)).unwrap()),
            None => fleet.outbox_without_disk(),
        };
        let outbox = outbox.unwrap().collect_for(Duration::from_millis(1));
        let client = builder(self.sandbox.base_url()).api_key(self.sandbox.api_key());
        let cache = BillingCache::new().store(fleet.billing());
        Instance { flowglad: client.cache(cache).usage(outbox).build().unwrap(), fleet }
    }

    /// An instance with a local outbox of the app's own.
    pub(super) async fn instance_with(&self, store: impl UsageStore) -> Instance {
        let fleet = fleet_at(&self.redis.url()).connect().await.unwrap();
        self.instance_of(fleet.outbox(Outbox::new(store)).unwrap(), fleet)
    }

    pub(super) fn instance_of(&self, outbox: Outbox, fleet: Fleet) -> Instance {
        let client = builder(self.sandbox.base_url()).api_key(self.sandbox.api_key());
        Instance { flowglad: client.usage(outbox).build().unwrap(), fleet }
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn charged(&self) -> i64 {
        self.sandbox.usage_ledger().iter().map(|event| event.amount).sum()
    }
}

impl Instance {
    pub(super) fn me(&self) -> CustomerScope {
        self.flowglad.customer(&ada())
    }

    pub(super) fn deliver(&self) -> UsageDelivery {
        self.flowglad.usage().start_delivery().unwrap()
    }

    /// Until the server can be used, or cannot.
    pub(super) async fn is_away(&self, is_away: bool) {
        until(|| self.fleet.stats().is_away == is_away).await;
    }
}

pub(super) fn too_little(held: &Result<Hold, NotHeld>) {
    assert!(matches!(held, Err(NotHeld::Refused(_))), "{held:?}");
}

pub(super) fn used(amount: u64, key: &str) -> NewUsageEvent {
    NewUsageEvent::for_meter("api_calls", amount.try_into().unwrap()).unique_for(&ada(), key)
}

/// Waits for something that comes by itself.
async fn until(mut is_so: impl FnMut() -> bool) {
    super::until("what the test waits for", async || is_so()).await;
}

#[tokio::test]
async fn what_one_instance_records_another_delivers_once() {
    let world = World::new().await;
    let (a, b) = (world.instance("a").await, world.instance("b").await);
    let recorded = a.me().record_usage(used(3, "one")).await.unwrap();
    assert!(!recorded.is_repeated());
    assert!(b.me().record_usage(used(3, "one")).await.unwrap().is_repeated(), "the key is known to the fleet");
    a.me().record_usage(used(4, "two")).await.unwrap();
    assert_eq!(a.flowglad.usage().stats().pending, 2);
    let delivery = b.deliver();
    assert_eq!(delivery.flush(SOON).await.pending, 0);
    assert_eq!((world.charged(), world.sandbox.usage_ledger().len()), (7, 2));
    assert_eq!(world.redis.command(&["XLEN", "flowglad:1:{usage}:stream"]).await.unwrap().number(), Some(0));
}

#[tokio::test]
async fn what_an_instance_had_taken_is_delivered_by_others_when_it_is_dead() {
    let world = World::new().await;
    let (a, b) = (world.instance("a").await, world.instance("b").await);
    // Flowglad is away for it, so that it keeps what it has taken.
    world.sandbox.inject_fault(Fault::status(503).on("POST", BULK).times(1_000)).unwrap();
    let delivery = a.deliver();
    for number in 0..20 {
        a.me().record_usage(used(1, &number.to_string())).await.unwrap();
    }
    until(|| a.flowglad.usage().stats().is_failing).await;
    drop((delivery, a));
    world.sandbox.clear_faults();
    let delivery = b.deliver();
    delivery.flush(SOON).await;
    until(|| world.charged() == 20).await;
    assert_eq!(world.sandbox.usage_ledger().len(), 20);
}

#[tokio::test]
async fn while_redis_is_away_usage_is_recorded_and_delivered_and_counts_once_when_it_is_back() {
    let world = World::new().await;
    let proxy = CutProxy::start(world.redis.port()).await.unwrap();
    let (a, b) = (world.instance_at(&world.redis.url_at(proxy.port()), Some("a")).await, world.instance("b").await);
    a.me().record_usage(used(1, "before")).await.unwrap();
    proxy.cut().await;
    a.is_away(true).await;
    for number in 0..10 {
        a.me().record_usage(used(1, &number.to_string())).await.unwrap();
    }
    // It holds alone.
    a.me().hold("api_calls", 1).await.unwrap().settle(1).await.unwrap();
    assert!(a.fleet.stats().held_alone > 0);
    let refused = a.me().hold("api_calls", 1).when_alone(WhenAlone::Refuse).await;
    assert!(matches!(refused, Err(NotHeld::Outbox(RecordError::Store { .. }))), "{refused:?}");
    assert_eq!(world.charged(), 0);
    let at_a = a.deliver();
    until(|| world.charged() == 11).await;
    // The rest waits in a folder, and is moved when Redis is back.
    at_a.shutdown(SOON).await;
    proxy.restore().await.unwrap();
    a.is_away(false).await;
    let delivery = b.deliver();
    delivery.flush(SOON).await;
    assert_eq!((world.charged(), world.sandbox.usage_ledger().len()), (12, 12));
}

#[tokio::test]
async fn usage_that_was_recorded_in_an_outage_is_moved_to_the_stream_after_a_restart() {
    let world = World::new().await;
    let a = world.instance("a").await;
    world.redis.kill().await.unwrap();
    for number in 0..10 {
        a.me().record_usage(used(1, &number.to_string())).await.unwrap();
    }
    assert_eq!(a.flowglad.usage().stats().pending, 10);
    drop(a);
    world.redis.restart().await.unwrap();
    // The dead instance's folder is the new one's.
    let again = world.instance("a").await;
    assert!(again.me().record_usage(used(1, "11")).await.is_ok());
    let delivery = again.deliver();
    delivery.flush(SOON).await;
    until(|| world.charged() == 11).await;
    assert!(again.me().record_usage(used(1, "3")).await.unwrap().is_repeated());
}

#[tokio::test]
async fn what_is_in_the_stream_survives_a_kill_of_redis() {
    let world = World::new().await;
    let a = world.instance("a").await;
    for number in 0..50 {
        a.me().record_usage(used(1, &number.to_string())).await.unwrap();
    }
    world.redis.kill().await.unwrap();
    world.redis.restart().await.unwrap();
    a.is_away(false).await;
    let delivery = a.deliver();
    delivery.flush(SOON).await;
    until(|| world.charged() == 50).await;
}

#[tokio::test]
async fn an_instance_without_a_disk_refuses_usage_while_redis_is_away_and_loses_none() {
    let world = World::new().await;
    let a = world.instance_at(&world.redis.url(), None).await;
    a.me().record_usage(used(1, "before")).await.unwrap();
    world.redis.kill().await.unwrap();
    let refused = a.me().record_usage(used(1, "while")).await.unwrap_err();
    assert_eq!(refused.to_string(), "usage cannot be recorded: the server of the fleet is away");
    world.redis.restart().await.unwrap();
    a.is_away(false).await;
    let delivery = a.deliver();
    delivery.flush(SOON).await;
    until(|| world.charged() == 1).await;
}

#[tokio::test]
async fn dead_letters_are_the_fleets() {
    let world = World::new().await;
    let (a, b) = (world.instance("a").await, world.instance("b").await);
    let unknown = |key: &str| NewUsageEvent::for_meter("no_such_meter", 1.try_into().unwrap()).unique_for(&ada(), key);
    for key in ["1", "2", "3"] {
        a.me().record_usage(unknown(key)).await.unwrap();
    }
    a.me().record_usage(used(1, "good")).await.unwrap();
    let delivery = a.deliver();
    delivery.flush(SOON).await;
    until(|| a.flowglad.usage().stats().dead_letters == 3).await;
    let letters = b.flowglad.usage().dead_letters(None, 2).await.unwrap();
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0].customer(), "user_42");
    let rest = b.flowglad.usage().dead_letters(Some(letters[1].sequence()), 10).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert_eq!(b.flowglad.usage().discard([rest[0].sequence()]).await.unwrap(), 1);
    assert_eq!(b.flowglad.usage().replay(letters.iter().map(DeadLetter::sequence)).await.unwrap(), 2);
    delivery.flush(SOON).await;
    until(|| a.flowglad.usage().stats().dead_letters == 2).await;
    assert_eq!(world.charged(), 1);
}

#[tokio::test]
async fn a_server_that_may_drop_usage_is_refused_and_a_full_one_loses_none() {
    let drops = World::with(RedisProcess::builder().max_memory(4 << 20, "allkeys-lru")).await;
    let fleet = Fleet::connect(drops.redis.url()).await.unwrap();
    let refused = fleet.outbox_without_disk().unwrap_err();
    assert!(matches!(&refused, FleetError::Server { .. }) && refused.to_string().contains("allkeys-lru"), "{refused}");

    let world = World::with(RedisProcess::builder().max_memory(3 << 20, "noeviction")).await;
    let a = world.instance("a").await;
    a.me().record_usage(used(1, "before")).await.unwrap();
    let ballast = "x".repeat(2 << 20);
    for key in ["ballast_1", "ballast_2"] {
        world.redis.command(&["SET", key, &ballast]).await.ok();
    }
    for number in 0..10 {
        a.me().record_usage(used(1, &number.to_string())).await.unwrap();
    }
    // What is in a full server is delivered, and what it did not take.
    let delivery = a.deliver();
    until(|| world.charged() == 11).await;
    world.redis.command(&["DEL", "ballast_1", "ballast_2"]).await.unwrap();
    a.me().record_usage(used(1, "after")).await.unwrap();
    delivery.flush(SOON).await;
    assert_eq!((world.charged(), world.sandbox.usage_ledger().len()), (12, 12));
}

#[tokio::test]
async fn a_node_of_a_cluster_takes_every_step() {
    let world = World::with(RedisProcess::builder().cluster()).await;
    let (a, b) = (world.instance("a").await, world.instance("b").await);
    let held = a.me().hold("api_calls", 10).key("order_1").await.unwrap();
    too_little(&b.me().hold("api_calls", 991).await);
    held.settle(10).await.unwrap();
    a.me().record_usage(NewUsageEvent::for_meter("no_such_meter", 1.try_into().unwrap())).await.unwrap();
    let delivery = b.deliver();
    delivery.flush(SOON).await;
    until(|| b.flowglad.usage().stats().dead_letters == 1).await;
    assert_eq!(a.flowglad.usage().dead_letters(None, 10).await.unwrap().len(), 1);
    assert_eq!(world.charged(), 10);
    assert_eq!(a.fleet.stats().failed_calls + b.fleet.stats().failed_calls, 0);
}

#[tokio::test]
async fn an_ended_instance_gives_back_at_once_what_it_had_taken() {
    let world = World::new().await;
    let fleet = fleet_at(&world.redis.url()).dead_after(Duration::from_secs(3_600)).connect().await.unwrap();
    let outbox = fleet.outbox_without_disk().unwrap().collect_for(Duration::from_millis(1));
    let client = builder(world.sandbox.base_url()).api_key(world.sandbox.api_key()).usage(outbox);
    let a = Instance { flowglad: client.build().unwrap(), fleet };
    world.sandbox.inject_fault(Fault::status(503).on("POST", BULK).times(1_000)).unwrap();
    let delivery = a.deliver();
    a.me().record_usage(used(1, "one")).await.unwrap();
    until(|| a.flowglad.usage().stats().is_failing).await;
    delivery.shutdown(Duration::from_millis(1)).await;
    a.fleet.shutdown(SOON).await;
    world.sandbox.clear_faults();
    let b = world.instance("b").await;
    let delivery = b.deliver();
    delivery.flush(SOON).await;
    assert_eq!(world.charged(), 1);
}

#[tokio::test]
async fn what_was_delivered_and_what_waits_after_an_outage_counts_for_all_instances_at_once() {
    let world = World::new().await;
    let proxy = CutProxy::start(world.redis.port()).await.unwrap();
    let (a, b) = (world.instance_at(&world.redis.url_at(proxy.port()), Some("a")).await, world.instance("b").await);
    // Both know the balance, and read it once only.
    for me in [a.me(), b.me()] {
        me.hold("api_calls", 1).await.unwrap().release();
    }
    proxy.cut().await;
    a.is_away(true).await;
    a.me().record_usage(used(300, "delivered")).await.unwrap();
    let at_a = a.deliver();
    at_a.flush(SOON).await;
    assert_eq!(world.charged(), 300);
    drop(at_a);
    a.me().record_usage(used(200, "waits")).await.unwrap();
    proxy.restore().await.unwrap();
    a.is_away(false).await;
    until(|| a.flowglad.usage().stats().pending == 1 && a.fleet.stats().calls > 0).await;
    super::until("the book has all", async || {
        let held = b.me().hold("api_calls", 501).await;
        held.is_err()
    })
    .await;
    let held = b.me().hold("api_calls", 500).await.unwrap();
    assert_eq!(held.left(), Some(0));
}

#[tokio::test]
async fn what_was_taken_by_a_call_whose_answer_was_lost_is_delivered_by_the_same_instance() {
    let world = World::new().await;
    let fleet = Fleet::builder(world.redis.url()).patience(Duration::from_secs(2)).connect().await.unwrap();
    let outbox = fleet.outbox_without_disk().unwrap().collect_for(Duration::from_millis(1));
    let client = builder(world.sandbox.base_url()).api_key(world.sandbox.api_key()).usage(outbox);
    let a = Instance { flowglad: client.build().unwrap(), fleet };
    for number in 0..5 {
        a.me().record_usage(used(1, &number.to_string())).await.unwrap();
    }
    // It does what it was asked when it goes on, and no one waits for the answer any more.
    world.redis.stop_answering().await.unwrap();
    let delivery = a.deliver();
    a.is_away(true).await;
    world.redis.go_on().await.unwrap();
    a.is_away(false).await;
    until(|| world.charged() == 5).await;
    drop(delivery);
}
