//! Several instances of an app that share a real Redis.

mod billing;
mod deliveries;
mod failover;
mod full_memory;
mod holds;
mod keeper;
mod lost_messages;
mod model;
mod outages;
mod records;
mod refused;
mod unreadable_store;
mod usage;

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use flowglad_core::{
    CustomerScope, Flowglad,
    cache::BillingCache,
    clock::ManualClock,
    fleet::{Fleet, FleetBuilder},
};
use redis_process::{RedisBuilder, RedisProcess};
use tokio::time::sleep;
use wiremock::MockServer;

use crate::{
    ada, builder,
    cache::{Api, clock},
};

const ADAS_BILLING: &str = "flowglad:1:billing:{c:user_42}";

/// A Redis, and Flowglad, which answers with billing of customers who have paid or not.
struct World {
    redis: RedisProcess,
    api: Api,
    server: MockServer,
    clock: Arc<ManualClock>,
}

/// One instance of the app.
struct AppInstance {
    fleet: Fleet,
    flowglad: Flowglad,
}

impl World {
    async fn new() -> Self {
        Self::with(RedisProcess::builder()).await
    }

    async fn with(redis: RedisBuilder) -> Self {
        let api = Api::default();
        Self { redis: redis.start().await.unwrap(), server: api.start().await, api, clock: clock() }
    }

    async fn instance(&self) -> AppInstance {
        self.instance_of(fleet_at(&self.redis.url())).await
    }

    async fn instance_of(&self, fleet: FleetBuilder) -> AppInstance {
        let fleet = fleet.connect().await.unwrap();
        let cache = BillingCache::new().store(fleet.billing());
        let client = builder(&self.server.uri()).cache(cache).clock(Arc::clone(&self.clock)).max_retries(0);
        AppInstance { flowglad: client.build().unwrap(), fleet }
    }

    /// Waits until the billing that was just read is in Redis.
    async fn billing_is_shared(&self) {
        until("the shared billing", async || {
            let found = self.redis.command(&["HEXISTS", ADAS_BILLING, "document"]).await;
            found.unwrap().number() == Some(1)
        })
        .await;
    }

    fn customer_pays(&self, has_paid: bool) {
        self.api.has_paid.store(has_paid, Ordering::SeqCst);
    }
}

impl AppInstance {
    fn ada(&self) -> CustomerScope {
        self.flowglad.customer(&ada())
    }
}

/// Patient, since the machine of a test may be slow where the server is well.
fn fleet_at(url: &str) -> FleetBuilder {
    Fleet::builder(url).patience(Duration::from_secs(2))
}

/// Waits for something that comes by itself.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(15), "this did not come: {what}");
        sleep(Duration::from_millis(2)).await;
    }
}
