//! The connection of a fleet lives on beside what its parts say, and says what is left when the app ends.

use std::time::{Duration, Instant};

use flowglad_core::{billing::Freshness, cache::Subject, usage::NotHeld};
use redis_process::CutProxy;

use super::{
    ADAS_BILLING, World, fleet_at,
    unreadable_store::UnreadableStore,
    until,
    usage::{Instance, SOON, World as UsageWorld},
};
use crate::auth_sessions::log::Log;

/// An instance whose keeper has begun to read its local outbox.
async fn instance_with(world: &UsageWorld, store: &UnreadableStore) -> Instance {
    let instance = world.instance_with(store.clone()).await;
    instance.me().hold("api_calls", 1).await.unwrap().release();
    until("a read of the local outbox", async || store.reads() > 0).await;
    instance
}

#[tokio::test]
async fn a_store_of_the_app_that_panics_costs_one_line_in_the_log_and_not_the_connection() {
    let (log, _kept) = Log::keep();
    let world = UsageWorld::new().await;
    let store = UnreadableStore::that_panics();
    let a = instance_with(&world, &store).await;
    world.redis.kill().await.unwrap();
    a.is_away(true).await;
    world.redis.restart().await.unwrap();
    a.is_away(false).await;
    let reads = store.reads();
    until("one more read", async || store.reads() > reads).await;
    let lines = log.warnings().iter().filter(|line| line.contains("fleet_panicked")).count();
    assert_eq!(lines, 1, "{:#?}", log.warnings());
    assert!(!log.text().contains("a mistake of the app's"), "a panic may name anything");
    // What others have to say is said.
    assert_eq!(a.me().hold("api_calls", 1_000).await.unwrap().amount(), 1_000);
}

#[tokio::test]
async fn an_instance_whose_store_does_not_answer_says_that_it_lives_and_keeps_its_keys() {
    let world = UsageWorld::new().await;
    let a = instance_with(&world, &UnreadableStore::default()).await;
    let b = fleet_at(&world.redis.url()).dead_after(Duration::from_secs(3)).connect().await.unwrap();
    let b = world.instance_of(b.outbox_without_disk().unwrap(), b);
    let running = a.me().hold("api_calls", 5).key("order_17").await.unwrap();
    // Longer than it takes until an instance counts as dead for the other.
    let started = Instant::now();
    until("some time", async || {
        let begun = b.me().hold("api_calls", 5).key("order_17").await;
        assert!(matches!(begun, Err(NotHeld::InFlight)), "after {:?}: {begun:?}", started.elapsed());
        started.elapsed() > Duration::from_secs(4)
    })
    .await;
    drop(running);
}

#[tokio::test]
async fn a_fleet_that_is_shut_down_while_it_connects_says_what_is_left() {
    let world = World::new().await;
    let proxy = CutProxy::start(world.redis.port()).await.unwrap();
    let a = world.instance_of(fleet_at(&proxy.url())).await;
    a.ada().billing_with(Freshness::Live).await.unwrap();
    world.billing_is_shared().await;
    proxy.cut().await;
    until("the outage", async || a.fleet.stats().is_away).await;
    a.flowglad.invalidate(Subject::Customer("user_42")).await;
    assert_eq!(a.fleet.stats().owed, 1);
    // It can be connected to, and does not answer before the app ends.
    world.redis.stop_answering().await.unwrap();
    proxy.restore().await.unwrap();
    let (flowglad, goes_on) = (a.flowglad, world.redis.go_on());
    let ((), went_on) = tokio::join!(a.fleet.shutdown(SOON), goes_on);
    went_on.unwrap();
    let found = world.redis.command(&["HEXISTS", ADAS_BILLING, "document"]).await.unwrap();
    assert_eq!(found.number(), Some(0), "the change was not said");
    drop(flowglad);
}

#[tokio::test]
async fn a_fleet_whose_server_is_away_is_shut_down_within_the_limit() {
    let world = World::new().await;
    let proxy = CutProxy::start(world.redis.port()).await.unwrap();
    for limit in [Duration::ZERO, Duration::from_secs(60)] {
        let a = world.instance_of(fleet_at(&proxy.url())).await;
        proxy.cut().await;
        until("the outage", async || a.fleet.stats().is_away).await;
        a.flowglad.invalidate(Subject::Customer("user_42")).await;
        let started = Instant::now();
        a.fleet.shutdown(limit).await;
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
        proxy.restore().await.unwrap();
    }
}
