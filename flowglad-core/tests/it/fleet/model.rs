//! Random interleavings of two instances over a real Redis that forgets and is cut off, compared with what was promised.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use flowglad_core::{
    Flowglad,
    billing::{Billing, Freshness, Source},
    cache::{BillingCache, Subject},
    fleet::Fleet,
};
use proptest::prelude::*;
use redis_process::{CutProxy, RedisProcess};
use tokio::task::JoinSet;
use wiremock::{MockServer, Request, Respond, ResponseTemplate};

use super::until;
use crate::{
    builder,
    cache::customer,
    documents::{billing, subscription},
    json,
};

const CUSTOMERS: usize = 2;
const INSTANCES: usize = 2;
/// Short, since the server's clock is that of the machine and goes on by itself.
const FRESH: Duration = Duration::from_millis(40);
const REVALIDATE: Duration = Duration::from_millis(200);
const STALE: Duration = Duration::from_secs(3_600);

/// What happens next. The first number is an instance, the last a customer.
#[derive(Clone, Debug)]
enum Step {
    Ask(usize, Freshness, usize),
    /// A change that an instance makes, which then says so.
    Change(usize, Named, usize),
    /// A change that no instance knows of.
    ChangeElsewhere(usize),
    FlowgladFails(bool),
    Cut(usize),
    Restore(usize),
    /// The server forgets the billing of a customer, as it may when its memory is full.
    Evict(usize),
    EvictEveryone,
    Flush,
    Restart,
    Pause(u64),
    Settle,
}

#[derive(Clone, Copy, Debug)]
enum Named {
    ExternalId,
    Id,
    Subscription,
    Everyone,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (instance, who) = (0..INSTANCES, 0..CUSTOMERS);
    let freshness = prop_oneof![
        2 => Just(Freshness::Live),
        1 => Just(Freshness::NoOlderThan(Duration::from_secs(1))),
        4 => Just(Freshness::Cached),
        2 => Just(Freshness::CachedOrStale),
    ];
    let named = prop_oneof![3 => Just(Named::ExternalId), 1 => Just(Named::Id), 1 => Just(Named::Subscription), 1 => Just(Named::Everyone)];
    let step = prop_oneof![
        10 => (instance.clone(), freshness, who.clone()).prop_map(|(at, how, who)| Step::Ask(at, how, who)),
        4 => (instance.clone(), named, who.clone()).prop_map(|(at, named, who)| Step::Change(at, named, who)),
        1 => who.clone().prop_map(Step::ChangeElsewhere),
        1 => any::<bool>().prop_map(Step::FlowgladFails),
        1 => instance.clone().prop_map(Step::Cut),
        1 => instance.prop_map(Step::Restore),
        1 => who.prop_map(Step::Evict),
        1 => prop_oneof![2 => Just(Step::EvictEveryone), 2 => Just(Step::Flush), 1 => Just(Step::Restart)],
        6 => prop_oneof![4 => 0..6_u64, 1 => 30..60_u64].prop_map(Step::Pause),
        2 => Just(Step::Settle),
    ];
    prop::collection::vec(step, 1..50)
}

/// Flowglad, and what each instance must know.
#[derive(Default)]
struct State {
    versions: [usize; CUSTOMERS],
    /// The versions whose changes have ended.
    ended: [usize; CUSTOMERS],
    /// The versions that an instance may not fall behind.
    known: [[usize; CUSTOMERS]; INSTANCES],
    reads: Vec<Read>,
    fails: bool,
    has_failed: bool,
}

struct Read {
    customer: usize,
    version: usize,
    at: Instant,
}

#[derive(Clone, Default)]
struct Api(Arc<Mutex<State>>);

impl Api {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

/// Answers what is true when the request comes, after a while. The customer's name is the number of the read.
impl Respond for Api {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let id = request.url.path_segments().unwrap().nth(3).unwrap().to_owned();
        let customer: usize = id.trim_start_matches("user_").parse().unwrap();
        let mut state = self.state();
        let delay = Duration::from_millis(fastrand::u64(0..6));
        if state.fails {
            return ResponseTemplate::new(503).set_delay(delay);
        }
        let version = state.versions[customer];
        state.reads.push(Read { customer, version, at: Instant::now() });
        let mut document = billing(&id, &[subscription(&format!("sub_{customer}"), &id, &[])]);
        document["customer"]["name"] = (state.reads.len() - 1).to_string().into();
        json(document).set_delay(delay)
    }
}

struct Instances {
    fleet: Fleet,
    flowglad: Flowglad,
    proxy: CutProxy,
}

struct Driver<'a> {
    redis: &'a RedisProcess,
    prefix: String,
    api: Api,
    _server: MockServer,
    instances: Vec<Instances>,
    running: JoinSet<Result<(), TestCaseError>>,
}

impl<'a> Driver<'a> {
    async fn new(redis: &'a RedisProcess) -> Self {
        let api = Api::default();
        let server = MockServer::start().await;
        let any = wiremock::matchers::any();
        wiremock::Mock::given(any).respond_with(api.clone()).mount(&server).await;
        let prefix = format!("case-{:x}", fastrand::u64(..));
        let mut instances = Vec::new();
        for _ in 0..INSTANCES {
            let proxy = CutProxy::start(redis.port()).await.unwrap();
            let fleet = super::fleet_at(&proxy.url()).prefix(&*prefix).connect().await.unwrap();
            let cache = BillingCache::new().fresh_for(FRESH).revalidate_for(REVALIDATE).stale_if_error(STALE);
            let client = builder(&server.uri()).cache(cache.store(fleet.billing()));
            instances.push(Instances { fleet, flowglad: client.max_retries(0).build().unwrap(), proxy });
        }
        Self { redis, prefix, api, _server: server, instances, running: JoinSet::new() }
    }

