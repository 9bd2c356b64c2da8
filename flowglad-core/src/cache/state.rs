//! The reads that run, those that wait for them, and the memory.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::{
    billing::{Source, document::BillingDocument},
    cache::{
        memory::{Entry, Memory},
        rules::Failure,
    },
    error::Error,
};

pub(super) struct State {
    /// The customers of whom a read runs.
    pub(super) reads: HashMap<Arc<str>, Reads>,
    pub(super) memory: Option<Memory>,
    pub(super) hearing: Hears,
}

/// Whether other instances of the app can say what they change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hears {
    Always,
    Not,
    /// Again, after an instant.
    Since(Instant),
}

impl Hears {
    /// Whether all changes were heard that others have made since a read began.
    pub(super) fn all_since(self, began: Instant) -> bool {
        match self {
            Self::Always => true,
            Self::Not => false,
            Self::Since(since) => began > since,
        }
    }
}

pub(super) struct Reads {
    pub(super) running: Read,
    /// Begins when the running one has ended.
    pub(super) next: Option<Read>,
}

/// A read that runs or will.
pub(super) struct Read {
    pub(super) make: ReadBilling,
    pub(super) answer: watch::Sender<Option<Answer>>,
    /// When its request was sent. `None`: not yet.
    pub(super) began: Option<Instant>,
    /// Whether something was changed after it began.
    pub(super) is_outdated: bool,
    /// How old the billing may be for all who wait for it. `None`: it must be read.
    pub(super) accepts: Option<Duration>,
    /// A read in the background has one, and creates no customer.
    pub(super) in_background: Option<OwnedSemaphorePermit>,
}

#[derive(Clone)]
pub(super) struct Answer {
    pub(super) document: Result<Arc<BillingDocument>, Error>,
    pub(super) began: Instant,
    pub(super) source: Source,
    pub(super) in_background: bool,
}

/// Reads the billing of a customer. It is called in a task of its own, and says when it begins.
pub(crate) type ReadBilling =
    Arc<dyn Fn(Beginning) -> BoxFuture<'static, Result<BillingDocument, Error>> + Send + Sync>;

/// Where a read says that it begins. A read of several requests says so before each that could be the one to answer.
pub(crate) struct Beginning(pub(super) Box<dyn Fn() + Send + Sync>);

impl Beginning {
    /// Says that the request is sent now. What was changed before is in its answer.
    pub(crate) fn now(&self) {
        (self.0)();
    }
}

impl State {
    pub(super) fn outdate(&mut self, customer: &str) {
        if let Some(reads) = self.reads.get_mut(customer) {
            reads.running.is_outdated = reads.running.began.is_some();
        }
        if let Some(memory) = &mut self.memory {
            memory.forget(customer);
        }
    }

    pub(super) fn outdate_reads(&mut self) {
        for reads in self.reads.values_mut() {
            reads.running.is_outdated = reads.running.began.is_some();
        }
    }

    /// Keeps what a read has brought: an entry, or how it failed. Returns the entries that had to go for it.
    pub(super) fn keep(
        &mut self,
        customer: &Arc<str>,
        brought: Result<Option<Entry>, &Error>,
        now: Instant,
    ) -> Vec<Entry> {
        let Some(memory) = &mut self.memory else { return Vec::new() };
        match brought {
            Ok(Some(entry)) => return memory.keep(Arc::clone(customer), entry),
            Ok(None) => memory.forget(customer),
            Err(error) if error.is_not_found_code() => memory.forget(customer),
            Err(error) => {
                if let Some(entry) = memory.get(customer) {
                    entry.failure = Some(Failure::after(entry.failure.as_ref(), error.clone(), now));
                }
            }
        }
        Vec::new()
    }
}

impl Read {
    pub(super) fn new(
        make: ReadBilling,
        accepts: Option<Duration>,
        in_background: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self { make, answer: watch::Sender::new(None), began: None, is_outdated: false, accepts, in_background }
    }

    /// Lets another question wait for it, which accepts billing of this age.
    pub(super) fn join(&mut self, accepts: Option<Duration>) -> watch::Receiver<Option<Answer>> {
        self.accepts = self.accepts.min(accepts);
        self.answer.subscribe()
    }
}
