//! One read of a customer's billing at a time, shared by all who may share it, and the memory of what was read.

use std::{
    collections::{HashMap, hash_map},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use tokio::sync::Semaphore;
use tracing::Instrument as _;

use crate::{
    billing::{Source, document::BillingDocument},
    cache::{
        memory::{Entry, Memory},
        rules::BillingCache,
        second_memory::SecondMemory,
        state::{Answer, Beginning, Hears, Read, ReadBilling, Reads, State},
        store::{Hearing, Instance},
    },
    client::{endpoint::Route, subject::Subject},
    clock::Clock,
    error::{Advice, Error, SideEffect, shared},
    observe::{CacheSnapshot, InvalidationCause, observation::Observation},
};

/// How many reads in the background run at the same time. More would be a burst when Flowglad comes back.
const MAX_IN_BACKGROUND: usize = 16;

/// The reads of all customers' billing, shared by the clones of a client.
pub(crate) struct SharedReads {
    pub(super) state: Mutex<State>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) rules: Option<BillingCache>,
    pub(super) background: Arc<Semaphore>,
    pub(super) observation: Arc<Observation>,
    pub(super) store: Option<SecondMemory>,
}

impl SharedReads {
    pub(crate) fn new(clock: Arc<dyn Clock>, rules: Option<BillingCache>, observation: Arc<Observation>) -> Self {
        let memory = rules.as_ref().map(Memory::new);
        let state = State { reads: HashMap::new(), memory, hearing: Hears::Always };
        let background = Arc::new(Semaphore::new(MAX_IN_BACKGROUND));
        let store = rules.as_ref().and_then(|rules| rules.store.clone()).map(SecondMemory::new);
        Self { state: Mutex::new(state), clock, rules, background, observation, store }
    }

