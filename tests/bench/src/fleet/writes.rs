//! Holds and records.

use std::{
    num::NonZeroU64,
    time::{Duration, Instant},
};

use flowglad_axum::flowglad_core::{CustomerScope, api::NewUsageEvent};
use futures_util::future::try_join_all;
use redis_process::RedisProcess;

use super::{Instance, quantiles};
use crate::{Failure, document::Size, pass_through::Settings, say};

const CALLERS: [usize; 3] = [1, 8, 64];
/// Nothing is sent to it.
const NOWHERE: &str = "http://127.0.0.1:9";

pub(super) async fn holds(redis: &RedisProcess, api_url: &str, settings: &Settings) -> Result<(), Failure> {
    let instance = Instance::start(redis, api_url, "holds").await?;
    say("\nholds (a script in Redis each) that are dropped at once, a customer for each caller\n");
    say("| callers | holds/s | p50 | p99 | worst |");
    say("| --- | --- | --- | --- | --- |");
    measure(&instance, Size::Medium, settings, async |scope: CustomerScope| {
        scope.hold("api_calls", 1).allow_overdraft().await?.release();
        Ok(())
    })
    .await
}

pub(super) async fn records(redis: &RedisProcess, fsync: &str, settings: &Settings) -> Result<(), Failure> {
    let instance = Instance::start(redis, NOWHERE, fsync).await?;
    say(&format!("\nrecords into the stream of Redis, appendfsync {fsync}\n"));
    say("| callers | records/s | p50 | p99 | worst |");
    say("| --- | --- | --- | --- | --- |");
    measure(&instance, Size::Small, settings, async |scope: CustomerScope| {
        scope.record_usage(NewUsageEvent::for_meter("api_calls", NonZeroU64::MIN)).await?;
        Ok(())
    })
    .await?;
    let stats = instance.fleet.stats();
    if stats.times_away > 0 { Err("Redis was away meanwhile".into()) } else { Ok(()) }
}

/// Lets callers call, each of another customer, and prints a row for each number of them.
async fn measure<F, Fut>(instance: &Instance, size: Size, settings: &Settings, call: F) -> Result<(), Failure>
where
    F: Fn(CustomerScope) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<(), Failure>> + Send + 'static,
{
    for callers in CALLERS {
        for _ in 0..settings.rounds {
            let began = Instant::now();
            let end = began + Duration::from_secs(settings.seconds);
            let tasks = (0..callers).map(|caller| {
                let scope = instance.customer(size, caller)?;
                Ok::<_, Failure>(tokio::spawn(call_until(scope, end, call.clone())))
            });
            let mut waits = Vec::new();
            for of_caller in try_join_all(tasks.collect::<Result<Vec<_>, _>>()?).await? {
                waits.extend(of_caller?);
            }
            #[expect(clippy::cast_precision_loss, reason = "far below the limit of exact numbers")]
            let rate = waits.len() as f64 / began.elapsed().as_secs_f64();
            say(&format!("| {callers} | {rate:.0} | {} |", quantiles(waits)));
        }
    }
    Ok(())
}

async fn call_until<Fut>(
    scope: CustomerScope,
    end: Instant,
    call: impl Fn(CustomerScope) -> Fut,
) -> Result<Vec<Duration>, Failure>
where
    Fut: Future<Output = Result<(), Failure>>,
{
    let mut waits = Vec::new();
    while Instant::now() < end {
        let began = Instant::now();
        call(scope.clone()).await?;
        waits.push(began.elapsed());
    }
    Ok(waits)
}
