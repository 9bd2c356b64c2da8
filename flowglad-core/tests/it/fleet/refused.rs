//! Settings and servers that cannot be used, secrets, clusters, and calls that are not made.

use std::time::Duration;

use flowglad_core::{
    billing::{Freshness, Source},
    cache::Subject,
    fleet::{Fleet, FleetError},
    usage::Outbox,
};
use redis_process::RedisProcess;

use super::{World, until};
use crate::{
    auth_sessions::log::Log,
    cache::may_export,
    webhook::receiver::{Handler, deliver, flowglad},
};

const PASSWORD: &str = "opensesame4711";

async fn refused(url: &str) -> FleetError {
    Fleet::connect(url).await.unwrap_err()
}

#[tokio::test]
async fn a_wrong_password_and_a_wrong_url_are_errors_that_show_neither() {
    let (log, _kept) = Log::keep();
    let redis = RedisProcess::builder().password("right").start().await.unwrap();
    let at = |user: &str| format!("redis://{user}@127.0.0.1:{}", redis.port());
    let mut shown = Vec::new();
    for url in [
        at(&format!(":{PASSWORD}")),
        at(&format!("ada:{PASSWORD}")),
        format!("redis://127.0.0.1:{}", redis.port()),
        format!("http://:{PASSWORD}@127.0.0.1"),
        format!("redis://:{PASSWORD}@127.0.0.1:port"),
        PASSWORD.to_owned(),
    ] {
        let error = refused(&url).await;
        shown.push(format!("{error} {error:?} {:?}", Fleet::builder(url)));
    }
    shown.push(log.text());
    let shown = shown.join("\n");
    assert!(shown.contains("the server cannot be used") && shown.contains("the URL is not one of Redis"), "{shown}");
    assert!(!shown.contains(PASSWORD), "{shown}");
}

#[tokio::test]
async fn a_password_is_in_nothing_that_is_shown_also_when_the_server_goes_away() {
    let (log, _kept) = Log::keep();
    let world = World::with(RedisProcess::builder().password(PASSWORD)).await;
    let instance = world.instance().await;
    instance.ada().billing().await.unwrap();
    let parts = format!("{:?} {:?}", instance.fleet.billing(), instance.fleet.deliveries());
    world.redis.kill().await.unwrap();
    until("the outage", async || instance.fleet.stats().is_away).await;
    let shown = format!("{:?} {:?} {parts} {}", instance.fleet, instance.flowglad, log.text());
    assert!(shown.contains("fleet_away"), "{shown}");
    for secret in [PASSWORD, "user_42", "ada@example.com"] {
        assert!(!shown.contains(secret), "{secret} is in {shown}");
    }
}

#[tokio::test]
async fn a_user_with_a_password_is_signed_in() {
    let redis = RedisProcess::builder()
        .arg("--user")
        .arg("shop")
        .arg("on")
        .arg(">secret")
        .arg("~flowglad:*")
        .arg("&flowglad:*")
        .arg("+@all");
    let redis = redis.start().await.unwrap();
    let fleet = Fleet::connect(format!("redis://shop:secret@127.0.0.1:{}", redis.port())).await.unwrap();
    let handler = Handler::default();
    let receiver = handler.receiver(&flowglad()).log(fleet.deliveries());
    assert_eq!(deliver(&receiver, "msg_1").await, 204);
}

