//! Several instances with one Redis: what they share, and that they go on without it.

use flowglad_sandbox::{Fault, Sandbox};
use futures_util::{StreamExt as _, stream};
use redis_process::RedisProcess;
use serde_json::{Value, json};

use crate::{
    example::{Example, checked, until},
    usage::charged,
};

const BULK: &str = "/api/v1/usage-events/bulk";
const AWAY: &str = "the server of the fleet is away";

/// A Redis and a Flowglad that instances share.
struct World {
    redis: RedisProcess,
    sandbox: Sandbox,
}

impl World {
    async fn new() -> Self {
        let redis = RedisProcess::builder().fsync_always().start().await.unwrap();
        Self { redis, sandbox: Sandbox::start().await.unwrap() }
    }

    /// An instance at which `user_42` is signed in.
    async fn instance(&self) -> Example {
        self.instance_with(&[]).await
    }

    async fn instance_with(&self, more: &[(&str, &str)]) -> Example {
        let url = self.redis.url();
        let api = [("FLOWGLAD_SECRET_KEY", self.sandbox.api_key()), ("FLOWGLAD_BASE_URL", self.sandbox.base_url())];
        let example = Example::start(&[&api[..], &[("REDIS_URL", &*url)], more].concat());
        example.sign_in("user_42").await;
        example
    }

    /// Waits until customers are charged for this much. What an instance says of the fleet may be from before.
    async fn charges(&self, amount: i64) {
        until(async || charged(&self.sandbox).iter().sum::<i64>() == amount).await;
    }
}

async fn call(example: &Example, amount: u64) -> (u16, Value) {
    let (status, body) = checked(example.post("/calls", json!({"amount": amount})).await).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    (status, body["balance"].clone())
}

/// Makes calls of one unit at all instances, as many at once as three small instances answer in time. Returns their statuses.
async fn call_often(instances: &[Example; 3], times: usize) -> Vec<u16> {
    let calls = (0..times).map(|number| call(&instances[number % 3], 1));
    stream::iter(calls).buffer_unordered(30).map(|(status, _)| status).collect().await
}

/// An instance that goes on alone may let more pass than the balance, so that what else a test sees says nothing.
fn ensure_none_was_alone(instances: &[Example; 3]) {
    assert!(!instances.iter().any(|instance| instance.has_printed(AWAY)), "Redis was too slow for an instance");
}

async fn spend(example: &Example, amount: u64) -> Value {
    let (status, balance) = call(example, amount).await;
    assert_eq!(status, 200);
    balance
}

#[tokio::test]
async fn instances_spend_one_balance() {
    let world = World::new().await;
    let instances = [world.instance().await, world.instance().await, world.instance().await];
    for (instance, left) in instances.iter().zip([98, 96, 94]) {
        assert_eq!(spend(instance, 2).await, left);
    }
    assert_eq!(spend(&instances[0], 60).await, 34);
    assert_eq!(call(&instances[1], 60).await.0, 402);
    let statuses = call_often(&instances, 90).await;
    ensure_none_was_alone(&instances);
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 34);
    world.charges(100).await;
}

#[tokio::test]
async fn of_3000_requests_to_three_instances_a_balance_of_1000_serves_1000() {
    let world = World::new().await;
    // With 1,000 credits.
    world.sandbox.subscribe("user_42", "pro_monthly").unwrap();
    let instances = [world.instance().await, world.instance().await, world.instance().await];
    let statuses = call_often(&instances, 3_000).await;
    ensure_none_was_alone(&instances);
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(200), count(402)), (1_000, 2_000));
    world.charges(1_000).await;
    assert_eq!(charged(&world.sandbox), vec![1; 1_000]);
}

#[tokio::test]
async fn what_one_instance_changes_the_others_see() {
    let world = World::new().await;
    let (a, b) = (world.instance().await, world.instance().await);
    world.sandbox.subscribe("user_42", "pro_monthly").unwrap();
    until(async || b.get("/reports.csv").await.status() == 200).await;
    let (_, billing) = checked(a.post("/api/flowglad/customers/billing", json!({})).await).await;
    let billing: Value = serde_json::from_str(&billing).unwrap();
    let cancel = json!({"id": billing["data"]["currentSubscription"]["id"], "cancellation": {"timing": "immediately"}});
    assert_eq!(a.post("/api/flowglad/subscriptions/cancel", cancel).await.status(), 200);
    until(async || b.get("/reports.csv").await.status() == 403).await;
}

#[cfg(unix)]
#[tokio::test]
async fn what_an_instance_could_not_deliver_another_does() {
    let world = World::new().await;
    let (a, _b) = (world.instance().await, world.instance().await);
    world.sandbox.inject_fault(Fault::status(503).times(u32::MAX).on("POST", BULK)).unwrap();
    assert_eq!(spend(&a, 7).await, 93);
    let (status, printed) = a.end_by("-TERM").await;
    assert!(status.success(), "{status}\n{printed}");
    world.sandbox.clear_faults();
    world.charges(7).await;
}

#[tokio::test]
async fn without_redis_it_starts_and_goes_on_and_says_so_once() {
    let world = World::new().await;
    world.redis.kill().await.unwrap();
    let example = world.instance_with(&[("RUST_LOG", "error,flowglad_core=info")]).await;
    assert_eq!(spend(&example, 1).await, 99);
    world.redis.restart().await.unwrap();
    until(async || example.has_printed("the server of the fleet can be reached again")).await;
    spend(&example, 1).await;
    world.redis.kill().await.unwrap();
    for left in (93..98).rev() {
        assert_eq!(spend(&example, 1).await, left);
    }
    world.redis.restart().await.unwrap();
    world.charges(7).await;
    let printed = example.end();
    assert_eq!(printed.matches(AWAY).count(), 2, "{printed}");
}

#[tokio::test]
async fn a_redis_that_cannot_be_used_is_explained_at_the_start() {
    let locked = RedisProcess::builder().password("opensesame").start().await.unwrap();
    let wrong = format!("redis://:opensesami@127.0.0.1:{}", locked.port());
    let forgetful = RedisProcess::builder().max_memory(50 << 20, "allkeys-lru").start().await.unwrap();
    for url in ["localhost:6379", "http://127.0.0.1:6379", "redis://:opensesami@", &wrong, &forgetful.url()] {
        let (code, said) = Example::ends_at_start(&[("REDIS_URL", url)]);
        assert_eq!(code, Some(1), "{url}: {said}");
        let explains = said.contains("REDIS_URL") || said.contains("set noeviction");
        assert!(said.starts_with("example-") && explains && said.lines().count() == 1, "{url}: {said}");
        assert!(!said.contains("opensesami"), "{said}");
    }
}
