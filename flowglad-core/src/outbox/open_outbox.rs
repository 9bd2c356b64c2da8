//! The outbox of a client: what is recorded goes into its store, its book and its counters.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::{Notify, OnceCell};

use crate::{
    billing::Billing,
    clock::Clock,
    error::shared,
    model::Timestamp,
    observe::{UsageStats, observation::Observation},
    outbox::{
        book::{Book, SaidBalance},
        commits::{Commits, HeldFor, Taken},
        counters::Counters,
        meter_names::names_of,
        record::RecordedUsage,
        record_error::RecordError,
        settings::Outbox,
        shared_book::{SharedBook, age},
        store::{Appended, DeadRecord, Ended, NewRecord, Sequence, StoredRecord, Totals},
    },
};

/// How many records are read at a time to know what is pending.
const PAGE: usize = 4_096;

/// Shared by the clones of a client.
pub(crate) struct OpenOutbox {
    pub(crate) settings: Outbox,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) book: Arc<Book>,
    /// Set when the store was read, at its first use.
    commits: OnceCell<Arc<Commits>>,
    /// Something was delivered, or could not be.
    pub(crate) progress: Notify,
    pub(crate) is_delivering: AtomicBool,
    /// How often the delivery has found nothing to send.
    pub(crate) times_idle: AtomicU64,
    pub(crate) counters: Arc<Counters>,
}

impl OpenOutbox {
    /// `oldest_read` is the age of the oldest billing by which a balance may be judged.
    pub(crate) fn new(
        settings: Outbox,
        clock: Arc<dyn Clock>,
        observation: Arc<Observation>,
        oldest_read: Duration,
    ) -> Self {
        let counters = Arc::new(Counters::new(Arc::clone(&clock), observation));
        if let Some(shared) = &settings.shared {
            shared.judges_by(oldest_read);
        }
        Self {
            settings,
            clock,
            book: Arc::new(Book::new(oldest_read)),
            commits: OnceCell::new(),
            progress: Notify::new(),
            is_delivering: AtomicBool::new(false),
            times_idle: AtomicU64::default(),
            counters,
        }
    }

    /// Reads what is pending, if that was not done yet.
    pub(crate) async fn ready(&self) -> Result<&Arc<Commits>, RecordError> {
        let now = self.clock.now();
        for entry in self.shared().map(|shared| shared.have_left_here()).unwrap_or_default() {
            self.book.acknowledge(&entry, now);
        }
        self.commits.get_or_try_init(|| self.load()).await
    }

    async fn load(&self) -> Result<Arc<Commits>, RecordError> {
        let store = &self.settings.store;
        let failed = |error| self.counters.store_failed(error);
        let totals = store.totals().await.map_err(failed)?;
        // An earlier attempt may have failed on its way.
        self.book.clear();
        let made = |totals| {
            let (clock, book, counters) = (Arc::clone(&self.clock), Arc::clone(&self.book), Arc::clone(&self.counters));
            Arc::new(Commits::new(&self.settings, clock, book, counters, totals))
        };
        if self.shared().is_some() {
            // What waits in a fleet is in its own book.
            return Ok(made(Totals::default()));
        }
        let (mut after, mut oldest) = (0, None);
        loop {
            let page = store.pending(after, PAGE).await.map_err(failed)?;
            let Some(last) = page.last() else { break };
            after = last.sequence;
            oldest = oldest.or_else(|| page.first().map(|record| record.recorded_at));
            // What cannot be read becomes a dead letter when its turn comes.
            for usage in page.iter().filter_map(|record| RecordedUsage::decode(&record.bytes).ok()) {
                self.book.record(&usage.entry());
            }
        }
        self.counters.found(oldest, totals.dead);
        Ok(made(totals))
    }

    /// The book of the fleet, if there is one.
    pub(crate) fn shared(&self) -> Option<&Arc<dyn SharedBook>> {
        self.settings.shared.as_ref()
    }

    /// What is left of a balance, of which Flowglad said how much was available.
    pub(crate) fn left(&self, customer: &str, billing: &Billing, meter: &str, available: i64) -> i64 {
        if !self.book.has_entries(customer) {
            return available;
        }
        self.book.left(customer, &names_of(billing, meter), SaidBalance { available, began: billing.began() })
    }

    /// Whether usage waits in a fleet, as far as this instance knows.
    pub(crate) fn waits_in_fleet(&self) -> bool {
        self.shared().is_some_and(|shared| shared.waiting().pending > 0)
    }

    /// How much a fleet has spent and holds of a meter that this billing may not show. `None` if its server is away.
    pub(crate) async fn spent_in_fleet(&self, customer: &str, billing: &Billing, meter: &str) -> Option<i64> {
        let age = age(billing.began(), self.clock.now());
        // Who cannot be asked is not waited for: what this instance knows counts.
        self.shared()?.spent(customer, &names_of(billing, meter), age).await.ok()
    }

    /// Records usage. It is durable when this returns.
    pub(crate) async fn record(&self, usage: &RecordedUsage, key: Option<Box<[u8]>>) -> Result<Appended, RecordError> {
        let record = self.new_record(usage, key)?;
        let taken = async { self.ready().await?.take(usage.entry(), record).await };
        taken.await.inspect_err(|_| self.counters.refused())?.stored().await
    }

