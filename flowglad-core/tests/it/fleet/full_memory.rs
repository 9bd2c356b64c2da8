//! A server whose memory is full: it refuses writes, or forgets keys.

use flowglad_core::{
    billing::{Freshness, Source},
    cache::Subject,
};
use redis_process::RedisProcess;

use super::{World, until};
use crate::{
    auth_sessions::log::Log,
    cache::{customer, may_export},
    webhook::receiver::{Handler, deliver, flowglad},
};

const BYTES: u64 = 4 << 20;

/// Writes 200 keys, or fewer if the memory is full before. Returns whether all were taken.
async fn fill(redis: &RedisProcess, name: &str, bytes: usize) -> bool {
    let value = "x".repeat(bytes);
    for number in 0..200 {
        if redis.command(&["SET", &format!("{name}-{bytes}-{number}"), &value]).await.is_err() {
            return false;
        }
    }
    true
}

/// Fills the last bytes too.
async fn fill_up(redis: &RedisProcess, name: &str) {
    for bytes in [100_000, 1_000, 1] {
        assert!(!fill(redis, name, bytes).await, "the server is not full");
    }
}

#[tokio::test]
async fn a_full_server_that_refuses_writes_is_done_without_and_still_outdates() {
    let (log, _kept) = Log::keep();
    let world = World::with(RedisProcess::builder().max_memory(BYTES, "noeviction")).await;
    let (a, b) = (world.instance().await, world.instance().await);
    let handler = Handler::default();
    let receiver = handler.receiver(&flowglad()).log(a.fleet.deliveries());
    assert_eq!(deliver(&receiver, "msg_1").await, 204);
    a.ada().billing().await.unwrap();
    world.billing_is_shared().await;
    assert_eq!(b.ada().billing().await.unwrap().source(), Source::Cache);
    fill_up(&world.redis, "first").await;

    // New billing is not shared, but read; and what changes is forgotten everywhere.
    for number in 0..20 {
        a.flowglad.customer(&customer(number)).billing().await.unwrap();
    }
    world.customer_pays(true);
    a.flowglad.invalidate(Subject::Customer("user_42")).await;
    until("the message", async || may_export(&b.ada(), Freshness::Cached).await.0).await;
    assert_eq!(may_export(&a.ada(), Freshness::Cached).await, (true, Source::Live));
    world.customer_pays(false);
    a.flowglad.invalidate(Subject::Everyone).await;
    until("the message", async || !may_export(&b.ada(), Freshness::Cached).await.0).await;
    fill_up(&world.redis, "second").await;
    // What cannot be claimed is refused, and sent again later; what was handled is known.
    assert_eq!(deliver(&receiver, "msg_1").await, 204);
    assert_eq!(deliver(&receiver, "msg_2").await, 500);
    assert!(!a.fleet.stats().is_away && !b.fleet.stats().is_away, "a full server is there");
    let warnings = log.warnings();
    assert_eq!(warnings.iter().filter(|line| line.contains("fleet_refuses")).count(), warnings.len(), "{warnings:#?}");
    assert_eq!(warnings.len(), 2, "one of each instance: {warnings:#?}");

    world.redis.command(&["FLUSHALL"]).await.unwrap();
    assert_eq!(deliver(&receiver, "msg_2").await, 204);
    assert_eq!(handler.calls(), 2);
    a.ada().billing_with(Freshness::Live).await.unwrap();
    world.billing_is_shared().await;
}

#[tokio::test]
async fn a_full_server_that_forgets_keys_costs_reads_and_shows_nothing_older() {
    let world = World::with(RedisProcess::builder().max_memory(BYTES, "allkeys-lru")).await;
    let (a, b) = (world.instance().await, world.instance().await);
    for round in 0..20 {
        let has_paid = round % 2 == 1;
        world.customer_pays(has_paid);
        a.flowglad.invalidate(Subject::Customer("user_42")).await;
        assert_eq!(may_export(&a.ada(), Freshness::Cached).await.0, has_paid);
        until("the message", async || may_export(&b.ada(), Freshness::Cached).await.0 == has_paid).await;
        assert!(fill(&world.redis, &round.to_string(), 100_000).await);
    }
    let evicted = world.redis.command(&["INFO", "stats"]).await.unwrap();
    let evicted =
        evicted.text().unwrap().lines().find_map(|line| line.strip_prefix("evicted_keys:")).unwrap().to_owned();
    assert!(evicted.parse::<u64>().unwrap() > 1_000, "{evicted}");
}