    async fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Ask(instance, freshness, customer) => {
                self.running.spawn(ask(self.api.clone(), self.question(instance, freshness, customer)));
            }
            Step::Change(instance, named, customer) => self.change(instance, named, customer),
            Step::ChangeElsewhere(customer) => self.api.state().versions[customer] += 1,
            Step::FlowgladFails(fails) => {
                let mut state = self.api.state();
                state.fails = fails;
                state.has_failed |= fails;
            }
            Step::Cut(instance) => self.instances[instance].proxy.cut().await,
            Step::Restore(instance) => self.instances[instance].proxy.restore().await.unwrap(),
            Step::Evict(customer) => self.forget(&["DEL", &self.billing(customer)]).await,
            Step::EvictEveryone => self.forget(&["DEL", &format!("{}:1:everyone", self.prefix)]).await,
            Step::Flush => self.forget(&["FLUSHALL"]).await,
            Step::Restart => self.redis.restart().await.unwrap(),
            Step::Pause(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
            Step::Settle => self.settle().await?,
        }
        while let Some(ended) = self.running.try_join_next() {
            ended.unwrap()?;
        }
        Ok(())
    }

    fn question(&self, instance: usize, freshness: Freshness, who: usize) -> Question {
        let me = self.instances[instance].flowglad.customer(&customer(who));
        let known = self.api.state().known[instance][who];
        Question { me, freshness, customer: who, known, at: Instant::now() }
    }

    fn change(&mut self, instance: usize, named: Named, customer: usize) {
        let (api, flowglad) = (self.api.clone(), self.instances[instance].flowglad.clone());
        let versions = {
            let mut state = api.state();
            state.versions[customer] += 1;
            state.versions
        };
        self.running.spawn(async move {
            let (who, id, subscription) =
                (format!("user_{customer}"), format!("cust_user_{customer}"), format!("sub_{customer}"));
            flowglad
                .invalidate(match named {
                    Named::ExternalId => Subject::Customer(&who),
                    Named::Id => Subject::CustomerId(&id),
                    Named::Subscription => Subject::Subscription(&subscription),
                    Named::Everyone => Subject::Everyone,
                })
                .await;
            let mut state = api.state();
            for other in (0..CUSTOMERS).filter(|other| *other == customer || matches!(named, Named::Everyone)) {
                state.ended[other] = state.ended[other].max(versions[other]);
                state.known[instance][other] = state.known[instance][other].max(versions[other]);
            }
            Ok(())
        });
    }

    fn billing(&self, customer: usize) -> String {
        format!("{}:1:billing:{{c:user_{customer}}}", self.prefix)
    }

    async fn forget(&self, command: &[&str]) {
        self.redis.command(command).await.unwrap();
    }

    /// Waits until all instances have heard everything. From then on none falls behind what has ended before.
    async fn settle(&mut self) -> Result<(), TestCaseError> {
        self.api.state().fails = false;
        for instance in &self.instances {
            instance.proxy.restore().await.unwrap();
        }
        while let Some(ended) = self.running.join_next().await {
            ended.unwrap()?;
        }
        for Instances { fleet, .. } in &self.instances {
            until("an instance that has said everything", async || {
                let stats = fleet.stats();
                !stats.is_away && stats.owed == 0
            })
            .await;
        }
        let ended = self.api.state().ended;
        for (number, instance) in self.instances.iter().enumerate() {
            for (who, ended) in ended.iter().enumerate() {
                let me = instance.flowglad.customer(&customer(who));
                until("the changes of the others", async || {
                    let Ok(billing) = me.billing_with(Freshness::Cached).await else { return false };
                    self.api.state().reads[number_of_read(&billing)].version >= *ended
                })
                .await;
                let known = &mut self.api.state().known[number][who];
                *known = (*known).max(*ended);
            }
        }
        Ok(())
    }
}

struct Question {
    me: flowglad_core::CustomerScope,
    freshness: Freshness,
    customer: usize,
    known: usize,
    at: Instant,
}

async fn ask(api: Api, question: Question) -> Result<(), TestCaseError> {
    let Question { me, freshness, customer, known, at } = question;
    let answer = me.billing_with(freshness).await;
    let state = api.state();
    let Ok(billing) = answer else {
        prop_assert!(state.has_failed, "an error, although Flowglad never failed");
        return Ok(());
    };
    let read = &state.reads[number_of_read(&billing)];
    prop_assert_eq!(read.customer, customer);
    prop_assert!(read.version >= known, "version {} after {known}, {freshness:?} {:?}", read.version, billing.source());
    let age = at.saturating_duration_since(read.at);
    prop_assert!(billing.age() >= age, "{:?} seems younger than {age:?}", billing.age());
    match freshness {
        Freshness::Live => prop_assert!(read.at >= at, "a read from before a live question"),
        Freshness::NoOlderThan(limit) => prop_assert!(age <= limit, "{age:?}"),
        Freshness::CachedOrStale if billing.source() == Source::Stale => prop_assert!(age <= STALE, "{age:?}"),
        Freshness::Cached | Freshness::CachedOrStale => {
            prop_assert!(age <= REVALIDATE && billing.source() != Source::Stale, "{age:?}");
        }
        _ => {}
    }
    Ok(())
}

fn number_of_read(billing: &Billing) -> usize {
    billing.customer().name.parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 64, ..ProptestConfig::default() })]

    #[test]
    fn no_interleaving_of_two_instances_breaks_a_promise(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let redis = RedisProcess::builder().start().await.unwrap();
            let mut driver = Driver::new(&redis).await;
            for step in steps {
                driver.take(step).await?;
            }
            driver.settle().await
        })?;
    }
}