    /// Records usage that has happened, also if there is no place. It is durable when [`Taken::stored`] returns. What was
    /// held for it here ends now, and in the fleet then.
    pub(crate) fn record_used(
        &self,
        usage: &RecordedUsage,
        key: Option<Box<[u8]>>,
        held: HeldFor,
    ) -> Result<Taken, RecordError> {
        let record = self.new_record(usage, key)?;
        // Who has used it has held it, so that the store was read.
        let commits = self.commits.get().ok_or(RecordError::NoOutbox)?;
        commits.take_now(usage.entry(), record, held)
    }

    fn new_record(&self, usage: &RecordedUsage, key: Option<Box<[u8]>>) -> Result<NewRecord, RecordError> {
        let bytes = usage.encode().map_err(|error| RecordError::Store { cause: shared(error) })?;
        Ok(NewRecord { key, recorded_at: self.clock.date(), bytes })
    }

    /// Whether usage with this key was recorded.
    pub(crate) async fn has_recorded(&self, key: &[u8]) -> Result<bool, RecordError> {
        self.ready().await?;
        self.settings.store.has_key(key).await.map_err(|error| self.counters.store_failed(error))
    }

    /// The first records that wait after a sequence.
    pub(crate) async fn pending(&self, after: Sequence, limit: usize) -> Result<Vec<StoredRecord>, RecordError> {
        self.ready().await?;
        self.settings.store.pending(after, limit).await.map_err(|error| self.counters.store_failed(error))
    }

    /// The first dead letters after a sequence.
    pub(crate) async fn dead(&self, after: Sequence, limit: usize) -> Result<Vec<DeadRecord>, RecordError> {
        self.ready().await?;
        self.settings.store.dead(after, limit).await.map_err(|error| self.counters.store_failed(error))
    }

    /// Ends records that Flowglad has, or will never have.
    pub(crate) async fn end(&self, delivered: &[Waiting], dead: &[(Waiting, Bytes)]) -> Result<(), RecordError> {
        let commits = self.ready().await?;
        let ended = Ended {
            delivered: delivered.iter().map(|waiting| waiting.record.sequence).collect(),
            dead: dead.iter().map(|(waiting, reason)| (waiting.record.sequence, reason.clone())).collect(),
        };
        self.settings.store.end(ended).await.map_err(|error| self.counters.store_failed(error))?;
        if self.shared().is_none() {
            self.have_left(commits, delivered, dead);
        }
        self.counters.ended(delivered.len() as u64, dead.len() as u64);
        Ok(())
    }

    /// Records have left a store that is this process's own.
    fn have_left(&self, commits: &Commits, delivered: &[Waiting], dead: &[(Waiting, Bytes)]) {
        let ended = delivered.iter().chain(dead.iter().map(|(waiting, _)| waiting));
        let bytes = ended.map(|waiting| waiting.record.bytes.len() as u64).sum();
        commits.left((delivered.len() + dead.len()) as u64, bytes);
        // Not before they have left the store, or a second delivery of them would take them from what is pending twice.
        let now = self.clock.now();
        for usage in delivered.iter().filter_map(|waiting| waiting.usage.as_ref()) {
            self.book.acknowledge(&usage.entry(), now);
        }
        for usage in dead.iter().filter_map(|(waiting, _)| waiting.usage.as_ref()) {
            self.book.strike(&usage.entry());
        }
    }

    /// Records usage of a dead letter again, with the id that it has, and whoever is charged is found anew. If the process
    /// dies in between it is both, and counts once. Returns whether there was such a letter.
    pub(crate) async fn replay(&self, sequence: Sequence) -> Result<bool, RecordError> {
        let found = self.dead(sequence.saturating_sub(1), 1).await?;
        let Some(dead) = found.first().filter(|dead| dead.record.sequence == sequence) else { return Ok(false) };
        let mut usage =
            RecordedUsage::decode(&dead.record.bytes).map_err(|error| RecordError::Store { cause: shared(error) })?;
        usage.charged = None;
        usage.again = usage.again.saturating_add(1);
        self.record(&usage, None).await?;
        Ok(self.discard(vec![sequence]).await? > 0)
    }

    /// Removes dead letters.
    pub(crate) async fn discard(&self, dead: Vec<Sequence>) -> Result<u64, RecordError> {
        self.ready().await?;
        let discarded = self.settings.store.discard(dead).await.map_err(|error| self.counters.store_failed(error))?;
        self.counters.discarded(discarded);
        Ok(discarded)
    }

    /// Forgets the keys that are too old.
    pub(crate) async fn forget_keys(&self) -> Result<(), RecordError> {
        let age = i64::try_from(self.settings.keep_keys_for.as_millis()).unwrap_or(i64::MAX);
        let before = Timestamp::from_millis(self.clock.date().as_millis().saturating_sub(age));
        self.settings.store.forget_keys(before).await.map_err(|error| self.counters.store_failed(error))
    }

    /// What waits for the longest time.
    pub(crate) fn oldest_is(&self, oldest: Option<Timestamp>) {
        self.counters.oldest_is(oldest, self.settings.late_after);
    }

    pub(crate) fn stats(&self) -> UsageStats {
        let (pending, pending_bytes) = self.commits.get().map(|commits| commits.pending()).unwrap_or_default();
        let (open_holds, expired_holds) = self.book.holds();
        let counted = self.counters.stats(pending > 0);
        let dead_letters = self.shared().map_or(counted.dead_letters, |shared| shared.waiting().dead);
        UsageStats { pending, pending_bytes, dead_letters, open_holds, expired_holds, ..counted }
    }
}

/// A record that waits to be delivered. Without usage: it cannot be read.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) record: StoredRecord,
    pub(crate) usage: Option<RecordedUsage>,
}
