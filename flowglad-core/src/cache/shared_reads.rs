//! One read of a customer's billing at a time, shared by all who may share it, and the memory of what was read.

use std::{
    collections::{HashMap, hash_map},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::timeout_at,
};
use tracing::Instrument as _;

use crate::{
    billing::{Freshness, Source, document::BillingDocument},
    cache::{
        memory::Memory,
        rules::{BillingCache, Failure, Verdict, may_share},
    },
    client::subject::Subject,
    clock::Clock,
    error::{Advice, Error, SideEffect, shared},
    observe::{self, CacheSnapshot, InvalidationCause, observation::Observation},
};

/// How many reads in the background run at the same time. More would be a burst when Flowglad comes back.
const MAX_IN_BACKGROUND: usize = 16;

/// How long a caller waits for a read who could be answered with old billing.
const PATIENCE: Duration = Duration::from_secs(1);

/// The reads of all customers' billing, shared by the clones of a client.
pub(crate) struct SharedReads {
    state: Mutex<State>,
    clock: Arc<dyn Clock>,
    rules: Option<BillingCache>,
    background: Arc<Semaphore>,
    observation: Arc<Observation>,
}

struct State {
    /// The customers of whom a read runs.
    reads: HashMap<Arc<str>, Reads>,
    memory: Option<Memory>,
}

struct Reads {
    running: Read,
    /// Begins when the running one has ended.
    next: Option<Read>,
}

/// A read that runs or will.
struct Read {
    read: ReadBilling,
    answer: watch::Sender<Option<Answer>>,
    /// When its request was sent. `None`: not yet.
    began: Option<Instant>,
    /// Whether something was changed after it began.
    is_outdated: bool,
    /// A read in the background has one, and creates no customer.
    in_background: Option<OwnedSemaphorePermit>,
}

#[derive(Clone)]
struct Answer {
    document: Result<Arc<BillingDocument>, Error>,
    began: Instant,
    in_background: bool,
}

/// Reads the billing of a customer. It is called in a task of its own, and says when it begins.
pub(crate) type ReadBilling =
    Arc<dyn Fn(Beginning) -> BoxFuture<'static, Result<BillingDocument, Error>> + Send + Sync>;

/// Where a read says that it begins. A read of several requests says so before each that could be the one to answer.
pub(crate) struct Beginning {
    reads: Arc<SharedReads>,
    customer: Arc<str>,
}

/// A question about a customer's billing.
pub(crate) struct Question<'a> {
    pub(crate) customer: &'a str,
    pub(crate) freshness: Freshness,
    /// How long a read that this question starts lets others join it before it begins.
    pub(crate) gather: Duration,
    pub(crate) deadline: tokio::time::Instant,
    /// The name of the read, for errors.
    pub(crate) operation: &'static str,
}

/// Billing, and where it comes from.
pub(crate) struct Known {
    pub(crate) document: Arc<BillingDocument>,
    pub(crate) source: Source,
    pub(crate) age: Duration,
}

/// Whether a read creates a customer that Flowglad does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnknownCustomer {
    Create,
    Leave,
}

/// What memory says to a question.
enum Recalled {
    Known(Known),
    Refresh(Known),
    Ask { stale: Option<Known> },
    Fail(Error),
}

impl SharedReads {
    pub(crate) fn new(clock: Arc<dyn Clock>, rules: Option<BillingCache>, observation: Arc<Observation>) -> Self {
        let state = State { reads: HashMap::new(), memory: rules.as_ref().map(Memory::new) };
        let background = Arc::new(Semaphore::new(MAX_IN_BACKGROUND));
        Self { state: Mutex::new(state), clock, rules, background, observation }
    }

    /// Answers a question from memory, by a read that runs, or by a new one.
    pub(crate) async fn ask(
        self: &Arc<Self>,
        question: Question<'_>,
        read: impl Fn(UnknownCustomer) -> ReadBilling,
    ) -> Result<Known, Error> {
        let known = self.find(&question, read).await;
        self.observation.billing_asked(known.as_ref().map_or(observe::Answer::Failed, |known| known.source.into()));
        known
    }

    async fn find(
        self: &Arc<Self>,
        question: &Question<'_>,
        read: impl Fn(UnknownCustomer) -> ReadBilling,
    ) -> Result<Known, Error> {
        loop {
            let (answer, stale) = match self.recall(question) {
                Recalled::Known(known) => return Ok(known),
                Recalled::Fail(error) => return Err(error),
                Recalled::Refresh(known) => {
                    self.refresh(question, || read(UnknownCustomer::Leave));
                    return Ok(known);
                }
                Recalled::Ask { stale } => (self.join(question, || read(UnknownCustomer::Create)), stale),
            };
            match wait(answer, question, stale.is_some()).await {
                Ok(Answer { document: Ok(document), began, .. }) => {
                    return Ok(Known { document, source: Source::Live, age: self.age(began) });
                }
                // The customer is to be created, which a read in the background does not do.
                Ok(Answer { document: Err(error), in_background: true, .. }) if error.is_not_found_code() => {}
                Ok(Answer { document: Err(error), .. }) | Err(error) => {
                    return stale.filter(|stale| self.is_still_known(question.customer, stale)).ok_or(error);
                }
            }
        }
    }

