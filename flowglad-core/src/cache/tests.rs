//! Random interleavings of questions, reads, changes, failures and time, compared with what was promised.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use proptest::prelude::*;
use tokio::{
    sync::oneshot,
    task::{JoinHandle, yield_now},
};

use super::{
    ask::{Known, Question, UnknownCustomer},
    shared_reads::SharedReads,
    state::{Beginning, ReadBilling},
};
use crate::{
    billing::{Freshness, Source, document::BillingDocument},
    cache::{BillingCache, Subject},
    client::{
        endpoint::{Endpoint, Route},
        json::RawJson,
    },
    clock::{Clock, ManualClock},
    error::{Advice, Error, SideEffect, shared},
    model::Timestamp,
    observe::{InvalidationCause, observation::Observation},
};

const CUSTOMERS: [&str; 2] = ["ada", "bob"];

const FRESH: Duration = Duration::from_secs(10);
const REVALIDATE: Duration = Duration::from_secs(60);
const STALE: Duration = Duration::from_secs(3600);

/// What the driver does next. `usize` names a customer.
#[derive(Clone, Debug)]
enum Step {
    Ask(usize, Freshness),
    /// A caller goes away before it is answered.
    Leave,
    EndRead(usize, Outcome),
    /// A change through the client: the API makes it, and later the client knows that it has ended.
    Change(usize),
    EndChange(usize),
    /// A change that the client does not see, for example on the hosted checkout page.
    ChangeElsewhere(usize),
    Invalidate(usize, Named),
    Advance(Duration),
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    Answered,
    Failed,
    Panicked,
}

#[derive(Clone, Copy, Debug)]
enum Named {
    ExternalId,
    Id,
    Subscription,
    Everyone,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let customer = 0..CUSTOMERS.len();
    let freshness = prop_oneof![
        2 => Just(Freshness::Live),
        1 => Just(Freshness::NoOlderThan(Duration::from_secs(1))),
        2 => Just(Freshness::Cached),
        4 => Just(Freshness::CachedOrStale),
    ];
    let outcome = prop_oneof![6 => Just(Outcome::Answered), 3 => Just(Outcome::Failed), 1 => Just(Outcome::Panicked)];
    let named = prop_oneof![Just(Named::ExternalId), Just(Named::Id), Just(Named::Subscription), Just(Named::Everyone)];
    let wait = prop_oneof![
        Just(1),
        Just(900),
        Just(1_100),
        Just(9_999),
        Just(10_000),
        Just(40_000),
        Just(61_000),
        Just(1_800_000)
    ];
    let step = prop_oneof![
        8 => (customer.clone(), freshness).prop_map(|(who, freshness)| Step::Ask(who, freshness)),
        1 => Just(Step::Leave),
        6 => (customer.clone(), outcome).prop_map(|(who, outcome)| Step::EndRead(who, outcome)),
        2 => customer.clone().prop_map(Step::Change),
        2 => customer.clone().prop_map(Step::EndChange),
        1 => customer.clone().prop_map(Step::ChangeElsewhere),
        1 => (customer, named).prop_map(|(who, named)| Step::Invalidate(who, named)),
        4 => wait.prop_map(|millis| Step::Advance(Duration::from_millis(millis))),
    ];
    prop::collection::vec(step, 1..60)
}

/// The API, as the test lets it answer.
#[derive(Default)]
struct Api {
    customers: [Customer; 2],
    /// Counts everything that happens, for "before" and "after".
    now: u64,
    /// Every read that began: its customer, version, and when it began.
    reads: Vec<ApiRead>,
}

#[derive(Default)]
struct Customer {
    /// Grows with each change.
    version: usize,
    /// What every read shows that begins from now on.
    known_changes: usize,
    pending_changes: usize,
    running: Option<oneshot::Sender<Outcome>>,
    failures: Vec<Instant>,
}

struct ApiRead {
    customer: usize,
    version: usize,
    began: Instant,
    order: u64,
}

/// A question that waits, and what it was promised.
struct Asked {
    customer: usize,
    freshness: Freshness,
    at: Instant,
    order: u64,
    known_changes: usize,
    answer: JoinHandle<(Result<Known, Error>, Instant)>,
}

struct Driver {
    api: Arc<Mutex<Api>>,
    clock: Arc<ManualClock>,
    reads: Arc<SharedReads>,
    asked: Vec<Asked>,
}

