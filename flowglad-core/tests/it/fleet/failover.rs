//! A replica takes the place of the server.

use flowglad_core::{
    billing::{Freshness, Source},
    cache::Subject,
};
use redis_process::{CutProxy, RedisProcess};

use super::{World, fleet_at, until};
use crate::cache::may_export;

#[tokio::test]
async fn instances_follow_to_the_replica_that_takes_the_place_of_the_server() {
    let world = World::new().await;
    let replica = RedisProcess::builder().replica_of(&world.redis).start().await.unwrap();
    let proxy = CutProxy::start(world.redis.port()).await.unwrap();
    let a = world.instance_of(fleet_at(&proxy.url())).await;
    let b = world.instance_of(fleet_at(&proxy.url())).await;
    a.ada().billing().await.unwrap();
    world.billing_is_shared().await;
    proxy.lead_to(replica.port());
    world.redis.kill().await.unwrap();
    until("the outage", async || a.fleet.stats().is_away && b.fleet.stats().is_away).await;
    world.customer_pays(true);
    a.flowglad.invalidate(Subject::Customer("user_42")).await;
    // Before it is promoted it is of no use, and that is seen.
    assert_eq!(may_export(&a.ada(), Freshness::Cached).await, (true, Source::Live));
    assert!(a.fleet.stats().is_away);
    replica.promote().await.unwrap();
    until("the promoted one", async || !a.fleet.stats().is_away && !b.fleet.stats().is_away).await;
    until("what was owed", async || a.fleet.stats().owed == 0).await;
    assert_eq!(may_export(&b.ada(), Freshness::Cached).await, (true, Source::Live));
    world.customer_pays(false);
    b.flowglad.invalidate(Subject::Customer("user_42")).await;
    until("the message", async || !may_export(&a.ada(), Freshness::Cached).await.0).await;
}

#[tokio::test]
async fn a_server_that_has_become_a_replica_is_away() {
    let world = World::new().await;
    let other = RedisProcess::builder().start().await.unwrap();
    let a = world.instance().await;
    a.ada().billing().await.unwrap();
    world.redis.command(&["REPLICAOF", "127.0.0.1", &other.port().to_string()]).await.unwrap();
    until("the outage", async || a.fleet.stats().is_away).await;
    a.ada().billing_with(Freshness::Live).await.unwrap();
    world.redis.promote().await.unwrap();
    until("the server", async || !a.fleet.stats().is_away).await;
}