    /// Whether nothing has outdated what was known when the question came.
    fn is_still_known(&self, customer: &str, known: &Known) -> bool {
        let mut state = self.state();
        let entry = state.memory.as_mut().and_then(|memory| memory.get(customer));
        entry.is_some_and(|entry| Arc::ptr_eq(&entry.document, &known.document))
    }

    /// Forgets what is known of the customers that a change concerns. Reads that began before are not kept, and answer
    /// no later question.
    pub(crate) fn outdate(&self, subject: Subject<'_>, cause: InvalidationCause) {
        self.forget(subject);
        self.observation.invalidated(cause, subject == Subject::Everyone);
    }

    fn forget(&self, subject: Subject<'_>) {
        let mut state = self.state();
        match subject {
            Subject::Customer(customer) => state.outdate(customer),
            Subject::CustomerId(id) | Subject::Subscription(id) => {
                match state.memory.as_ref().and_then(|memory| memory.customer_of(id)) {
                    Some(customer) => state.outdate(&customer),
                    // A read that runs may be about it.
                    None => state.outdate_reads(),
                }
            }
            Subject::Everyone => {
                state.outdate_reads();
                if let Some(memory) = &mut state.memory {
                    memory.forget_all();
                }
            }
        }
    }

    /// The counters with the size of the memory.
    pub(crate) fn snapshot(&self, counted: CacheSnapshot) -> CacheSnapshot {
        let (entries, bytes) = self.state().memory.as_ref().map(Memory::size).unwrap_or_default();
        let max_bytes = self.rules.as_ref().map_or(0, |rules| rules.max_bytes);
        CacheSnapshot { entries: entries as u64, bytes: bytes as u64, max_bytes: max_bytes as u64, ..counted }
    }

    fn recall(&self, question: &Question<'_>) -> Recalled {
        let ask = Recalled::Ask { stale: None };
        let Some(rules) = &self.rules else { return ask };
        let mut state = self.state();
        let Some(entry) = state.memory.as_mut().and_then(|memory| memory.get(question.customer)) else { return ask };
        let now = self.clock.now();
        let age = now.saturating_duration_since(entry.began);
        let known = |source| Known { document: Arc::clone(&entry.document), source, age };
        match rules.judge(question.freshness, age, now, entry.failure.as_ref()) {
            Verdict::Fresh => Recalled::Known(known(Source::Cache)),
            Verdict::FreshAndRefresh => Recalled::Refresh(known(Source::Cache)),
            Verdict::Stale => Recalled::Known(known(Source::Stale)),
            Verdict::StaleAndRefresh => Recalled::Refresh(known(Source::Stale)),
            Verdict::Read => ask,
            Verdict::ReadOrStale => Recalled::Ask { stale: Some(known(Source::Stale)) },
            Verdict::Fail(error) => Recalled::Fail(error),
        }
    }

    /// The read that may answer the question: the running one, the one after it, or a new one.
    fn join(
        self: &Arc<Self>,
        question: &Question<'_>,
        read: impl FnOnce() -> ReadBilling,
    ) -> watch::Receiver<Option<Answer>> {
        let mut state = self.state();
        let Some(reads) = state.reads.get_mut(question.customer) else {
            let read = Read::new(read(), None);
            let answer = read.answer.subscribe();
            self.start(state, question, read, question.gather);
            return answer;
        };
        let age = reads.running.began.map(|began| self.age(began));
        let shares = age.is_none_or(|age| may_share(self.rules.as_ref(), question.freshness, age));
        if shares && !reads.running.is_outdated {
            return reads.running.answer.subscribe();
        }
        reads.next.get_or_insert_with(|| Read::new(read(), None)).answer.subscribe()
    }

    /// Reads in the background, unless a read of this customer runs or too many others do.
    fn refresh(self: &Arc<Self>, question: &Question<'_>, read: impl FnOnce() -> ReadBilling) {
        let state = self.state();
        if state.reads.contains_key(question.customer) {
            return;
        }
        let Ok(permit) = Arc::clone(&self.background).try_acquire_owned() else { return };
        self.start(state, question, Read::new(read(), Some(permit)), Duration::ZERO);
    }

    fn start(
        self: &Arc<Self>,
        mut state: MutexGuard<'_, State>,
        question: &Question<'_>,
        read: Read,
        gather: Duration,
    ) {
        let (customer, operation): (Arc<str>, _) = (question.customer.into(), question.operation);
        state.reads.insert(Arc::clone(&customer), Reads { running: read, next: None });
        drop(state);
        let running = Running { reads: Arc::clone(self), customer, operation, is_done: false };
        tokio::spawn(running.run(gather).in_current_span());
    }

