//! The time from a customer to a decision, when the billing is in memory.
//!
//! Plain loops with medians: one program prints all tables of one run, and a harness would add its own program, its own
//! output and twenty crates to time a loop.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use flowglad_axum::flowglad_core::{
    CustomerScope, Flowglad, RequestingCustomer,
    billing::Freshness,
    cache::BillingCache,
    gate::{self, Requirement},
};
use tokio::runtime::{Builder, Runtime};

use crate::{Failure, document::Size, pass_through::median, say, servers::API_KEY};

/// The decisions of one round on one core.
const DECISIONS: u32 = 100_000;

pub(super) fn run(api_url: &str, rounds: usize) -> Result<(), Failure> {
    let cores = std::thread::available_parallelism()?.get();
    say(&format!("\ndecision from memory: `billing_with(CachedOrStale)` and `decide`, {rounds} rounds, medians\n"));
    say(&format!(
        "| requirement | document | ns, one core | ns, {cores} cores, one customer | ns, {cores} cores, a customer each |"
    ));
    say("| --- | --- | --- | --- | --- |");
    let one_core = Builder::new_current_thread().enable_all().build()?;
    let all_cores = Builder::new_multi_thread().worker_threads(cores).enable_all().build()?;
    for (name, requirement) in requirements() {
        row(name, &requirement, Size::Small, api_url, rounds, [&one_core, &all_cores], cores)?;
    }
    row("feature", &gate::feature("export_csv"), Size::Large, api_url, rounds, [&one_core, &all_cores], cores)
}

/// What the example record grants.
fn requirements() -> [(&'static str, Requirement); 5] {
    [
        ("feature", gate::feature("export_csv")),
        ("balance", gate::balance("api_calls", 3)),
        ("paid plan", gate::paid_plan()),
        ("plan", gate::plan("pro")),
        ("feature and balance", gate::feature("export_csv").and(gate::balance("api_calls", 3))),
    ]
}

fn row(
    name: &str,
    requirement: &Requirement,
    size: Size,
    api_url: &str,
    rounds: usize,
    [one_core, all_cores]: [&Runtime; 2],
    cores: usize,
) -> Result<(), Failure> {
    let alone = [0];
    let (same, each) = (vec![0; cores], (0..cores).collect::<Vec<_>>());
    let cells = [(one_core, &alone[..]), (all_cores, &same), (all_cores, &each)].map(|(runtime, customers)| {
        let measured = (0..rounds).map(|_| runtime.block_on(round(requirement, size, api_url, customers)));
        Ok::<_, Failure>(format!("{:.0}", median(measured.collect::<Result<Vec<_>, _>>()?.into_iter())))
    });
    let [alone, same, each] = cells;
    say(&format!("| {name} | {} | {} | {} | {} |", size.title(), alone?, same?, each?));
    Ok(())
}

/// Nanoseconds of one decision, when each of these customers asks in a task of its own.
async fn round(requirement: &Requirement, size: Size, api_url: &str, customers: &[usize]) -> Result<f64, Failure> {
    // The billing must not become old while it is measured.
    let cache = BillingCache::new().fresh_for(Duration::from_secs(60 * 60));
    let flowglad = Flowglad::builder().api_key(API_KEY).base_url(api_url).cache(cache).build()?;
    let mut scopes = Vec::new();
    for number in customers {
        let customer = RequestingCustomer::new(size.customer(*number), "Ada", "ada@example.com")?;
        let scope = flowglad.customer(&customer);
        let decision = scope.billing_with(Freshness::CachedOrStale).await?.decide(requirement);
        if !decision.is_allowed() {
            return Err(format!("the example record must fulfil {requirement:?}").into());
        }
        scopes.push(scope);
    }
    let began = Instant::now();
    let tasks: Vec<_> =
        scopes.into_iter().map(|scope| tokio::spawn(decide_often(scope, requirement.clone()))).collect();
    for task in tasks {
        task.await??;
    }
    Ok(began.elapsed().as_secs_f64() * 1e9 / f64::from(DECISIONS))
}

async fn decide_often(scope: CustomerScope, requirement: Requirement) -> Result<(), Failure> {
    for _ in 0..DECISIONS {
        let billing = scope.billing_with(Freshness::CachedOrStale).await?;
        black_box(billing.decide(black_box(&requirement)));
    }
    Ok(())
}