#[tokio::test]
async fn settings_that_cannot_work_are_refused_before_anything_is_sent() {
    let builder = || Fleet::builder("redis://127.0.0.1:1");
    for (builder, setting) in [
        (builder().prefix(""), "prefix"),
        (builder().prefix("a b"), "prefix"),
        (builder().prefix("{x}"), "prefix"),
        (builder().patience(Duration::ZERO), "patience"),
        (builder().dead_after(Duration::from_millis(10)), "dead_after"),
    ] {
        let error = builder.connect().await.unwrap_err();
        assert!(error.to_string().starts_with(&format!("fleet: {setting} must")), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_loses_usage_is_said_also_if_it_comes_later_and_once() {
    let (log, _kept) = Log::keep();
    let redis = RedisProcess::builder().max_memory(64 << 20, "allkeys-lru").start().await.unwrap();
    let early = Fleet::connect(redis.url()).await.unwrap();
    let refused = early.outbox(Outbox::in_memory()).unwrap_err();
    assert!(refused.to_string().contains("maxmemory-policy is allkeys-lru"), "{refused}");
    redis.kill().await.unwrap();
    let late = Fleet::connect(redis.url()).await.unwrap();
    let _outbox = late.outbox(Outbox::in_memory()).unwrap();
    for _ in 0..2 {
        redis.restart().await.unwrap();
        until("the server", async || !late.stats().is_away).await;
        redis.kill().await.unwrap();
        until("the outage", async || late.stats().is_away).await;
    }
    let said = |event: &str| log.warnings().iter().filter(|line| line.contains(event)).count();
    assert_eq!((said("fleet_drops"), said("fleet_forgets")), (1, 1), "{:#?}", log.warnings());
}

#[tokio::test]
async fn two_apps_on_one_server_have_nothing_in_common() {
    let world = World::new().await;
    let shop = world.instance_of(super::fleet_at(&world.redis.url()).prefix("shop")).await;
    let blog = world.instance_of(super::fleet_at(&world.redis.url()).prefix("blog")).await;
    shop.ada().billing().await.unwrap();
    blog.ada().billing().await.unwrap();
    assert_eq!(world.api.reads(), 2);
    shop.flowglad.invalidate(Subject::Everyone).await;
    until("its own message", async || shop.fleet.stats().messages > 0).await;
    assert_eq!(blog.fleet.stats().messages, 0);
    assert_eq!(may_export(&blog.ada(), Freshness::Cached).await.1, Source::Cache);
}

#[tokio::test]
async fn all_steps_keep_to_one_slot_of_a_cluster() {
    let (log, _kept) = Log::keep();
    let world = World::with(RedisProcess::builder().cluster()).await;
    let (a, b) = (world.instance().await, world.instance().await);
    a.ada().billing().await.unwrap();
    world.billing_is_shared().await;
    assert_eq!(b.ada().billing().await.unwrap().source(), Source::Cache);
    for subject in [
        Subject::Customer("user_42"),
        Subject::CustomerId("cust_user_42"),
        Subject::Subscription("sub_1"),
        Subject::Subscription("sub_of_no_one"),
        Subject::Everyone,
    ] {
        a.flowglad.invalidate(subject).await;
    }
    let handler = Handler { failures: 1, ..Handler::default() };
    let receiver = handler.receiver(&flowglad()).log(a.fleet.deliveries());
    assert_eq!([deliver(&receiver, "msg_1").await, deliver(&receiver, "msg_1").await], [500, 204]);
    let stats = a.fleet.stats();
    assert_eq!((stats.failed_calls, stats.owed, b.fleet.stats().failed_calls), (0, 0, 0));
    assert!(log.warnings().iter().all(|line| !line.contains("fleet_refuses")), "{:#?}", log.warnings());
}

#[tokio::test]
async fn a_question_that_memory_answers_sends_nothing_to_the_server() {
    let world = World::new().await;
    let instance = world.instance().await;
    instance.ada().billing().await.unwrap();
    world.billing_is_shared().await;
    // Everyone, the load, the owners, everyone again and the save.
    until("the end of the save", async || instance.fleet.stats().calls >= 5).await;
    let reads = async || {
        let stats = world.redis.command(&["INFO", "commandstats"]).await.unwrap();
        let of =
            |command: &str| stats.text().unwrap().lines().find(|line| line.starts_with(command)).map(str::to_owned);
        [of("cmdstat_hmget"), of("cmdstat_get:"), of("cmdstat_publish")]
    };
    let (calls, before) = (instance.fleet.stats().calls, reads().await);
    for _ in 0..1_000 {
        assert_eq!(may_export(&instance.ada(), Freshness::CachedOrStale).await.1, Source::Cache);
    }
    assert_eq!((instance.fleet.stats().calls, reads().await), (calls, before));
}
