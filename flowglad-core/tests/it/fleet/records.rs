//! Records with which something is wrong, and those that come a second time.

use std::time::Duration;

use flowglad_core::{api::NewUsageEvent, billing::Freshness, cache::Subject, gate, usage::DeadLetter};
use flowglad_sandbox::Fault;
use redis_process::{CutProxy, RedisProcess, Reply};

use super::{
    until,
    usage::{BULK, Instance, SOON, World, used},
};
use crate::ada;

const STREAM: &str = "flowglad:1:{usage}:stream";

async fn waits_in_stream(redis: &RedisProcess) -> i64 {
    redis.command(&["XLEN", STREAM]).await.unwrap().number().unwrap()
}

async fn dead_letters(instance: &Instance, wanted: usize) -> Vec<DeadLetter> {
    let usage = instance.flowglad.usage();
    until("the dead letters", async || usage.dead_letters(None, 10).await.unwrap().len() == wanted).await;
    usage.dead_letters(None, 10).await.unwrap()
}

#[tokio::test]
async fn what_an_older_server_has_again_is_delivered_again_and_counts_once() {
    let world = World::new().await;
    let older = RedisProcess::builder().replica_of(&world.redis).start().await.unwrap();
    let proxy = CutProxy::start(world.redis.port()).await.unwrap();
    let a = world.instance_at(&world.redis.url_at(proxy.port()), Some("a")).await;
    world.sandbox.inject_fault(Fault::status(503).on("POST", BULK).times(1_000)).unwrap();
    for key in ["1", "2", "3"] {
        a.me().record_usage(used(100, key)).await.unwrap();
    }
    let delivery = a.deliver();
    until("what the replica has", async || {
        let taken = older.command(&["XPENDING", STREAM, "delivery"]).await;
        taken.is_ok_and(|taken| taken.list().first().and_then(Reply::number) == Some(3))
    })
    .await;
    // It stays as it is, and takes the place of the server when all is delivered.
    older.promote().await.unwrap();
    world.sandbox.clear_faults();
    delivery.flush(SOON).await;
    assert_eq!(waits_in_stream(&world.redis).await, 0);
    proxy.lead_to(older.port());
    world.redis.kill().await.unwrap();
    until("the second delivery", async || waits_in_stream(&older).await == 0).await;
    assert_eq!(world.charged(), 300);
    a.flowglad.invalidate(Subject::Customer("user_42")).await;
    a.me().hold("api_calls", 700).await.unwrap().release();
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_a_dead_letter_and_stops_no_other() {
    let world = World::new().await;
    let a = world.instance("a").await;
    a.me().record_usage(used(1, "before")).await.unwrap();
    world.redis.command(&["XADD", STREAM, "*", "t", "1000", "r", "\u{7}of a later version"]).await.unwrap();
    a.me().record_usage(used(1, "after")).await.unwrap();
    let delivery = a.deliver();
    delivery.flush(SOON).await;
    assert_eq!((world.charged(), waits_in_stream(&world.redis).await), (2, 0));
    assert_eq!(dead_letters(&a, 1).await.len(), 1);
}

#[tokio::test]
async fn a_dead_letter_that_is_recorded_again_while_the_server_is_full_is_not_lost() {
    let world = World::with(RedisProcess::builder().max_memory(3 << 20, "noeviction")).await;
    let (a, b) = (world.instance("a").await, world.instance("b").await);
    let unknown = NewUsageEvent::for_meter("no_such_meter", 1.try_into().unwrap()).unique_for(&ada(), "key");
    b.me().record_usage(unknown).await.unwrap();
    b.deliver().flush(SOON).await;
    let letters = dead_letters(&a, 1).await;
    for bytes in [64 << 10, 1 << 10, 1] {
        while world.redis.command(&["APPEND", "ballast", &"x".repeat(bytes)]).await.is_ok() {}
    }
    assert_eq!(a.flowglad.usage().replay(letters.iter().map(DeadLetter::sequence)).await.unwrap(), 1);
    dead_letters(&a, 0).await;
    assert_eq!(waits_in_stream(&world.redis).await, 0);
    world.redis.command(&["DEL", "ballast"]).await.unwrap();
    until("its move into the stream", async || waits_in_stream(&world.redis).await == 1).await;
}

#[tokio::test]
async fn what_was_held_for_usage_that_is_refused_in_an_outage_is_free_when_the_server_is_back() {
    let world = World::new().await;
    let proxy = CutProxy::start(world.redis.port()).await.unwrap();
    let (a, b) = (world.instance_at(&world.redis.url_at(proxy.port()), Some("a")).await, world.instance("b").await);
    let held = a.me().hold("api_calls", 1_000).await.unwrap();
    proxy.cut().await;
    a.is_away(true).await;
    held.settle(1_000).await.unwrap();
    world.sandbox.inject_fault(Fault::status(413).on("POST", "/api/v1/usage-events*").times(1_000)).unwrap();
    let delivery = a.deliver();
    until("the refusal", async || a.flowglad.usage().stats().dead_letters == 1).await;
    proxy.restore().await.unwrap();
    until("the hold's end", async || b.me().hold("api_calls", 1_000).await.is_ok()).await;
    drop(delivery);
}

#[tokio::test]
async fn a_gate_counts_what_the_fleet_has_recorded_and_flowglad_does_not_have() {
    let world = World::new().await;
    let (a, b) = (world.instance("a").await, world.instance("b").await);
    world.sandbox.inject_fault(Fault::status(503).on("POST", BULK).times(1_000)).unwrap();
    let delivery = a.deliver();
    a.me().record_usage(used(990, "most")).await.unwrap();
    for instance in [&a, &b] {
        let me = instance.me();
        // However new the read is.
        me.billing_with(Freshness::Live).await.unwrap();
        until("the refusal", async || me.require(gate::balance("api_calls", 11)).await.is_err()).await;
        me.require(gate::balance("api_calls", 10)).await.unwrap();
    }
    world.redis.kill().await.unwrap();
    b.is_away(true).await;
    tokio::time::timeout(Duration::from_secs(5), b.me().require(gate::balance("api_calls", 10)))
        .await
        .unwrap()
        .unwrap();
    drop(delivery);
}
