//! What customers have spent of their meters that Flowglad's balance does not show, and what is held for work that runs.
//!
//! A balance is what Flowglad said, minus what was recorded and was not at Flowglad for certain when that was read, minus
//! the open holds. So it is never too high: usage counts as spent from before it is durable until a read shows it.

use std::{
    collections::{BTreeSet, HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::Notify;

use crate::model::MeterRef;

/// Usage that was acknowledged within this time is one sum, which counts as acknowledged with the last of it.
const GRAIN: Duration = Duration::from_secs(1);

/// More sums than this of one meter are added up further.
const MOST_SUMS: usize = 64;

/// Shared by all who record, hold and deliver.
pub(crate) struct Book {
    pages: Mutex<Pages>,
    /// The keys of work that runs, so that a request that comes twice is worked on once at a time.
    keys: Mutex<HashSet<Box<[u8]>>>,
    key_ended: Notify,
    /// How old the oldest billing is by which a balance may be judged.
    oldest_read: Duration,
}

#[derive(Default)]
struct Pages {
    customers: HashMap<Box<str>, Vec<Line>>,
    holds: HashMap<HoldId, Held>,
    /// By when they end by themselves.
    ends: BTreeSet<(Instant, HoldId)>,
    last_hold: u64,
    expired: u64,
}

/// One meter of a customer, as the app names it.
struct Line {
    meter: MeterRef,
    /// Recorded, or about to be, and not acknowledged by Flowglad.
    pending: u64,
    /// Acknowledged by Flowglad. A read that began before may not show it.
    acknowledged: VecDeque<Acknowledged>,
    held: u64,
}

struct Acknowledged {
    first: Instant,
    last: Instant,
    amount: u64,
}

/// Usage of a customer, as the book enters it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) customer: Box<str>,
    pub(crate) meter: MeterRef,
    pub(crate) amount: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct HoldId(u64);

/// A hold that is open until this is dropped, or was forgotten and has ended by itself.
pub(crate) struct OpenHold {
    book: Arc<Book>,
    id: HoldId,
}

struct Held {
    customer: Box<str>,
    meter: MeterRef,
    amount: u64,
    ends: Instant,
}

/// A key of work that runs, until this is dropped.
pub(crate) struct InFlight {
    book: Arc<Book>,
    key: Box<[u8]>,
}

/// A hold to make.
pub(crate) struct NewHold<'a> {
    pub(crate) customer: &'a str,
    /// The names of the meter. The first is that under which is held.
    pub(crate) meters: &'a [MeterRef],
    pub(crate) amount: u64,
    pub(crate) ends: Instant,
}

/// What Flowglad said of a balance, by a read that began at an instant.
#[derive(Clone, Copy)]
pub(crate) struct SaidBalance {
    pub(crate) available: i64,
    pub(crate) began: Option<Instant>,
}

/// Nothing can be held, because only this much is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLittle(pub(crate) i64);

impl Book {
    pub(crate) fn new(oldest_read: Duration) -> Self {
        Self { pages: Mutex::default(), keys: Mutex::default(), key_ended: Notify::new(), oldest_read }
    }

    /// Begins anew. Nothing is held before the store was read.
    pub(crate) fn clear(&self) {
        *self.pages() = Pages::default();
    }

    /// Usage is about to be recorded.
    pub(crate) fn record(&self, entry: &Entry) {
        self.pages().record(entry);
    }

    /// Usage is about to be recorded for which was held. The hold ends in the same step: between the two, what is left would
    /// look higher or lower than it is, and another request be let through or refused by it.
    pub(crate) fn record_held(&self, entry: &Entry, held: &OpenHold) {
        let mut pages = self.pages();
        pages.record(entry);
        pages.close(held.id);
    }

    /// Usage was not recorded, or is no longer to be delivered.
    pub(crate) fn strike(&self, entry: &Entry) {
        let mut pages = self.pages();
        let line = pages.line(&entry.customer, &entry.meter);
        line.pending = line.pending.saturating_sub(entry.amount);
        pages.drop_if_empty(&entry.customer);
    }

    /// Flowglad has the usage now.
    pub(crate) fn acknowledge(&self, entry: &Entry, now: Instant) {
        let mut pages = self.pages();
        let line = pages.line(&entry.customer, &entry.meter);
        line.pending = line.pending.saturating_sub(entry.amount);
        line.acknowledge(entry.amount, now);
        line.forget_shown(now, self.oldest_read);
    }

    /// Whether anything is spent or held by a customer that a balance may not show.
    pub(crate) fn has_entries(&self, customer: &str) -> bool {
        self.pages().customers.contains_key(customer)
    }

    /// What is left of a balance.
    pub(crate) fn left(&self, customer: &str, meters: &[MeterRef], said: SaidBalance) -> i64 {
        self.pages().left(customer, meters, said)
    }

    /// Holds a part of a balance, or of none where usage needs no credit.
    pub(crate) fn hold(
        self: &Arc<Self>,
        hold: &NewHold<'_>,
        said: Option<SaidBalance>,
        now: Instant,
    ) -> Result<OpenHold, TooLittle> {
        let mut pages = self.pages();
        pages.end_forgotten(now);
        if let Some(said) = said {
            let left = pages.left(hold.customer, hold.meters, said);
            if i128::from(left) < i128::from(hold.amount) {
                return Err(TooLittle(left));
            }
        }
        Ok(OpenHold { book: Arc::clone(self), id: pages.open(hold) })
    }

    /// Lets work with a key begin. `None`: such work runs.
    pub(crate) fn begin(self: &Arc<Self>, key: &[u8]) -> Option<InFlight> {
        let is_first = self.keys().insert(key.into());
        is_first.then(|| InFlight { book: Arc::clone(self), key: key.into() })
    }

    /// Waits until no work with a key runs, and lets it begin.
    pub(crate) async fn begin_after(self: &Arc<Self>, key: &[u8]) -> InFlight {
        loop {
            let mut ended = std::pin::pin!(self.key_ended.notified());
            ended.as_mut().enable();
            if let Some(begun) = self.begin(key) {
                return begun;
            }
            ended.await;
        }
    }

    /// Ends the holds that were forgotten, and drops what every read shows by now.
    pub(crate) fn sweep(&self, now: Instant) {
        let mut pages = self.pages();
        pages.end_forgotten(now);
        pages.customers.retain(|_, lines| {
            for line in &mut *lines {
                line.forget_shown(now, self.oldest_read);
            }
            lines.retain(|line| !line.is_empty());
            !lines.is_empty()
        });
    }

    /// How many holds are open, and how many ended by themselves.
    pub(crate) fn holds(&self) -> (u64, u64) {
        let pages = self.pages();
        (pages.holds.len() as u64, pages.expired)
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keys(&self) -> MutexGuard<'_, HashSet<Box<[u8]>>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenHold {
    fn drop(&mut self) {
        self.book.pages().close(self.id);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.book.keys().remove(&self.key);
        self.book.key_ended.notify_waiters();
    }
}

impl Pages {
    fn line(&mut self, customer: &str, meter: &MeterRef) -> &mut Line {
        if !self.customers.contains_key(customer) {
            self.customers.insert(customer.into(), Vec::new());
        }
        let lines = self.customers.entry(customer.into()).or_default();
        let place = lines.iter().position(|line| line.meter == *meter).unwrap_or_else(|| {
            lines.push(Line { meter: meter.clone(), pending: 0, acknowledged: VecDeque::new(), held: 0 });
            lines.len() - 1
        });
        &mut lines[place]
    }

    fn record(&mut self, entry: &Entry) {
        let line = self.line(&entry.customer, &entry.meter);
        line.pending = line.pending.saturating_add(entry.amount);
    }

    fn drop_if_empty(&mut self, customer: &str) {
        if let Some(lines) = self.customers.get_mut(customer) {
            lines.retain(|line| !line.is_empty());
            if lines.is_empty() {
                self.customers.remove(customer);
            }
        }
    }

    fn left(&self, customer: &str, meters: &[MeterRef], said: SaidBalance) -> i64 {
        let lines = self.customers.get(customer).map(Vec::as_slice).unwrap_or_default();
        let of_meter = lines.iter().filter(|line| meters.contains(&line.meter));
        let spent: i128 = of_meter.map(|line| line.spent_since(said.began)).sum();
        let left = i128::from(said.available) - spent;
        i64::try_from(left).unwrap_or(if left < 0 { i64::MIN } else { i64::MAX })
    }

    fn open(&mut self, hold: &NewHold<'_>) -> HoldId {
        self.last_hold += 1;
        let id = HoldId(self.last_hold);
        let Some(meter) = hold.meters.first().cloned() else { return id };
        let line = self.line(hold.customer, &meter);
        line.held = line.held.saturating_add(hold.amount);
        self.ends.insert((hold.ends, id));
        let &NewHold { customer, amount, ends, .. } = hold;
        self.holds.insert(id, Held { customer: customer.into(), meter, amount, ends });
        id
    }

    fn close(&mut self, id: HoldId) {
        let Some(held) = self.holds.remove(&id) else { return };
        self.ends.remove(&(held.ends, id));
        let line = self.line(&held.customer, &held.meter);
        line.held = line.held.saturating_sub(held.amount);
        self.drop_if_empty(&held.customer);
    }

    fn end_forgotten(&mut self, now: Instant) {
        while let Some(&(_, id)) = self.ends.first().filter(|(ends, _)| *ends <= now) {
            self.close(id);
            self.expired += 1;
        }
    }
}

impl Line {
    /// What a read that began at an instant does not show for certain.
    fn spent_since(&self, began: Option<Instant>) -> i128 {
        let is_shown = |acknowledged: &&Acknowledged| began.is_some_and(|began| acknowledged.last <= began);
        let not_shown = self.acknowledged.iter().filter(|one| !is_shown(one)).map(|one| i128::from(one.amount));
        i128::from(self.pending) + i128::from(self.held) + not_shown.sum::<i128>()
    }

    fn acknowledge(&mut self, amount: u64, now: Instant) {
        match self.acknowledged.back_mut() {
            Some(sum) if now.saturating_duration_since(sum.first) < GRAIN => {
                (sum.last, sum.amount) = (now, sum.amount.saturating_add(amount));
            }
            _ => self.acknowledged.push_back(Acknowledged { first: now, last: now, amount }),
        }
        if self.acknowledged.len() > MOST_SUMS
            && let Some(first) = self.acknowledged.pop_front()
            && let Some(second) = self.acknowledged.front_mut()
        {
            second.amount = second.amount.saturating_add(first.amount);
        }
    }

    /// Forgets what each read shows by which a balance may still be judged.
    fn forget_shown(&mut self, now: Instant, oldest_read: Duration) {
        while self.acknowledged.front().is_some_and(|one| now.saturating_duration_since(one.last) > oldest_read) {
            self.acknowledged.pop_front();
        }
    }

    fn is_empty(&self) -> bool {
        self.pending == 0 && self.held == 0 && self.acknowledged.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter() -> MeterRef {
        MeterRef::UsageMeterSlug("api_calls".into())
    }

    fn entry(amount: u64) -> Entry {
        Entry { customer: "ada".into(), meter: meter(), amount }
    }

    fn hold(meters: &[MeterRef], amount: u64, ends: Instant) -> NewHold<'_> {
        NewHold { customer: "ada", meters, amount, ends }
    }

    #[test]
    fn usage_counts_as_spent_until_a_read_that_began_after_flowglad_had_it() {
        let (book, start) = (Book::new(Duration::from_secs(60)), Instant::now());
        let at = |seconds| Some(start + Duration::from_secs(seconds));
        let left = |began| book.left("ada", &[meter()], SaidBalance { available: 10, began });
        book.record(&entry(4));
        assert_eq!(left(at(0)), 6);
        book.acknowledge(&entry(4), start + Duration::from_secs(5));
        assert_eq!((left(at(4)), left(at(5)), left(None)), (6, 10, 6));
        book.sweep(start + Duration::from_secs(66));
        assert!(book.pages().customers.is_empty());
    }

    #[test]
    fn what_is_held_cannot_be_held_again_until_it_is_released_or_forgotten() {
        let (book, start, meters) = (Arc::new(Book::new(Duration::ZERO)), Instant::now(), [meter()]);
        let said = SaidBalance { available: 5, began: Some(start) };
        let ends = start + Duration::from_secs(10);
        let first = book.hold(&hold(&meters, 3, ends), Some(said), start).unwrap();
        assert_eq!(book.hold(&hold(&meters, 3, ends), Some(said), start).err(), Some(TooLittle(2)));
        drop(first);
        let forgotten = book.hold(&hold(&meters, 5, ends), Some(said), start).unwrap();
        let open = book.hold(&hold(&meters, 5, ends + GRAIN), Some(said), ends).unwrap();
        drop(forgotten);
        assert_eq!(book.left("ada", &meters, said), 0);
        assert_eq!(book.holds(), (1, 1));
        drop(open);
        assert_eq!(book.left("ada", &meters, said), 5);
    }

    #[test]
    fn what_was_held_and_is_recorded_counts_once() {
        let (book, start, meters) = (Arc::new(Book::new(Duration::ZERO)), Instant::now(), [meter()]);
        let said = SaidBalance { available: 5, began: Some(start) };
        let held = book.hold(&hold(&meters, 3, start + GRAIN), Some(said), start).unwrap();
        book.record_held(&entry(2), &held);
        drop(held);
        assert_eq!((book.left("ada", &meters, said), book.holds()), (3, (0, 0)));
        book.strike(&entry(2));
        assert!(!book.has_entries("ada"));
    }

    #[tokio::test]
    async fn work_with_a_key_runs_once_at_a_time() {
        let book = Arc::new(Book::new(Duration::ZERO));
        let first = book.begin(b"k").unwrap();
        assert!(book.begin(b"k").is_none());
        assert!(book.begin(b"other").is_some());
        let second = tokio::spawn({
            let book = Arc::clone(&book);
            async move { drop(book.begin_after(b"k").await) }
        });
        drop(first);
        second.await.unwrap();
        assert!(book.begin(b"k").is_some());
    }

    #[test]
    fn very_many_acknowledgements_take_little_memory_and_stay_spent() {
        let (book, start) = (Book::new(Duration::from_secs(3600)), Instant::now());
        for half_second in 0..2_000 {
            book.record(&entry(1));
            book.acknowledge(&entry(1), start + GRAIN * half_second / 2);
        }
        assert!(book.pages().customers["ada"][0].acknowledged.len() <= MOST_SUMS + 1);
        assert_eq!(book.left("ada", &[meter()], SaidBalance { available: 0, began: None }), -2_000);
        let left = book.left("ada", &[meter()], SaidBalance { available: 0, began: Some(start + GRAIN * 990) });
        assert!((-22..=-18).contains(&left), "{left}");
    }
}
