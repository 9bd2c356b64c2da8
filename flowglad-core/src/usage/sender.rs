//! Decides what is sent next, and what becomes of it.

use std::{
    collections::VecDeque,
    sync::{Arc, atomic::Ordering::AcqRel},
    time::{Duration, Instant},
};

use bytes::Bytes;

use crate::{
    flowglad::Flowglad,
    outbox::{
        RecordError, Sequence,
        open_outbox::{OpenOutbox, Waiting},
    },
    usage::{
        batch::{Batch, Undeliverable},
        dead_letter::DeadReason,
        plans::Plans,
        verdict::{Verdict, reason_of},
    },
};

/// After a failure the next attempt waits this long, and twice as long after each further failure.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A batch for which Flowglad has failed this often, while it took others, is split.
const FAILURES_BEFORE_SPLIT: u32 = 2;

/// A batch for which Flowglad has failed this often, while nothing shows whether it takes others, is split.
const FAILURES_BEFORE_TRIAL: u32 = 4;

/// A single event for which Flowglad has failed this often, while it took others, is a dead letter.
const FAILURES_OF_ONE: u32 = 5;

/// So many batches wait aside at most. When more would, nothing new is sent until some of these were.
const MOST_ASIDE: usize = 16;

/// Keys are forgotten so often.
const SWEEP: Duration = Duration::from_secs(60);

/// What the delivery does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Goes on at once.
    Step,
    /// Lets events come together.
    Collect,
    /// Nothing is to be sent until something is recorded.
    Idle,
    /// Waits before the next attempt.
    Wait(Duration),
}

/// Sends what waits, one request at a time.
pub(super) struct Sender {
    flowglad: Flowglad,
    plans: Plans,
    outbox: Arc<OpenOutbox>,
    /// All up to this one were sent, or wait aside.
    after: Sequence,
    /// Batches that were refused or failed as a whole.
    aside: VecDeque<Batch>,
    /// What Flowglad has taken or refused, and the store does not know yet.
    done: Done,
    batch_size: usize,
    failures_in_a_row: u32,
    taken: u64,
    takes_new: bool,
    last_sweep: Instant,
}

#[derive(Default)]
struct Done {
    taken: Vec<Waiting>,
    dead: Vec<(Waiting, Bytes)>,
}

impl Sender {
    pub(super) fn new(flowglad: Flowglad, outbox: Arc<OpenOutbox>) -> Self {
        let batch_size = outbox.settings.batch.get();
        let last_sweep = outbox.clock.now();
        Self {
            // The waits below are the only ones.
            flowglad: flowglad.without_retries(),
            plans: Plans::new(flowglad),
            outbox,
            after: 0,
            aside: VecDeque::new(),
            done: Done::default(),
            batch_size,
            failures_in_a_row: 0,
            taken: 0,
            takes_new: true,
            last_sweep,
        }
    }

    /// Sends one batch, if there is one.
    pub(super) async fn step(&mut self) -> Next {
        let next = self.try_step().await.unwrap_or_else(|_| self.wait(None));
        self.outbox.progress.notify_waiters();
        next
    }

    async fn try_step(&mut self) -> Result<Next, RecordError> {
        self.sweep().await?;
        self.store_done().await?;
        let next = match self.take().await? {
            Some(batch) => self.send(batch).await,
            None => self.nothing_to_send(),
        };
        self.store_done().await?;
        self.note_oldest().await?;
        Ok(next)
    }

    async fn send(&mut self, mut batch: Batch) -> Next {
        let out = batch.find_charged(&mut self.plans).await;
        self.bury(out.dead);
        let mut next = Next::Step;
        if let Some(error) = out.error {
            next = self.failed(batch.with(out.unread), error.report().into(), error.retry_after());
        }
        if !batch.waiting.is_empty() {
            let late = batch.late(self.outbox.clock.date());
            let result = self.flowglad.usage_events().send_recorded(&batch.events()).await;
            next = self.judge(batch, Verdict::of(result), late);
        }
        next
    }

    fn judge(&mut self, batch: Batch, verdict: Verdict, late: u64) -> Next {
        match verdict {
            Verdict::Taken => self.took(batch, late),
            Verdict::Refused { message, .. } if batch.is_single() => {
                self.works();
                let reason = reason_of(message);
                self.bury(batch.waiting.into_iter().map(|waiting| (waiting, reason.clone())).collect());
                Next::Step
            }
            Verdict::Refused { index, message } => {
                self.works();
                // The rest first: it must not wait for the one that is refused.
                let [rest, suspects] = batch.split(index, &message);
                self.aside.push_front(suspects);
                self.aside.push_front(rest);
                self.takes_new = false;
                Next::Step
            }
            Verdict::Failed { message } => self.failed(batch, message, None),
            Verdict::Away { message, retry_after, timed_out: true } => {
                self.batch_size = (self.batch_size / 2).max(1);
                self.failed(batch, message, retry_after)
            }
            Verdict::Away { message, retry_after, timed_out: false } => self.put_back(batch, &message, retry_after),
        }
    }

    fn took(&mut self, batch: Batch, late: u64) -> Next {
        self.works();
        self.outbox.counters.sent_late(late);
        self.taken += batch.waiting.len() as u64;
        self.batch_size = (self.batch_size * 2).min(self.outbox.settings.batch.get());
        self.done.taken.extend(batch.waiting);
        if self.aside.is_empty() { Next::Collect } else { Next::Step }
    }

