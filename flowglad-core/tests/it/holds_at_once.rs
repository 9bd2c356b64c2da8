//! Holds of many threads on one balance, with usage delivered meanwhile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use flowglad_core::{
    CustomerScope, Flowglad,
    cache::BillingCache,
    usage::{NotHeld, Outbox, UsageDelivery},
};
use flowglad_sandbox::Sandbox;
use tokio::{runtime::Builder, task::JoinSet};

use crate::{ada, builder};

const THREADS: usize = 64;
/// What the plan `pro_monthly` of the sandbox grants each month.
const CREDITS: u64 = 1_000;

/// A client whose usage is sent as soon as it is recorded, so that reads of billing show some of it and not all.
fn client(sandbox: &Sandbox, cache: Option<BillingCache>) -> Flowglad {
    let outbox = Outbox::in_memory().collect_for(Duration::from_millis(1)).batch(7.try_into().unwrap());
    let builder = builder(sandbox.base_url()).api_key(sandbox.api_key()).usage(outbox);
    match cache {
        Some(cache) => builder.cache(cache).build().unwrap(),
        None => builder.build().unwrap(),
    }
}

/// Runs `work` on each of the threads at once, with the number of the thread. Returns the sum of what was charged. What is
/// left then is used up by one caller, to the last unit: no hold stays, and nothing is counted twice.
fn on_all_threads<Done>(cache: Option<BillingCache>, work: fn(CustomerScope, u64) -> Done) -> u64
where
    Done: Future<Output = u64> + Send + 'static,
{
    let runtime = Builder::new_multi_thread().worker_threads(THREADS).enable_all().build().unwrap();
    runtime.block_on(async {
        let sandbox = Sandbox::start().await.unwrap();
        sandbox.subscribe("user_42", "pro_monthly").unwrap();
        let flowglad = client(&sandbox, cache);
        let delivery = flowglad.usage().start_delivery().unwrap();
        let charged = Arc::new(AtomicU64::new(0));
        let mut threads = JoinSet::new();
        for thread in 0..THREADS as u64 {
            let (me, charged) = (flowglad.customer(&ada()), Arc::clone(&charged));
            threads.spawn(async move { charged.fetch_add(work(me, thread).await, Relaxed) });
        }
        while let Some(ended) = threads.join_next().await {
            ended.unwrap();
        }
        let charged = charged.load(Relaxed);
        let (mut all, mut more) = (charged, charged);
        while more > 0 {
            assert_eq!(ledger_after(&delivery, &sandbox).await, all);
            more = use_up(flowglad.customer(&ada()), 0).await;
            all += more;
        }
        assert_eq!(all, CREDITS);
        charged
    })
}

/// The sum of what Flowglad has when nothing is pending.
async fn ledger_after(delivery: &UsageDelivery, sandbox: &Sandbox) -> u64 {
    let left = delivery.flush(Duration::from_secs(30)).await;
    assert_eq!((left.pending, left.dead_letters), (0, 0));
    let ledger: i64 = sandbox.usage_ledger().iter().map(|event| event.amount).sum();
    u64::try_from(ledger).unwrap()
}

/// Holds and settles one unit after the other until there is none. Returns how many.
async fn use_up(me: CustomerScope, _thread: u64) -> u64 {
    let mut used = 0;
    loop {
        match me.hold("api_calls", 1).await {
            Ok(hold) => used += hold.settle(1).await.unwrap().recorded,
            Err(NotHeld::Refused(_)) => return used,
            Err(other) => panic!("{other}"),
        }
    }
}

/// Holds random amounts, and settles a part of them, all or nothing, until little is left. Returns how much.
async fn use_at_random(me: CustomerScope, thread: u64) -> u64 {
    let mut random = fastrand::Rng::with_seed(thread);
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
        match random.u32(0..6) {
            0 => hold.release(),
            1 => drop(hold),
            2 => {
                let some = random.u64(0..=amount);
                hold.settle_later(some);
                used += some;
            }
            3 => {
                tokio::task::yield_now().await;
                used += hold.settle(random.u64(0..=amount)).await.unwrap().recorded;
            }
            _ => used += hold.settle(amount).await.unwrap().recorded,
        }
    }
    used
}

#[test]
fn sixty_four_threads_use_up_a_balance_to_the_last_unit_and_no_further() {
    assert_eq!(on_all_threads(Some(BillingCache::default()), use_up), CREDITS);
}

#[test]
fn threads_that_read_billing_for_each_hold_never_overdraw() {
    // What is delivered while billing is read counts twice until the next read, so that the threads may stop early.
    assert!(on_all_threads(None, use_up) <= CREDITS);
}

#[test]
fn random_holds_of_sixty_four_threads_never_overdraw() {
    for cache in [Some(BillingCache::default()), None] {
        assert!(on_all_threads(cache, use_at_random) <= CREDITS);
    }
}
