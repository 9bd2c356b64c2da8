//! Holds of several instances on one balance, with a real Redis and the sandbox.

use std::{
    future::{IntoFuture, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use flowglad_core::{CustomerScope, usage::NotHeld};
use tokio::{task::JoinSet, time::timeout};

use crate::builder;

use super::{
    fleet_at,
    unreadable_store::UnreadableStore,
    until,
    usage::{Instance, SOON, World, too_little},
};

/// What the plan `pro_monthly` of the sandbox grants each month.
const CREDITS: i64 = 1_000;

/// Holds and settles one unit after the other until there is none. Returns how many.
async fn use_up(me: CustomerScope) -> i64 {
    let mut used = 0;
    loop {
        match me.hold("api_calls", 1).await {
            Ok(hold) => used += i64::try_from(hold.settle(1).await.unwrap().recorded).unwrap(),
            Err(NotHeld::Refused(_)) => return used,
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn instances_use_up_a_balance_to_the_last_unit_and_no_further() {
    let world = World::new().await;
    let instances = [world.instance("a").await, world.instance("b").await, world.instance("c").await];
    let deliveries = instances.each_ref().map(Instance::deliver);
    let mut callers = JoinSet::new();
    for instance in &instances {
        for _ in 0..8 {
            callers.spawn(use_up(instance.me()));
        }
    }
    let mut served: i64 = callers.join_all().await.into_iter().sum();
    // What is delivered while billing is read counts twice until the next read, so that all may stop early.
    let mut more = served;
    while more > 0 {
        for delivery in &deliveries {
            delivery.flush(SOON).await;
        }
        assert_eq!(world.charged(), served);
        more = use_up(instances[0].me()).await;
        served += more;
    }
    assert_eq!((served, world.charged()), (CREDITS, CREDITS));
}

/// Holds random amounts, and settles a part of them, all or nothing, until little is left. Returns how much.
async fn use_at_random(me: CustomerScope, seed: u64) -> i64 {
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut used, mut refused) = (0, 0);
    while refused < 5 {
        let amount = random.u64(1..=20);
        let hold = match me.hold("api_calls", amount).await {
            Ok(hold) => hold,
            Err(NotHeld::Refused(_)) => {
                refused += 1;
                continue;
            }
            Err(other) => panic!("{other}"),
        };
        let some = random.u64(0..=amount);
        match random.u32(0..4) {
            0 => hold.release(),
            1 => {
                hold.settle_later(some);
                used += some;
            }
            _ => used += hold.settle(some).await.unwrap().recorded,
        }
    }
    i64::try_from(used).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_holds_of_three_instances_never_overdraw() {
    let world = World::new().await;
    let instances = [world.instance("a").await, world.instance("b").await, world.instance("c").await];
    let deliveries = instances.each_ref().map(Instance::deliver);
    let mut callers = JoinSet::new();
    for seed in 0..24 {
        callers.spawn(use_at_random(instances[seed % 3].me(), seed as u64));
    }
    let mut served: i64 = callers.join_all().await.into_iter().sum();
    assert!(served <= CREDITS, "{served}");
    for delivery in &deliveries {
        delivery.flush(SOON).await;
    }
    // To the last unit: no hold stays, and nothing is counted twice.
    while served < CREDITS {
        served += use_up(instances[1].me()).await;
        for delivery in &deliveries {
            delivery.flush(SOON).await;
        }
        assert_eq!(world.charged(), served);
    }
    let book = world.redis.command(&["HGETALL", "flowglad:1:{usage}:book:user_42"]).await.unwrap();
    assert!(book.texts().iter().all(|text| !text.starts_with('h') && !text.starts_with('p')), "{book:?}");
}

/// What Redis says is held, and which work runs.
async fn open_in_redis(world: &World) -> (i64, Vec<String>) {
    let holds = world.redis.command(&["ZCARD", "flowglad:1:{usage}:holds:user_42"]).await.unwrap();
    let works = world.redis.command(&["KEYS", "flowglad:1:{usage}:runs:*"]).await.unwrap();
    (holds.number().unwrap(), works.texts().into_iter().map(str::to_owned).collect())
}

#[tokio::test]
async fn a_hold_whose_answer_was_not_waited_for_is_closed() {
    let world = World::new().await;
    let a = world.instance("a").await;
    a.me().hold("api_calls", 1).await.unwrap().release();
    for key in [None, Some("work")] {
        world.redis.stop_answering().await.unwrap();
        // A caller that goes away, and one that is patient for longer than the fleet is.
        let me = a.me();
        let hold = me.hold("api_calls", 5);
        let hold = match key {
            Some(key) => hold.key(key),
            None => hold,
        };
        timeout(Duration::from_millis(50), hold.into_future()).await.map(drop).unwrap_err();
        drop(a.me().hold("api_calls", 5).await);
        world.redis.go_on().await.unwrap();
        a.is_away(false).await;
        until("the end of what is open", async || open_in_redis(&world).await == (0, Vec::new())).await;
        assert_eq!(a.me().hold("api_calls", 1_000).await.unwrap().amount(), 1_000);
        until("the end of the hold", async || open_in_redis(&world).await == (0, Vec::new())).await;
    }
}

/// Polls a request some times, and drops it. Returns whether it ended before.
async fn ends_within(polls: u32, request: impl IntoFuture) -> bool {
    let (mut request, mut left) = (pin!(request.into_future()), polls);
    poll_fn(|context| match left.checked_sub(1) {
        None => Poll::Ready(false),
        Some(less) => {
            left = less;
            request.as_mut().poll(context).map(|_| true)
        }
    })
    .await
}

#[tokio::test]
async fn a_request_that_is_dropped_at_any_point_loses_no_hold_that_it_was_about_to_close() {
    let world = World::new().await;
    let store = UnreadableStore::default();
    let a = world.instance_with(store.clone()).await;
    a.me().hold("api_calls", 1).await.unwrap().release();
    // From now on the keeper waits for the local outbox, so that requests close what was dropped.
    until("the wait of the keeper", async || store.reads() == 1).await;
    let mut polls = 0;
    let mut has_ended = false;
    while !has_ended {
        a.me().hold("api_calls", CREDITS as u64).await.unwrap().release();
        // Each script is then sent twice, so that a request can be dropped before its script runs.
        world.redis.command(&["SCRIPT", "FLUSH"]).await.unwrap();
        has_ended = ends_within(polls, a.me().hold("api_calls", CREDITS as u64)).await;
        polls += 1;
    }
    assert!(polls > 4, "the request was dropped at {polls} points only");
    assert_eq!(a.me().hold("api_calls", CREDITS as u64).await.unwrap().left(), Some(0));
}

#[tokio::test]
async fn a_hold_of_one_instance_counts_for_the_others_until_it_ends() {
    let world = World::new().await;
    let (a, b) = (world.instance("a").await, world.instance("b").await);
    let held = a.me().hold("api_calls", 900).await.unwrap();
    assert_eq!((held.amount(), held.left()), (900, Some(100)));
    too_little(&b.me().hold("api_calls", 101).await);
    let small = b.me().hold("api_calls", 100).await.unwrap();
    assert_eq!(small.left(), Some(0));
    assert_eq!(small.settle(40).await.unwrap().left, Some(60));
    held.release();
    // The release is said to the server after the call has returned.
    let mut more = b.me().hold("api_calls", 960).await;
    while more.is_err() {
        tokio::task::yield_now().await;
        more = b.me().hold("api_calls", 960).await;
    }
    too_little(&a.me().hold("api_calls", 1).await);
    drop(more);
}

#[tokio::test]
async fn a_hold_outlives_its_instance_until_its_time_limit_only() {
    let world = World::new().await;
    let a = {
        let fleet = fleet_at(&world.redis.url()).connect().await.unwrap();
        let outbox = fleet.outbox_without_disk().unwrap().hold_limit(Duration::from_secs(3));
        let client = builder(world.sandbox.base_url()).api_key(world.sandbox.api_key()).usage(outbox);
        Instance { flowglad: client.build().unwrap(), fleet }
    };
    let b = world.instance("b").await;
    // So that its first read is no part of the time in which it must refuse.
    b.me().billing().await.unwrap();
    let held = a.me().hold("api_calls", 1_000).await.unwrap();
    // The instance is gone, and cannot say that the hold has ended.
    drop(a.fleet);
    drop(held);
    too_little(&b.me().hold("api_calls", 1).await);
    while b.me().hold("api_calls", 1_000).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn work_with_a_key_runs_at_one_instance_at_a_time_and_is_charged_once() {
    let world = World::new().await;
    let (a, b) = (world.instance("a").await, world.instance("b").await);
    let running = a.me().hold("api_calls", 5).key("order_17").await.unwrap();
    let refused = b.me().hold("api_calls", 5).key("order_17").await;
    assert!(matches!(refused, Err(NotHeld::InFlight)), "{refused:?}");
    let waiting = tokio::spawn(b.me().hold("api_calls", 5).key("order_17").wait_for_key(SOON).into_future());
    assert_eq!(running.settle(5).await.unwrap().recorded, 5);
    let repeated = waiting.await.unwrap().unwrap();
    assert!(repeated.is_repeated());
    assert_eq!(repeated.settle(5).await.unwrap().recorded, 0);
    let delivery = b.deliver();
    delivery.flush(SOON).await;
    assert_eq!(world.charged(), 5);
}

#[tokio::test]
async fn holds_that_someone_has_removed_from_redis_do_not_lower_the_balance_for_good() {
    let world = World::new().await;
    let a = world.instance("a").await;
    let held = a.me().hold("api_calls", 10).await.unwrap();
    too_little(&a.me().hold("api_calls", 1_000).await);
    world.redis.command(&["DEL", "flowglad:1:{usage}:holds:user_42"]).await.unwrap();
    a.me().hold("api_calls", 1_000).await.unwrap().release();
    drop(held);
}