    /// The reason may be an event, or Flowglad itself. While it takes others, it is an event.
    fn failed(&mut self, mut batch: Batch, message: Box<str>, retry_after: Option<Duration>) -> Next {
        self.outbox.counters.delivery_ended(Err(&message));
        let wait = self.wait(retry_after);
        if batch.failures == 0 {
            batch.taken_before = self.taken;
        }
        batch.failures += 1;
        let takes_others = self.taken > batch.taken_before;
        if takes_others && batch.is_single() && batch.failures >= FAILURES_OF_ONE {
            let reason = DeadReason::Failing { message };
            self.bury(batch.waiting.into_iter().map(|waiting| (waiting, reason.clone())).collect());
            return Next::Step;
        }
        let not_before = Some(self.outbox.clock.now() + backoff(batch.failures));
        if self.is_to_be_split(&batch, takes_others) {
            batch.failures = 1;
            self.aside.extend(batch.split(None, &message).map(|half| Batch { not_before, ..half }));
        } else {
            self.aside.push_back(Batch { not_before, ..batch });
        }
        // One more batch shows whether Flowglad takes others.
        self.takes_new = true;
        if self.failures_in_a_row > 1 { wait } else { Next::Step }
    }

    /// If nothing else is sent that could show that an event is the reason, a half of the batch shows it.
    fn is_to_be_split(&self, batch: &Batch, takes_others: bool) -> bool {
        let failures = if takes_others { FAILURES_BEFORE_SPLIT } else { FAILURES_BEFORE_TRIAL };
        !batch.is_single() && batch.failures >= failures && (takes_others || self.aside.len() < MOST_ASIDE)
    }

    /// Flowglad is away: the batch is tried again after a wait, in turn with others.
    fn put_back(&mut self, batch: Batch, message: &str, retry_after: Option<Duration>) -> Next {
        self.outbox.counters.delivery_ended(Err(message));
        self.aside.push_front(Batch { not_before: None, ..batch });
        let wait = self.wait(retry_after);
        self.takes_new = self.failures_in_a_row.is_multiple_of(2);
        wait
    }

    fn bury(&mut self, undeliverable: Undeliverable) {
        self.done.dead.extend(undeliverable.into_iter().map(|(waiting, reason)| (waiting, reason.encode())));
    }

    fn works(&mut self) {
        self.failures_in_a_row = 0;
        self.outbox.counters.delivery_ended(Ok(()));
    }

    fn wait(&mut self, asked: Option<Duration>) -> Next {
        self.failures_in_a_row = self.failures_in_a_row.saturating_add(1);
        Next::Wait(backoff(self.failures_in_a_row).max(asked.unwrap_or_default()))
    }

    /// The next batch: in turn one that waits aside and a new one.
    async fn take(&mut self) -> Result<Option<Batch>, RecordError> {
        let takes_new = self.takes_new;
        self.takes_new = true;
        if !takes_new && let Some(batch) = self.take_aside() {
            return Ok(Some(batch));
        }
        if self.aside.len() < MOST_ASIDE {
            let records = self.outbox.pending(self.after, self.batch_size).await?;
            if let Some(last) = records.last() {
                self.after = last.sequence;
                self.takes_new = false;
                return Ok(Some(Batch::read(records)));
            }
        }
        Ok(self.take_aside())
    }

    fn take_aside(&mut self) -> Option<Batch> {
        let now = self.outbox.clock.now();
        let is_due = |batch: &Batch| batch.not_before.is_none_or(|not_before| not_before <= now);
        let due = self.aside.iter().position(is_due)?;
        self.aside.remove(due)
    }

    fn nothing_to_send(&self) -> Next {
        if self.aside.is_empty() {
            self.outbox.times_idle.fetch_add(1, AcqRel);
        }
        let now = self.outbox.clock.now();
        let next = self.aside.iter().filter_map(|batch| batch.not_before).min();
        next.map_or(Next::Idle, |next| Next::Wait(next.saturating_duration_since(now)))
    }

    /// Says to the store what became of records, which it may have failed to take before.
    async fn store_done(&mut self) -> Result<(), RecordError> {
        if !self.done.taken.is_empty() || !self.done.dead.is_empty() {
            self.outbox.end(&self.done.taken, &self.done.dead).await?;
            self.done = Done::default();
        }
        Ok(())
    }

    async fn note_oldest(&self) -> Result<(), RecordError> {
        let aside = self.aside.iter().flat_map(|batch| &batch.waiting).map(|waiting| waiting.record.recorded_at);
        let oldest = match aside.min() {
            Some(oldest) => Some(oldest),
            None => self.outbox.pending(self.after, 1).await?.first().map(|record| record.recorded_at),
        };
        self.outbox.oldest_is(oldest);
        Ok(())
    }

    async fn sweep(&mut self) -> Result<(), RecordError> {
        let now = self.outbox.clock.now();
        if now.saturating_duration_since(self.last_sweep) < SWEEP {
            return Ok(());
        }
        self.last_sweep = now;
        self.outbox.book.sweep(now);
        self.outbox.forget_keys().await
    }
}

/// The wait after so many failures: doubling, and shortened by up to a half at random, so that instances do not come
/// together.
fn backoff(failures: u32) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST_WAIT);
    doubled.mul_f64(1.0 - fastrand::f64() / 2.0)
}