impl Driver {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(0)));
        let rules = BillingCache::new().fresh_for(FRESH).revalidate_for(REVALIDATE).stale_if_error(STALE);
        let time: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let observation = Arc::new(Observation::new(Arc::clone(&time), Vec::new()));
        let reads = Arc::new(SharedReads::new(time, Some(rules), observation));
        Self { api: Arc::default(), clock, reads, asked: Vec::new() }
    }

    async fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        self.api.lock().unwrap().now += 1;
        match step {
            Step::Ask(customer, freshness) => self.ask(customer, freshness),
            Step::Leave => {
                if let Some(asked) = self.asked.pop() {
                    asked.answer.abort();
                }
            }
            Step::EndRead(customer, outcome) => self.end_read(customer, outcome),
            Step::Change(customer) => {
                let customer = &mut self.api.lock().unwrap().customers[customer];
                customer.version += 1;
                customer.pending_changes += 1;
            }
            Step::EndChange(customer) => {
                if self.api.lock().unwrap().customers[customer].pending_changes > 0 {
                    self.invalidate(customer, Named::ExternalId);
                    self.api.lock().unwrap().customers[customer].pending_changes -= 1;
                }
            }
            Step::ChangeElsewhere(customer) => self.api.lock().unwrap().customers[customer].version += 1,
            Step::Invalidate(customer, named) => self.invalidate(customer, named),
            Step::Advance(by) => self.clock.advance(by),
        }
        // Every task goes as far as it can.
        for _ in 0..20 {
            yield_now().await;
        }
        self.check_answered().await
    }

    fn ask(&mut self, customer: usize, freshness: Freshness) {
        let (reads, clock, api) = (Arc::clone(&self.reads), Arc::clone(&self.clock), Arc::clone(&self.api));
        let (at, order, known_changes) = {
            let api = self.api.lock().unwrap();
            (self.clock.now(), api.now, api.customers[customer].known_changes)
        };
        let answer = tokio::spawn(async move {
            let question = Question {
                customer: CUSTOMERS[customer],
                freshness,
                gather: Duration::ZERO,
                deadline: tokio::time::Instant::now() + Duration::from_secs(30),
                route: route(),
            };
            let known = reads.ask(question, |unknown| read_of(&api, &clock, customer, unknown)).await;
            (known, clock.now())
        });
        self.asked.push(Asked { customer, freshness, at, order, known_changes, answer });
    }

    fn end_read(&self, customer: usize, outcome: Outcome) {
        let running = self.api.lock().unwrap().customers[customer].running.take();
        if let Some(running) = running {
            running.send(outcome).unwrap();
        }
    }

    fn invalidate(&self, customer: usize, named: Named) {
        let name = CUSTOMERS[customer];
        let (id, subscription) = (format!("cust_{name}"), format!("sub_{name}"));
        let concerned = match named {
            Named::ExternalId => Subject::Customer(name),
            Named::Id => Subject::CustomerId(&id),
            Named::Subscription => Subject::Subscription(&subscription),
            Named::Everyone => Subject::Everyone,
        };
        self.reads.outdate(concerned, InvalidationCause::Call);
        let api = &mut *self.api.lock().unwrap();
        for (index, other) in api.customers.iter_mut().enumerate() {
            if index == customer || matches!(named, Named::Everyone) {
                other.known_changes = other.version;
            }
        }
    }

    async fn check_answered(&mut self) -> Result<(), TestCaseError> {
        let (answered, waiting) =
            std::mem::take(&mut self.asked).into_iter().partition(|asked| asked.answer.is_finished());
        self.asked = waiting;
        for asked in answered {
            self.check(asked).await?;
        }
        Ok(())
    }

    async fn check(&self, asked: Asked) -> Result<(), TestCaseError> {
        let Asked { customer, freshness, at, order, known_changes, answer } = asked;
        let (known, answered_at) = answer.await.unwrap();
        let api = self.api.lock().unwrap();
        let Ok(Known { document, source, age, .. }) = known else {
            let since = at.checked_sub(Duration::from_secs(1)).unwrap_or(at);
            let failed = api.customers[customer].failures.iter().any(|failure| *failure >= since);
            prop_assert!(failed, "an error, although no read failed");
            return Ok(());
        };
        let read = &api.reads[number_of_read(&document)];
        prop_assert_eq!(read.customer, customer);
        prop_assert!(read.version >= known_changes, "a value from before a change after it");
        prop_assert!(age <= answered_at - read.began && age >= at.saturating_duration_since(read.began), "a wrong age");
        let age_when_asked = at.saturating_duration_since(read.began);
        let oldest = match (freshness, source) {
            (_, Source::Live) | (Freshness::Live, _) => FRESH,
            (Freshness::NoOlderThan(limit), Source::Cache) => limit,
            (Freshness::Cached | Freshness::CachedOrStale, Source::Cache) => REVALIDATE,
            (Freshness::CachedOrStale, Source::Stale) => STALE,
            (freshness, source) => return Err(TestCaseError::fail(format!("{freshness:?} answered by {source:?}"))),
        };
        prop_assert!(age_when_asked <= oldest, "{freshness:?} answered by {source:?} of {age_when_asked:?}");
        match freshness {
            Freshness::Live => prop_assert!(read.order >= order, "a read from before a live question"),
            Freshness::NoOlderThan(limit) => prop_assert!(age_when_asked <= limit),
            Freshness::Cached | Freshness::CachedOrStale => {}
        }
        if source == Source::Stale {
            // A read that runs for long counts too.
            let customer = &api.customers[customer];
            prop_assert!(!customer.failures.is_empty() || customer.running.is_some(), "stale without a failure");
        }
        Ok(())
    }

    /// Answers every read, so that every question ends.
    async fn finish(&mut self) -> Result<(), TestCaseError> {
        for _ in 0..20 {
            for customer in 0..CUSTOMERS.len() {
                self.take(Step::EndRead(customer, Outcome::Answered)).await?;
            }
        }
        prop_assert!(self.asked.is_empty(), "{} questions have no answer", self.asked.len());
        Ok(())
    }
}