    /// Lets the other instances of the app say what they have changed.
    pub(crate) fn connect(self: &Arc<Self>) {
        if let Some(store) = &self.store {
            store.connect(Instance::new(Arc::downgrade(self)));
        }
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

    /// Says to the other instances of the app whom a change concerns.
    pub(crate) async fn outdate_elsewhere(&self, subject: Subject<'_>) {
        if let Some(store) = &self.store {
            store.invalidate(subject).await;
            // It may have been taken from there before.
            self.forget(subject);
        }
    }

    /// The counters with the size of the memory.
    pub(crate) fn snapshot(&self, counted: CacheSnapshot) -> CacheSnapshot {
        let (entries, bytes) = self.state().memory.as_ref().map(Memory::size).unwrap_or_default();
        let max_bytes = self.rules.as_ref().map_or(0, |rules| rules.max_bytes);
        CacheSnapshot { entries: entries as u64, bytes: bytes as u64, max_bytes: max_bytes as u64, ..counted }
    }

    pub(super) fn start(
        self: &Arc<Self>,
        mut state: MutexGuard<'_, State>,
        customer: &str,
        route: Route,
        read: Read,
        gather: Duration,
    ) {
        let customer: Arc<str> = customer.into();
        state.reads.insert(Arc::clone(&customer), Reads { running: read, next: None });
        drop(state);
        let running = Running { reads: Arc::clone(self), customer, route, is_done: false };
        tokio::spawn(running.run(gather).in_current_span());
    }

    /// The running read of a customer begins now.
    fn begin(&self, customer: &str) {
        let now = self.clock.now();
        if let Some(reads) = self.state().reads.get_mut(customer) {
            reads.running.began = Some(now);
            reads.running.is_outdated = false;
        }
    }

    /// Whether what another instance began to read then answers all who wait. If so, that is when this read began.
    fn takes(&self, customer: &str, began: Instant) -> bool {
        let age = self.age(began);
        let mut state = self.state();
        let Some(reads) = state.reads.get_mut(customer) else { return false };
        let running = &mut reads.running;
        let takes = !running.is_outdated && running.accepts.is_some_and(|accepted| age <= accepted);
        if takes {
            running.began = Some(began);
        }
        takes
    }

    /// What is kept of a document that the running read of a customer has brought. Made before the memory is locked, since
    /// the ids are looked for in the whole text.
    fn entry(&self, customer: &str, document: &Arc<BillingDocument>, now: Instant) -> Option<Entry> {
        self.rules.as_ref()?;
        let began = self.state().reads.get(customer)?.running.began;
        Entry::new(document, began.unwrap_or(now))
    }

    /// Keeps what another instance has read, for the case that Flowglad cannot be read.
    fn keep_older(&self, customer: &Arc<str>, document: &Arc<BillingDocument>, began: Instant) {
        let may_be_stale = self.rules.as_ref().is_some_and(|rules| rules.may_be_stale(self.age(began)));
        let Some(entry) = Entry::new(document, began) else { return };
        let mut state = self.state();
        let is_outdated = state.reads.get(customer).is_none_or(|reads| reads.running.is_outdated);
        if let Some(memory) = &mut state.memory
            && may_be_stale
            && !is_outdated
            && memory.get(customer).is_none()
        {
            memory.keep(Arc::clone(customer), entry);
        }
    }

    pub(super) fn age(&self, began: Instant) -> Duration {
        self.clock.now().saturating_duration_since(began)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hearing for Weak<SharedReads> {
    fn forget(&self, subject: Subject<'_>) {
        if let Some(reads) = self.upgrade() {
            reads.outdate(subject, InvalidationCause::Call);
        }
    }

    fn hears_others(&self, hears: bool) {
        let Some(reads) = self.upgrade() else { return };
        let now = reads.clock.now();
        let mut state = reads.state();
        state.hearing = match state.hearing {
            _ if !hears => Hears::Not,
            Hears::Not => Hears::Since(now),
            same => same,
        };
    }
}

/// The task that makes the reads of one customer, one after the other, until none is wanted.
struct Running {
    reads: Arc<SharedReads>,
    customer: Arc<str>,
    route: Route,
    is_done: bool,
}

impl Running {
    async fn run(mut self, gather: Duration) {
        if !gather.is_zero() {
            tokio::time::sleep(gather).await;
        }
        while let Some(read) = self.wanted() {
            match self.reads.store.clone() {
                Some(store) => self.read_beside(&store, read).await,
                None => {
                    self.read(read, None).await;
                }
            }
        }
    }

    /// Takes what another instance has read, if that is enough, or else reads and shares it.
    async fn read_beside(&mut self, store: &SecondMemory, read: ReadBilling) {
        self.reads.begin(&self.customer);
        let Some(found) = store.load(&self.customer, self.route, &*self.reads.clock).await else {
            self.read(read, None).await;
            return;
        };
        if let Some((document, began)) = &found.document
            && self.reads.takes(&self.customer, *began)
        {
            self.end(Ok(Arc::clone(document)), None);
            return;
        }
        if let Some((document, began)) = self.read(read, found.document).await {
            store.save(&self.customer, found.epoch, &document, began, &*self.reads.clock).await;
        }
    }

    /// Reads from Flowglad. Returns what may be shared. If that fails, `older` is kept instead.
    async fn read(
        &mut self,
        read: ReadBilling,
        older: Option<(Arc<BillingDocument>, Instant)>,
    ) -> Option<(Arc<BillingDocument>, Instant)> {
        let (reads, customer) = (Arc::clone(&self.reads), Arc::clone(&self.customer));
        let beginning = Beginning(Box::new(move || reads.begin(&customer)));
        let started = Instant::now();
        let document = AssertUnwindSafe(async { read(beginning).await }).catch_unwind().await;
        let document = document.unwrap_or_else(|_| Err(interrupted(self.route.operation))).map(Arc::new);
        if let (Err(_), Some((older, began))) = (&document, older) {
            self.reads.keep_older(&self.customer, &older, began);
        }
        self.end(document, Some(started))
    }

    fn wanted(&self) -> Option<ReadBilling> {
        if self.is_done {
            return None;
        }
        self.reads.state().reads.get(&self.customer).map(|reads| Arc::clone(&reads.running.make))
    }

    /// Answers those who wait. `started` is when the read from Flowglad was, if there was one. Returns the document if it is
    /// true by all that is known.
    fn end(
        &mut self,
        document: Result<Arc<BillingDocument>, Error>,
        started: Option<Instant>,
    ) -> Option<(Arc<BillingDocument>, Instant)> {
        let now = self.reads.clock.now();
        let entry = document.as_ref().map(|document| self.reads.entry(&self.customer, document, now));
        let mut state = self.reads.state();
        let hash_map::Entry::Occupied(mut reads) = state.reads.entry(Arc::clone(&self.customer)) else { return None };
        let ended = if let Some(next) = reads.get_mut().next.take() {
            std::mem::replace(&mut reads.get_mut().running, next)
        } else {
            // From here on another task may read for this customer.
            self.is_done = true;
            reads.remove().running
        };
        let (began, in_background) = (ended.began.unwrap_or(now), ended.in_background.is_some());
        let forgotten = if ended.is_outdated { Vec::new() } else { state.keep(&self.customer, entry, now) };
        drop(state);
        let observation = &self.reads.observation;
        if let Some(started) = started {
            observation.billing_read(started, in_background, document.as_ref().map(|_| ()));
        }
        observation.evicted(forgotten.len() as u64);
        let kept = document.as_ref().ok().filter(|_| !ended.is_outdated).map(|document| (Arc::clone(document), began));
        let source = if started.is_some() { Source::Live } else { Source::Cache };
        ended.answer.send_replace(Some(Answer { document, began, source, in_background }));
        kept
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

pub(super) fn interrupted(operation: &'static str) -> Error {
    let cause = shared("the read was ended before it was answered");
    Error::Transport { operation, side_effect: SideEffect::None, advice: Advice::Retry, timed_out: false, cause }
}
