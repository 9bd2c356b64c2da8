//! Questions about a customer's billing: answered from memory, by a read that runs, or by a new one.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::watch, time::timeout_at};

use crate::{
    billing::{Freshness, Source, document::BillingDocument},
    cache::{
        rules::{Age, Verdict, accepted_age},
        shared_reads::{SharedReads, interrupted},
        state::{Answer, Read, ReadBilling},
    },
    client::endpoint::Route,
    error::{Advice, Error, SideEffect},
    observe,
};

/// How long a caller waits for a read who could be answered with old billing.
const PATIENCE: Duration = Duration::from_secs(1);

/// A read begins a moment after its question and ends by its own limit. Who waits a little longer gets its error, which
/// says more than that the time was over.
const FOR_ITS_ERROR: Duration = Duration::from_millis(100);

/// A question about a customer's billing.
pub(crate) struct Question<'a> {
    pub(crate) customer: &'a str,
    pub(crate) freshness: Freshness,
    /// How long a read that this question starts lets others join it before it begins.
    pub(crate) gather: Duration,
    pub(crate) deadline: tokio::time::Instant,
    /// The operation that reads, for errors.
    pub(crate) route: Route,
}

/// Billing, and where it comes from.
pub(crate) struct Known {
    pub(crate) document: Arc<BillingDocument>,
    pub(crate) source: Source,
    pub(crate) age: Duration,
    /// When the read began.
    pub(crate) began: Instant,
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
                Recalled::Ask { stale: Some(stale) } if self.is_slow(question.customer) => return Ok(stale),
                Recalled::Ask { stale } => (self.join(question, || read(UnknownCustomer::Create)), stale),
            };
            match wait(answer, question, stale.is_some()).await {
                Ok(Answer { document: Ok(document), began, source, .. }) => {
                    return Ok(Known { document, source, age: self.age(began), began });
                }
                // The customer is to be created, which a read in the background does not do.
                Ok(Answer { document: Err(error), in_background: true, .. }) if error.is_not_found_code() => {}
                Ok(Answer { document: Err(error), .. }) | Err(error) => {
                    let stale = stale.filter(|stale| self.is_still_known(question.customer, stale));
                    return stale.or_else(|| self.recall_after_failure(question)).ok_or(error);
                }
            }
        }
    }

    /// Whether a read runs for longer than who has an older answer would wait.
    fn is_slow(&self, customer: &str) -> bool {
        let began = self.state().reads.get(customer).and_then(|reads| reads.running.began);
        began.is_some_and(|began| self.age(began) >= PATIENCE)
    }

    /// What is in memory after a failed read, if the question takes that: another read or instance had brought it.
    fn recall_after_failure(&self, question: &Question<'_>) -> Option<Known> {
        match self.recall(question) {
            Recalled::Known(known) | Recalled::Refresh(known) => Some(known),
            Recalled::Ask { .. } | Recalled::Fail(_) => None,
        }
    }

    /// Whether nothing has outdated what was known when the question came.
    fn is_still_known(&self, customer: &str, known: &Known) -> bool {
        let mut state = self.state();
        let entry = state.memory.as_mut().and_then(|memory| memory.get(customer));
        entry.is_some_and(|entry| Arc::ptr_eq(&entry.document, &known.document))
    }

    /// What is in memory, whatever its age. Nothing is read.
    #[cfg(feature = "usage-recorder")]
    pub(crate) fn remembered(&self, customer: &str) -> Option<Known> {
        let mut state = self.state();
        let entry = state.memory.as_mut()?.get(customer)?;
        let age = self.clock.now().saturating_duration_since(entry.began);
        Some(Known { document: Arc::clone(&entry.document), source: Source::Cache, age, began: entry.began })
    }

    fn recall(&self, question: &Question<'_>) -> Recalled {
        let ask = Recalled::Ask { stale: None };
        let Some(rules) = &self.rules else { return ask };
        let mut state = self.state();
        let hearing = state.hearing;
        let Some(entry) = state.memory.as_mut().and_then(|memory| memory.get(question.customer)) else { return ask };
        let now = self.clock.now();
        let age = now.saturating_duration_since(entry.began);
        let known = |source| Known { document: Arc::clone(&entry.document), source, age, began: entry.began };
        let is_up_to_date = hearing.all_since(entry.began);
        match rules.judge(question.freshness, Age { age, is_up_to_date }, now, entry.failure.as_ref()) {
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
        let accepts = accepted_age(self.rules.as_ref(), question.freshness);
        let Some(reads) = state.reads.get_mut(question.customer) else {
            let read = Read::new(read(), accepts, None);
            let answer = read.answer.subscribe();
            self.start(state, question.customer, question.route, read, question.gather);
            return answer;
        };
        let age = reads.running.began.map(|began| self.age(began));
        let shares = age.is_none_or(|age| accepts.is_some_and(|accepted| age <= accepted));
        if shares && !reads.running.is_outdated {
            return reads.running.join(accepts);
        }
        reads.next.get_or_insert_with(|| Read::new(read(), accepts, None)).join(accepts)
    }

    /// Reads in the background, unless a read of this customer runs or too many others do.
    fn refresh(self: &Arc<Self>, question: &Question<'_>, read: impl FnOnce() -> ReadBilling) {
        let state = self.state();
        if state.reads.contains_key(question.customer) {
            return;
        }
        let Ok(permit) = Arc::clone(&self.background).try_acquire_owned() else { return };
        self.start(state, question.customer, question.route, Read::new(read(), None, Some(permit)), Duration::ZERO);
    }
}

async fn wait(
    mut answer: watch::Receiver<Option<Answer>>,
    question: &Question<'_>,
    has_older: bool,
) -> Result<Answer, Error> {
    let patience = has_older.then(|| tokio::time::Instant::now() + PATIENCE);
    let end_of_read = question.deadline + question.gather + FOR_ITS_ERROR;
    let deadline = patience.map_or(end_of_read, |patience| patience.min(end_of_read));
    match timeout_at(deadline, answer.wait_for(Option::is_some)).await {
        Ok(Ok(answer)) => answer.clone().ok_or_else(|| interrupted(question.route.operation)),
        Ok(Err(_)) => Err(interrupted(question.route.operation)),
        Err(_) => Err(Error::out_of_time(question.route.operation, SideEffect::None, Advice::Retry)),
    }
}