    fn age(&self, began: Instant) -> Duration {
        self.clock.now().saturating_duration_since(began)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn outdate(&mut self, customer: &str) {
        if let Some(reads) = self.reads.get_mut(customer) {
            reads.running.is_outdated = reads.running.began.is_some();
        }
        if let Some(memory) = &mut self.memory {
            memory.forget(customer);
        }
    }

    fn outdate_reads(&mut self) {
        for reads in self.reads.values_mut() {
            reads.running.is_outdated = reads.running.began.is_some();
        }
    }

    /// Keeps what a read has brought. Returns how many customers are forgotten for it.
    fn keep(
        &mut self,
        customer: &Arc<str>,
        document: &Result<Arc<BillingDocument>, Error>,
        began: Instant,
        now: Instant,
    ) -> usize {
        let Some(memory) = &mut self.memory else { return 0 };
        match document {
            Ok(document) => return memory.keep(Arc::clone(customer), Arc::clone(document), began),
            Err(error) if error.is_not_found_code() => memory.forget(customer),
            Err(error) => {
                if let Some(entry) = memory.get(customer) {
                    entry.failure = Some(Failure::after(entry.failure.as_ref(), error.clone(), now));
                }
            }
        }
        0
    }
}

impl Read {
    fn new(read: ReadBilling, in_background: Option<OwnedSemaphorePermit>) -> Self {
        Self { read, answer: watch::Sender::new(None), began: None, is_outdated: false, in_background }
    }
}

/// The task that makes the reads of one customer, one after the other, until none is wanted.
struct Running {
    reads: Arc<SharedReads>,
    customer: Arc<str>,
    operation: &'static str,
    is_done: bool,
}

impl Running {
    async fn run(mut self, gather: Duration) {
        if !gather.is_zero() {
            tokio::time::sleep(gather).await;
        }
        while let Some(read) = self.wanted() {
            let beginning = Beginning { reads: Arc::clone(&self.reads), customer: Arc::clone(&self.customer) };
            let started = Instant::now();
            let document = AssertUnwindSafe(async { read(beginning).await }).catch_unwind().await;
            self.end(document.unwrap_or_else(|_| Err(interrupted(self.operation))).map(Arc::new), started);
        }
    }

    fn wanted(&self) -> Option<ReadBilling> {
        if self.is_done {
            return None;
        }
        self.reads.state().reads.get(&self.customer).map(|reads| Arc::clone(&reads.running.read))
    }

    fn end(&mut self, document: Result<Arc<BillingDocument>, Error>, started: Instant) {
        let now = self.reads.clock.now();
        let mut state = self.reads.state();
        let hash_map::Entry::Occupied(mut reads) = state.reads.entry(Arc::clone(&self.customer)) else { return };
        let ended = match reads.get_mut().next.take() {
            Some(next) => std::mem::replace(&mut reads.get_mut().running, next),
            None => {
                // From here on another task may read for this customer.
                self.is_done = true;
                reads.remove().running
            }
        };
        let (began, in_background) = (ended.began.unwrap_or(now), ended.in_background.is_some());
        let evicted = if ended.is_outdated { 0 } else { state.keep(&self.customer, &document, began, now) };
        drop(state);
        let observation = &self.reads.observation;
        observation.billing_read(started, in_background, document.as_ref().map(|_| ()));
        observation.evicted(evicted as u64);
        ended.answer.send_replace(Some(Answer { document, began, in_background }));
    }
}

/// The runtime may end, and the task with it. Those who wait see that their read is gone.
impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_done {
            self.reads.state().reads.remove(&self.customer);
        }
    }
}

impl Beginning {
    /// Says that the request is sent now. What was changed before is in its answer.
    pub(crate) fn now(&self) {
        let now = self.reads.clock.now();
        if let Some(reads) = self.reads.state().reads.get_mut(&self.customer) {
            reads.running.began = Some(now);
            reads.running.is_outdated = false;
        }
    }
}

async fn wait(
    mut answer: watch::Receiver<Option<Answer>>,
    question: &Question<'_>,
    has_older: bool,
) -> Result<Answer, Error> {
    let patience = has_older.then(|| tokio::time::Instant::now() + PATIENCE);
    let deadline = patience.map_or(question.deadline, |patience| patience.min(question.deadline));
    match timeout_at(deadline, answer.wait_for(Option::is_some)).await {
        Ok(Ok(answer)) => answer.clone().ok_or_else(|| interrupted(question.operation)),
        Ok(Err(_)) => Err(interrupted(question.operation)),
        Err(_) => Err(Error::out_of_time(question.operation, SideEffect::None, Advice::Retry)),
    }
}

fn interrupted(operation: &'static str) -> Error {
    let cause = shared("the read was ended before it was answered");
    Error::Transport { operation, side_effect: SideEffect::None, advice: Advice::Retry, timed_out: false, cause }
}