/// A read that says when it begins, and is answered when the driver lets it.
fn read_of(api: &Arc<Mutex<Api>>, clock: &Arc<ManualClock>, customer: usize, _: UnknownCustomer) -> ReadBilling {
    let (api, clock) = (Arc::clone(api), Arc::clone(clock));
    Arc::new(move |beginning: Beginning| {
        let (api, clock) = (Arc::clone(&api), Arc::clone(&clock));
        async move {
            let (ended, number) = {
                let (sender, receiver) = oneshot::channel();
                let mut api = api.lock().unwrap();
                assert!(api.customers[customer].running.is_none(), "two reads of one customer at once");
                api.customers[customer].running = Some(sender);
                let read =
                    ApiRead { customer, version: api.customers[customer].version, began: clock.now(), order: api.now };
                api.reads.push(read);
                (receiver, api.reads.len() - 1)
            };
            beginning.now();
            let outcome = ended.await.unwrap();
            if !matches!(outcome, Outcome::Answered) {
                api.lock().unwrap().customers[customer].failures.push(clock.now());
            }
            match outcome {
                Outcome::Answered => Ok(document(customer, number)),
                Outcome::Failed => Err(failure()),
                Outcome::Panicked => std::panic::resume_unwind(Box::new("a read panics, as this test wants it to")),
            }
        }
        .boxed()
    })
}

fn document(customer: usize, number: usize) -> BillingDocument {
    let name = CUSTOMERS[customer];
    let json = format!(
        r#"{{"customer":{{"id":"cust_{name}","externalId":"{name}"}},"subscriptions":[{{"id":"sub_{name}"}}],"read":{number}}}"#
    );
    BillingDocument::new(RawJson::new(json.into()).unwrap(), route())
}

fn route() -> Route {
    Endpoint::<(), ()>::get("customers.billing", "").route()
}

fn number_of_read(document: &BillingDocument) -> usize {
    let json: serde_json::Value = serde_json::from_str(document.raw().as_str()).unwrap();
    usize::try_from(json["read"].as_u64().unwrap()).unwrap()
}

fn failure() -> Error {
    Error::Transport {
        operation: "customers.billing",
        side_effect: SideEffect::None,
        advice: Advice::Retry,
        timed_out: false,
        cause: shared("the API is down"),
    }
}

proptest! {
    #[test]
    fn no_interleaving_breaks_a_promise(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut driver = Driver::new();
            for step in steps {
                driver.take(step).await?;
            }
            driver.finish().await
        })?;
    }
}
