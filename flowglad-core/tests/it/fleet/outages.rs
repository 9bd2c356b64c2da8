//! The server of a fleet goes away and comes back, and no request fails for it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use flowglad_core::{
    billing::{Freshness, Source},
    cache::Subject,
    fleet::Fleet,
    observe::{FleetChanged, Observer},
};
use futures_util::future::join_all;
use redis_process::{CutProxy, RedisProcess};

use super::{AppInstance, World, fleet_at, until};
use crate::{
    auth_sessions::log::Log,
    cache::{customer, may_export},
};

const IMPATIENT: Duration = Duration::from_millis(100);

/// What an observer heard: whether the server was away.
#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<bool>>>);

impl Observer for Heard {
    fn fleet_changed(&self, event: &FleetChanged) {
        self.0.lock().unwrap().push(event.is_away);
    }
}

async fn is_back(instance: &AppInstance) {
    until("the server", async || !instance.fleet.stats().is_away).await;
}

/// Questions about many customers, each of whom is read from Flowglad or the server.
async fn questions(instance: &AppInstance, customers: std::ops::Range<usize>) {
    let asked = customers.map(|number| instance.flowglad.customer(&customer(number)));
    let answers = join_all(asked.map(async |me| me.billing().await)).await;
    assert!(answers.iter().all(Result::is_ok), "a request failed for the server of the fleet");
}

#[tokio::test]
async fn a_server_that_is_killed_under_load_fails_no_request_and_is_two_lines_in_the_log() {
    let (log, _kept) = Log::keep();
    let world = World::with(RedisProcess::builder().fsync_always()).await;
    let heard = Heard::default();
    let instance = world.instance_of(fleet_at(&world.redis.url()).observer(heard.clone())).await;
    questions(&instance, 0..50).await;
    tokio::join!(questions(&instance, 50..150), async { world.redis.kill().await.unwrap() });
    questions(&instance, 150..250).await;
    instance.flowglad.invalidate(Subject::Customer("user_42")).await;
    assert!(instance.fleet.stats().is_away);
    assert_eq!(instance.fleet.stats().owed, 1);
    world.redis.restart().await.unwrap();
    is_back(&instance).await;
    questions(&instance, 250..300).await;
    until("what was owed", async || instance.fleet.stats().owed == 0).await;

    let text = log.text();
    let lines = |event: &str| text.lines().filter(|line| line.contains(event)).count();
    assert_eq!((lines("fleet_away"), lines("fleet_back"), log.warnings().len()), (1, 1, 1), "{:#?}", log.warnings());
    assert_eq!(*heard.0.lock().unwrap(), [true, false]);
    let stats = instance.fleet.stats();
    assert_eq!((stats.times_away, stats.away_for_ms), (1, 0));
}

#[tokio::test]
async fn an_app_starts_without_its_server_and_uses_it_when_it_comes() {
    let (log, _kept) = Log::keep();
    let world = World::new().await;
    world.redis.kill().await.unwrap();
    let heard = Heard::default();
    let instance = world.instance_of(fleet_at(&world.redis.url()).observer(heard.clone())).await;
    assert!(instance.fleet.stats().is_away);
    assert_eq!(may_export(&instance.ada(), Freshness::Cached).await.1, Source::Live);
    assert_eq!(may_export(&instance.ada(), Freshness::Cached).await.1, Source::Cache);
    world.redis.restart().await.unwrap();
    is_back(&instance).await;
    instance.ada().billing_with(Freshness::Live).await.unwrap();
    world.billing_is_shared().await;
    assert_eq!(log.warnings().len(), 1, "{:#?}", log.warnings());
    assert_eq!(*heard.0.lock().unwrap(), [true, false]);
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_waited_for_once_and_not_by_each_request() {
    let world = World::new().await;
    let instance = world.instance_of(Fleet::builder(world.redis.url()).patience(IMPATIENT)).await;
    world.redis.stop_answering().await.unwrap();
    questions(&instance, 0..50).await;
    let failed = instance.fleet.stats().failed_calls;
    assert!(failed > 0, "the server answered");
    for number in 50..60 {
        questions(&instance, number..number + 1).await;
    }
    assert_eq!(instance.fleet.stats().failed_calls, failed, "requests went on asking it");
    world.redis.go_on().await.unwrap();
    is_back(&instance).await;
    questions(&instance, 60..70).await;
}

/// An instance that goes on alone knows nothing of what others spend.
#[tokio::test]
async fn an_answer_after_four_tenths_of_a_second_is_waited_for_by_default() {
    let world = World::new().await;
    let instance = world.instance_of(Fleet::builder(world.redis.url())).await;
    let asked = async {
        for number in 0.. {
            questions(&instance, number..number + 1).await;
        }
    };
    tokio::select! {
        slept = world.redis.command(&["DEBUG", "SLEEP", "0.4"]) => assert!(slept.is_ok()),
        () = asked => {}
    }
    assert_eq!(instance.fleet.stats().times_away, 0);
}

#[tokio::test]
async fn a_pause_and_a_sleep_of_the_server_are_outages_that_end() {
    let world = World::new().await;
    let instance = world.instance_of(Fleet::builder(world.redis.url()).patience(IMPATIENT)).await;
    for (number, command) in [["CLIENT", "PAUSE", "1000"], ["DEBUG", "SLEEP", "1"]].iter().enumerate() {
        let first = number * 100;
        let sleeping = async { world.redis.command(command).await.unwrap() };
        let asked = async {
            until("the outage", async || {
                questions(&instance, first..first + 1).await;
                instance.flowglad.invalidate(Subject::Customer("user_42")).await;
                instance.fleet.stats().is_away
            })
            .await;
            questions(&instance, first + 1..first + 20).await;
        };
        tokio::join!(sleeping, asked);
        is_back(&instance).await;
        until("what was owed", async || instance.fleet.stats().owed == 0).await;
    }
}

#[tokio::test]
async fn a_network_that_stalls_and_one_that_is_cut_are_outages_that_end() {
    let world = World::new().await;
    let proxy = CutProxy::start(world.redis.port()).await.unwrap();
    let instance = world.instance_of(Fleet::builder(proxy.url()).patience(IMPATIENT)).await;
    for round in 0..2 {
        match round {
            0 => proxy.stall(),
            _ => proxy.cut().await,
        }
        questions(&instance, round * 10..round * 10 + 10).await;
        until("the outage", async || instance.fleet.stats().is_away).await;
        questions(&instance, round * 10..round * 10 + 10).await;
        proxy.restore().await.unwrap();
        is_back(&instance).await;
    }
    assert!(instance.fleet.stats().times_away >= 2);
}

#[tokio::test]
async fn a_fleet_that_is_dropped_or_shut_down_leaves_its_parts_as_in_an_outage() {
    let world = World::new().await;
    let AppInstance { fleet, flowglad } = world.instance().await;
    let b = world.instance().await;
    flowglad.customer(&crate::ada()).billing().await.unwrap();
    fleet.shutdown(Duration::from_secs(5)).await;
    flowglad.customer(&crate::ada()).billing_with(Freshness::Live).await.unwrap();
    flowglad.invalidate(Subject::Customer("user_42")).await;
    let AppInstance { fleet, flowglad } = b;
    drop(fleet);
    flowglad.customer(&crate::ada()).billing_with(Freshness::Live).await.unwrap();
    assert_eq!(world.api.reads(), 3);
}
