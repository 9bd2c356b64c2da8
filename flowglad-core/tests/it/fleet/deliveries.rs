//! The log of webhook deliveries that instances share.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use flowglad_core::{
    cache::StoreError,
    fleet::{Fleet, FleetDeliveryLog},
    webhook::{Claim, Claimed, DeliveryLog, WebhookEvent, WebhookReceiver},
};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, join_all},
};
use redis_process::{CutProxy, RedisProcess};
use tokio::time::timeout;

use super::{fleet_at, until};
use crate::webhook::receiver::{Handler, deliver, flowglad, secrets};

const DELIVERY: &str = "flowglad:1:delivery:{msg_1}";

async fn instance(redis: &RedisProcess, handler: &Handler) -> (Fleet, WebhookReceiver) {
    let fleet = fleet_at(&redis.url()).connect().await.unwrap();
    let receiver = handler.receiver(&flowglad()).log(fleet.deliveries());
    (fleet, receiver)
}

#[tokio::test]
async fn of_deliveries_to_all_instances_at_once_one_is_handled() {
    let redis = RedisProcess::builder().start().await.unwrap();
    let handler = Handler::default();
    let instances = join_all([(); 3].map(|()| instance(&redis, &handler))).await;
    let deliveries = instances.iter().flat_map(|(_, receiver)| [(); 10].map(|()| deliver(receiver, "msg_1")));
    assert_eq!(join_all(deliveries).await, [204; 30]);
    assert_eq!(handler.calls(), 1);
    assert_eq!(deliver(&instances[2].1, "msg_2").await, 204);
    assert_eq!(handler.calls(), 2);
    let left = redis.command(&["PTTL", DELIVERY]).await.unwrap().number().unwrap();
    let days = Duration::from_millis(left.try_into().unwrap()).as_secs_f64() / 86_400.0;
    assert!(days > 1.99 && days <= 2.0, "kept for {days} days");
}

#[tokio::test]
async fn an_instance_whose_handler_fails_gives_the_delivery_to_another() {
    let redis = RedisProcess::builder().start().await.unwrap();
    let failing = Handler { failures: 1, ..Handler::default() };
    let (_a, at_a) = instance(&redis, &failing).await;
    let (_b, at_b) = instance(&redis, &failing).await;
    assert_eq!(deliver(&at_a, "msg_1").await, 500);
    assert_eq!(redis.command(&["EXISTS", DELIVERY]).await.unwrap().number(), Some(0));
    assert_eq!(deliver(&at_b, "msg_1").await, 204);
    assert_eq!(deliver(&at_a, "msg_1").await, 204);
    assert_eq!(failing.calls(), 2);
}

#[tokio::test]
async fn while_the_server_is_away_deliveries_are_refused_and_sent_again_later() {
    let redis = RedisProcess::builder().fsync_always().start().await.unwrap();
    let handler = Handler::default();
    let (fleet, receiver) = instance(&redis, &handler).await;
    assert_eq!(deliver(&receiver, "msg_1").await, 204);
    redis.kill().await.unwrap();
    assert_eq!(deliver(&receiver, "msg_1").await, 500);
    assert_eq!(deliver(&receiver, "msg_2").await, 500);
    redis.restart().await.unwrap();
    until("the server", async || !fleet.stats().is_away).await;
    assert_eq!(deliver(&receiver, "msg_1").await, 204);
    assert_eq!(deliver(&receiver, "msg_2").await, 204);
    assert_eq!(handler.calls(), 2);
}

