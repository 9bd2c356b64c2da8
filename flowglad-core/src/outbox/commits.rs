//! Records that many callers store at the same time share a commit.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::FutureExt as _;
use tokio::{
    sync::{Notify, oneshot},
    time::timeout,
};
use tracing::Instrument as _;

use crate::{
    clock::Clock,
    error::{Cause, shared},
    outbox::{
        book::{Book, Entry, OpenHold},
        counters::Counters,
        record_error::RecordError,
        settings::{Outbox, WhenFull},
        shared_book::{Guard, SharedBook},
        store::{Appended, NewRecord, Sequence, Totals, UsageStore},
    },
};

/// A commit has at most this many records, so that the first of them do not wait for very many.
const MOST_IN_A_COMMIT: usize = 1_024;

/// Who waits for a place in a fleet looks for one so often.
const LOOK: Duration = Duration::from_millis(50);

/// The place of a record that other instances deliver too.
pub(crate) const ELSEWHERE: Sequence = 0;

/// The records that wait to be stored. The first caller who finds no commit running starts one; it takes all who came
/// meanwhile, until there are none. So a commit costs the same for one caller as for many.
pub(crate) struct Commits {
    store: Arc<dyn UsageStore>,
    shared: Option<Arc<dyn SharedBook>>,
    clock: Arc<dyn Clock>,
    book: Arc<Book>,
    counters: Arc<Counters>,
    bounds: Bounds,
    state: Mutex<State>,
    /// A commit ended, or records were delivered.
    changed: Notify,
}

#[derive(Clone, Copy)]
struct Bounds {
    max_events: u64,
    max_bytes: u64,
    when_full: WhenFull,
}

#[derive(Default)]
struct State {
    waiting: Vec<Waiting>,
    is_committing: bool,
    has_ended: bool,
    /// What is in the store or waits for it.
    pending: u64,
    pending_bytes: u64,
}

struct Waiting {
    entry: Entry,
    record: NewRecord,
    /// What is held for it until it is stored.
    held: Option<Guard>,
    answer: oneshot::Sender<Result<Appended, RecordError>>,
}

/// What is held for usage that is recorded.
#[derive(Default)]
pub(crate) struct HeldFor {
    pub(crate) here: Option<OpenHold>,
    pub(crate) in_fleet: Option<Guard>,
}

/// A record that was taken, and will be stored unless the store fails.
pub(crate) struct Taken(oneshot::Receiver<Result<Appended, RecordError>>);

impl Taken {
    /// Waits until it is stored.
    pub(crate) async fn stored(self) -> Result<Appended, RecordError> {
        self.0.await.unwrap_or(Err(RecordError::Ended))
    }
}

impl Commits {
    pub(super) fn new(
        settings: &Outbox,
        clock: Arc<dyn Clock>,
        book: Arc<Book>,
        counters: Arc<Counters>,
        Totals { pending, pending_bytes, .. }: Totals,
    ) -> Self {
        let Outbox { max_events, max_bytes, when_full, .. } = *settings;
        let bounds = Bounds { max_events, max_bytes, when_full };
        let state = Mutex::new(State { pending, pending_bytes, ..State::default() });
        let (store, shared) = (Arc::clone(&settings.store), settings.shared.clone());
        Self { store, shared, clock, book, counters, bounds, state, changed: Notify::new() }
    }

    /// Takes a record. If as much waits as may, it waits or is refused.
    pub(crate) async fn take(self: &Arc<Self>, entry: Entry, record: NewRecord) -> Result<Taken, RecordError> {
        if let WhenFull::Wait(limit) = self.bounds.when_full {
            let there_is_place = async {
                loop {
                    let mut changed = std::pin::pin!(self.changed.notified());
                    changed.as_mut().enable();
                    if self.has_place().is_ok() {
                        return;
                    }
                    match &self.shared {
                        // Others deliver too, which is heard of now and then.
                        Some(_) => drop(timeout(LOOK, changed).await),
                        None => changed.await,
                    }
                }
            };
            // If there is none in time, it is refused below.
            timeout(limit, there_is_place).await.ok();
        }
        self.has_place()?;
        self.take_now(entry, record, HeldFor::default())
    }

    /// Whether there is place for one more.
    pub(crate) fn has_place(&self) -> Result<(), RecordError> {
        let (pending, bytes) = self.pending();
        if pending < self.bounds.max_events && bytes < self.bounds.max_bytes {
            Ok(())
        } else {
            Err(RecordError::Full { pending })
        }
    }

