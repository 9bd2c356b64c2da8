//! Instances that cannot hear each other, or whose server has forgotten everything.

use std::time::Duration;

use flowglad_core::{
    billing::{Freshness, Source},
    cache::Subject,
};
use redis_process::{CutProxy, RedisProcess};

use super::{World, fleet_at, until};
use crate::cache::may_export;

#[tokio::test]
async fn an_instance_that_hears_nothing_trusts_its_memory_only_while_it_is_fresh() {
    let world = World::new().await;
    let proxy = CutProxy::start(world.redis.port()).await.unwrap();
    let (a, b) = (world.instance().await, world.instance_of(fleet_at(&proxy.url())).await);
    b.ada().billing().await.unwrap();
    proxy.cut().await;
    until("the outage", async || b.fleet.stats().is_away).await;
    world.customer_pays(true);
    a.flowglad.invalidate(Subject::Customer("user_42")).await;
    assert_eq!(may_export(&b.ada(), Freshness::CachedOrStale).await, (false, Source::Cache));
    world.clock.advance(Duration::from_secs(11));
    assert_eq!(may_export(&b.ada(), Freshness::CachedOrStale).await, (true, Source::Live));
}

#[tokio::test]
async fn what_was_known_before_messages_were_lost_is_not_trusted_for_longer_when_they_come_again() {
    let world = World::new().await;
    let proxy = CutProxy::start(world.redis.port()).await.unwrap();
    let (a, b) = (world.instance().await, world.instance_of(fleet_at(&proxy.url())).await);
    b.ada().billing().await.unwrap();
    proxy.cut().await;
    until("the outage", async || b.fleet.stats().is_away).await;
    world.customer_pays(true);
    a.flowglad.invalidate(Subject::Customer("user_42")).await;
    proxy.restore().await.unwrap();
    until("the server", async || !b.fleet.stats().is_away).await;
    world.clock.advance(Duration::from_secs(11));
    assert_eq!(may_export(&b.ada(), Freshness::Cached).await, (true, Source::Live));
    world.clock.advance(Duration::from_secs(11));
    assert_eq!(may_export(&b.ada(), Freshness::Cached).await.1, Source::Cache, "now all is heard");
}

#[tokio::test]
async fn a_change_during_an_outage_is_said_when_it_ends_and_the_instance_itself_reads_nothing_older() {
    for subject in [Subject::Customer("user_42"), Subject::Subscription("sub_1"), Subject::Everyone] {
        let world = World::new().await;
        let proxy = CutProxy::start(world.redis.port()).await.unwrap();
        let (a, b) = (world.instance_of(fleet_at(&proxy.url())).await, world.instance().await);
        b.ada().billing().await.unwrap();
        world.billing_is_shared().await;
        proxy.cut().await;
        until("the outage", async || a.fleet.stats().is_away).await;
        world.customer_pays(true);
        a.flowglad.invalidate(subject).await;
        assert_eq!(a.fleet.stats().owed, 1);
        assert_eq!(may_export(&a.ada(), Freshness::Cached).await, (true, Source::Live));
        proxy.restore().await.unwrap();
        until("the change at the other", async || may_export(&b.ada(), Freshness::Cached).await.0).await;
        until("what was owed", async || a.fleet.stats().owed == 0).await;
    }
}

#[tokio::test]
async fn an_instance_that_may_not_say_its_changes_reads_nothing_older_than_they_are() {
    let user = ["--user", "mute", "on", "nopass", "~*", "&*", "+@all", "-del"];
    let world = World::with(user.into_iter().fold(RedisProcess::builder(), redis_process::RedisBuilder::arg)).await;
    let mute = world.instance_of(fleet_at(&format!("redis://mute:none@127.0.0.1:{}", world.redis.port()))).await;
    let b = world.instance().await;
    for (has_paid, subject) in [(true, Subject::Customer("user_42")), (false, Subject::Everyone)] {
        b.ada().billing_with(Freshness::Live).await.unwrap();
        world.billing_is_shared().await;
        world.customer_pays(has_paid);
        mute.flowglad.invalidate(subject).await;
        assert_eq!(may_export(&mute.ada(), Freshness::Cached).await, (has_paid, Source::Live));
    }
    let stats = mute.fleet.stats();
    assert_eq!((stats.owed, stats.is_away), (2, false));
}

#[tokio::test]
async fn a_server_that_has_forgotten_everything_keeps_nothing_from_before() {
    let world = World::new().await;
    let (a, b) = (world.instance().await, world.instance().await);
    a.ada().billing().await.unwrap();
    world.billing_is_shared().await;
    world.redis.restart().await.unwrap();
    for instance in [&a, &b] {
        until("the outage and its end", async || {
            let stats = instance.fleet.stats();
            stats.times_away == 1 && !stats.is_away
        })
        .await;
    }
    world.customer_pays(true);
    a.flowglad.invalidate(Subject::Everyone).await;
    assert_eq!(may_export(&b.ada(), Freshness::Cached).await, (true, Source::Live));
    world.billing_is_shared().await;
    assert_eq!(may_export(&a.ada(), Freshness::Cached).await, (true, Source::Cache));
}

#[tokio::test]
async fn a_read_that_began_before_a_change_is_not_shared() {
    // The change is made while the read runs: by another instance, and then by a server that has lost the epoch.
    for is_changed in [true, false] {
        let world = World::with(RedisProcess::builder()).await;
        let (a, b) = (world.instance().await, world.instance().await);
        a.ada().billing().await.unwrap();
        world.billing_is_shared().await;
        world.api.delay(Duration::from_millis(300));
        let (reader, changes) = (a.ada(), async {
            until("the read", async || world.api.reads() == 2).await;
            if is_changed {
                b.flowglad.invalidate(Subject::Customer("user_42")).await;
            } else {
                world.redis.command(&["FLUSHALL"]).await.unwrap();
            }
        });
        let (read, ()) = tokio::join!(reader.billing_with(Freshness::Live), changes);
        read.unwrap();
        // A question after it finds a store in which nothing was saved in the meantime.
        assert_eq!(b.ada().billing().await.unwrap().source(), Source::Live);
        assert_eq!(world.api.reads(), 3);
    }
}
