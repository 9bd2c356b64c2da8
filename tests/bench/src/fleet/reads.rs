//! Gates from memory, reads from Redis, and changes at one instance that another sees.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use flowglad_axum::flowglad_core::{
    CustomerScope,
    billing::{Freshness, Source},
    cache::Subject,
    gate,
};
use redis_process::RedisProcess;

use super::{Instance, quantiles};
use crate::{Failure, document::Size, say};

const DECISIONS: u32 = 1_000_000;
const CUSTOMERS: usize = 2_000;
const CHANGES: usize = 2_000;

pub(super) async fn run(redis: &RedisProcess, api_url: &str) -> Result<(), Failure> {
    let (a, b) = (Instance::start(redis, api_url, "a").await?, Instance::start(redis, api_url, "b").await?);
    decisions(redis, &a).await?;
    reads(redis, &a, &b).await?;
    changes(&a, &b).await
}

async fn decisions(redis: &RedisProcess, instance: &Instance) -> Result<(), Failure> {
    let (me, gate) = (instance.customer(Size::Small, 0)?, gate::feature("export_csv"));
    me.billing_with(Freshness::CachedOrStale).await?;
    saved(redis, 1).await?;
    let (calls, commands, began) = (instance.fleet.stats().calls, commands(redis).await?, Instant::now());
    for _ in 0..DECISIONS {
        black_box(me.billing_with(Freshness::CachedOrStale).await?.decide(&gate));
    }
    let took = began.elapsed();
    let (calls, commands) = (instance.fleet.stats().calls - calls, commands_since(redis, commands).await?);
    let nanos = took.as_secs_f64() * 1e9 / f64::from(DECISIONS);
    say(&format!(
        "\ngate from memory with Redis behind: {nanos:.0} ns; {DECISIONS} decisions in {took:.2?} made {calls} calls, and \
         Redis counts {commands} commands of two instances that say that they live"
    ));
    Ok(())
}

async fn reads(redis: &RedisProcess, a: &Instance, b: &Instance) -> Result<(), Failure> {
    let (mut live, mut shared) = (Vec::new(), Vec::new());
    for number in 1..=CUSTOMERS {
        live.push(read(&a.customer(Size::Small, number)?, Source::Live).await?);
    }
    saved(redis, 1 + CUSTOMERS).await?;
    for number in 1..=CUSTOMERS {
        shared.push(read(&b.customer(Size::Small, number)?, Source::Cache).await?);
    }
    say("\nread of billing of 20 KB that is not in memory, one after the other\n");
    say("| from | p50 | p99 | worst |");
    say("| --- | --- | --- | --- |");
    say(&format!("| a stub of Flowglad on this machine | {} |", quantiles(live)));
    say(&format!("| Redis | {} |", quantiles(shared)));
    Ok(())
}

async fn read(scope: &CustomerScope, source: Source) -> Result<Duration, Failure> {
    let began = Instant::now();
    let billing = scope.billing_with(Freshness::CachedOrStale).await?;
    let took = began.elapsed();
    if billing.source() == source { Ok(took) } else { Err(format!("it came from {:?}", billing.source()).into()) }
}

/// From before the change at A until B has read billing anew.
async fn changes(a: &Instance, b: &Instance) -> Result<(), Failure> {
    let mut waits = Vec::new();
    for number in 0..CHANGES {
        let number = number % CUSTOMERS;
        let (customer, at_b) = (Size::Small.customer(number), b.customer(Size::Small, number)?);
        at_b.billing_with(Freshness::CachedOrStale).await?;
        let began = Instant::now();
        let change = tokio::spawn({
            let flowglad = a.flowglad.clone();
            async move { flowglad.invalidate(Subject::Customer(&customer)).await }
        });
        while at_b.billing_with(Freshness::CachedOrStale).await?.source() != Source::Live {
            tokio::task::yield_now().await;
        }
        waits.push(began.elapsed());
        change.await?;
    }
    say(&format!("\nchange at A seen by a gate at B, with B's read: {} (p50 | p99 | worst)", quantiles(waits)));
    Ok(())
}

/// Waits until Redis has billing of so many customers.
async fn saved(redis: &RedisProcess, customers: usize) -> Result<(), Failure> {
    loop {
        let keys = redis.command(&["KEYS", "flowglad:1:billing:*"]).await?.texts().len();
        if keys >= customers {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn commands(redis: &RedisProcess) -> Result<u64, Failure> {
    let reply = redis.command(&["INFO", "stats"]).await?;
    let line =
        reply.text().and_then(|info| info.lines().find_map(|line| line.strip_prefix("total_commands_processed:")));
    Ok(line.ok_or("Redis counts commands")?.trim().parse()?)
}

/// Without that by which they are counted.
async fn commands_since(redis: &RedisProcess, before: u64) -> Result<u64, Failure> {
    Ok((commands(redis).await? - before).saturating_sub(1))
}