    /// Takes a record, also if there is no place: what was used counts. What is held for it here ends now, and in the fleet when
    /// it is stored.
    pub(crate) fn take_now(
        self: &Arc<Self>,
        entry: Entry,
        record: NewRecord,
        held: HeldFor,
    ) -> Result<Taken, RecordError> {
        let (answer, taken) = oneshot::channel();
        let mut state = self.state();
        if state.has_ended {
            return Err(RecordError::Ended);
        }
        match &held.here {
            Some(here) => self.book.record_held(&entry, here),
            None => self.book.record(&entry),
        }
        state.pending += 1;
        state.pending_bytes += record.bytes.len() as u64;
        state.waiting.push(Waiting { entry, record, held: held.in_fleet, answer });
        if !state.is_committing {
            state.is_committing = true;
            let running = Committing { commits: Arc::clone(self), is_done: false };
            tokio::spawn(running.run().in_current_span());
        }
        Ok(Taken(taken))
    }

    /// So many records with so many bytes have left the store, or did not come into it.
    pub(crate) fn left(&self, records: u64, bytes: u64) {
        let mut state = self.state();
        state.pending = state.pending.saturating_sub(records);
        state.pending_bytes = state.pending_bytes.saturating_sub(bytes);
        drop(state);
        self.changed.notify_waiters();
    }

    /// Events and bytes that are in the store, or wait for it.
    pub(crate) fn pending(&self) -> (u64, u64) {
        let elsewhere = self.shared.as_ref().map(|shared| shared.waiting()).unwrap_or_default();
        let state = self.state();
        (state.pending + elsewhere.pending, state.pending_bytes + elsewhere.pending_bytes)
    }

    /// Takes no more records.
    pub(crate) fn end(&self) {
        self.state().has_ended = true;
    }

    /// Waits until all records that were taken are stored, or were refused by the store.
    pub(crate) async fn idle(&self) {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if !self.state().is_committing {
                return;
            }
            changed.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task that makes one commit after the other, until no record waits.
struct Committing {
    commits: Arc<Commits>,
    is_done: bool,
}

impl Committing {
    async fn run(mut self) {
        while let Some(batch) = self.next() {
            let mut records = Vec::with_capacity(batch.len());
            let mut askers = Vec::with_capacity(batch.len());
            for Waiting { entry, record, held, answer } in batch {
                askers.push(Asker { entry, bytes: record.bytes.len() as u64, held, answer });
                records.push(record);
            }
            let stored = AssertUnwindSafe(async { self.commits.store.append(records).await }).catch_unwind().await;
            let stored = stored.unwrap_or_else(|_| Err("the store panicked".into()));
            self.answer(askers, stored.map_err(shared));
        }
    }

    fn next(&mut self) -> Option<Vec<Waiting>> {
        let mut state = self.commits.state();
        let most = state.waiting.len().min(MOST_IN_A_COMMIT);
        if most == 0 {
            // From here on another task may commit.
            state.is_committing = false;
            self.is_done = true;
            return None;
        }
        Some(state.waiting.drain(..most).collect())
    }

    fn answer(&self, askers: Vec<Asker>, stored: Result<Vec<Appended>, Cause>) {
        let stored = match stored {
            Ok(stored) if stored.len() != askers.len() => Err(shared("the store answered for other records")),
            stored => stored,
        };
        let mut not_kept = (0, 0);
        for (place, mut asker) in askers.into_iter().enumerate() {
            let result = match &stored {
                Ok(stored) => Ok(stored[place]),
                Err(cause) => Err(RecordError::Store { cause: Arc::clone(cause) }),
            };
            let is_stored = matches!(result, Ok(Appended::New(_)));
            if matches!(result, Ok(Appended::New(ELSEWHERE))) {
                // Some instance delivers it, which the others do not hear of: gates of this one count it until the next read.
                // Holds ask the fleet, which knows.
                self.commits.book.acknowledge(&asker.entry, self.commits.clock.now());
            } else if !is_stored {
                self.commits.book.strike(&asker.entry);
            }
            if let Some(held) = asker.held.as_mut().filter(|_| is_stored) {
                held.is_closed();
            }
            if !is_stored || self.commits.shared.is_some() {
                not_kept = (not_kept.0 + 1, not_kept.1 + asker.bytes);
            }
            let is_attended = !asker.answer.is_closed();
            self.commits.counters.record_ended(&result, is_attended);
            // Who has gone does not need the answer.
            drop(asker.answer.send(result));
        }
        self.commits.left(not_kept.0, not_kept.1);
    }
}

/// Who waits for a commit.
struct Asker {
    entry: Entry,
    bytes: u64,
    held: Option<Guard>,
    answer: oneshot::Sender<Result<Appended, RecordError>>,
}

impl Drop for Committing {
    fn drop(&mut self) {
        if !self.is_done {
            // The runtime has ended. Those whose records were not stored see that their answer is gone.
            let mut state = self.commits.state();
            state.is_committing = false;
            state.waiting.clear();
        }
        self.commits.changed.notify_waiters();
    }
}