#[tokio::test]
async fn what_is_handled_while_the_server_goes_away_is_remembered_until_it_is_back() {
    let redis = Arc::new(RedisProcess::builder().fsync_always().start().await.unwrap());
    let fleet = fleet_at(&redis.url()).connect().await.unwrap();
    let (ends_it, calls) = (Arc::clone(&redis), Arc::new(AtomicU32::default()));
    let counted = Arc::clone(&calls);
    let receiver = WebhookReceiver::new(&flowglad(), secrets(), async move |_: WebhookEvent| {
        counted.fetch_add(1, SeqCst);
        ends_it.kill().await.unwrap();
    });
    let receiver = receiver.log(fleet.deliveries());
    assert_eq!(deliver(&receiver, "msg_1").await, 204);
    assert_eq!((fleet.stats().owed, fleet.stats().is_away), (1, true));
    assert_eq!(deliver(&receiver, "msg_1").await, 204);
    redis.restart().await.unwrap();
    until("the mark", async || fleet.stats().owed == 0).await;
    assert_eq!(redis.command(&["GET", DELIVERY]).await.unwrap().text(), Some("done"));
    assert_eq!(calls.load(SeqCst), 1);
}

/// Waits until the server is there and knows all.
async fn has_said_all(fleet: &Fleet) {
    until("the server", async || {
        let stats = fleet.stats();
        !stats.is_away && stats.owed == 0
    })
    .await;
}

#[tokio::test]
async fn a_claim_whose_answer_was_lost_does_not_block_the_delivery() {
    let redis = RedisProcess::builder().start().await.unwrap();
    let handler = Handler::default();
    let fleet = Fleet::builder(redis.url()).patience(Duration::from_millis(500)).connect().await.unwrap();
    let receiver = handler.receiver(&flowglad()).log(fleet.deliveries());
    // So that the script is known, and runs when the server goes on.
    assert_eq!(deliver(&receiver, "msg_0").await, 204);
    redis.stop_answering().await.unwrap();
    assert_eq!(deliver(&receiver, "msg_1").await, 500);
    redis.go_on().await.unwrap();
    has_said_all(&fleet).await;
    assert_eq!(deliver(&receiver, "msg_1").await, 204);
    assert_eq!(handler.calls(), 2);
}

#[tokio::test]
async fn a_delivery_whose_handler_failed_while_the_server_went_away_is_given_back_when_it_is_back() {
    let redis = RedisProcess::builder().start().await.unwrap();
    let proxy = Arc::new(CutProxy::start(redis.port()).await.unwrap());
    let fleet = fleet_at(&proxy.url()).connect().await.unwrap();
    let cut = Arc::clone(&proxy);
    let failing = WebhookReceiver::new(&flowglad(), secrets(), async move |_: WebhookEvent| {
        cut.cut().await;
        Err("the database is away")
    });
    assert_eq!(deliver(&failing.log(fleet.deliveries()), "msg_1").await, 500);
    assert_eq!(redis.command(&["EXISTS", DELIVERY]).await.unwrap().number(), Some(1));
    proxy.restore().await.unwrap();
    // Also if the log was dropped meanwhile, as it is here.
    until("the end of the claim", async || redis.command(&["EXISTS", DELIVERY]).await.unwrap().number() == Some(0))
        .await;
    let handler = Handler::default();
    let receiver = handler.receiver(&flowglad()).log(fleet.deliveries());
    assert_eq!((deliver(&receiver, "msg_1").await, handler.calls()), (204, 1));
}

/// A log that waits for a claim for a short time only.
struct Hurried(FleetDeliveryLog);

impl DeliveryLog for Hurried {
    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        async move { timeout(Duration::from_millis(100), self.0.claim(claim)).await? }.boxed()
    }

    fn done<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        self.0.done(claim)
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        self.0.release(claim)
    }
}

#[tokio::test]
async fn a_claim_that_was_not_waited_for_does_not_block_the_delivery() {
    let redis = RedisProcess::builder().start().await.unwrap();
    let (handler, fleet) = (Handler::default(), fleet_at(&redis.url()).connect().await.unwrap());
    let hurried = handler.receiver(&flowglad()).log(Hurried(fleet.deliveries()));
    let receiver = handler.receiver(&flowglad()).log(fleet.deliveries());
    assert_eq!(deliver(&receiver, "msg_0").await, 204);
    redis.stop_answering().await.unwrap();
    assert_eq!(deliver(&hurried, "msg_1").await, 500);
    redis.go_on().await.unwrap();
    has_said_all(&fleet).await;
    assert_eq!((deliver(&receiver, "msg_1").await, handler.calls()), (204, 2));
}
