//! The log of deliveries in the memory of one process.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    fmt,
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, ready},
};

use crate::{
    cache::StoreError,
    clock::{Clock, SystemClock},
    webhook::delivery_log::{Claim, Claimed, DeliveryLog},
};

const MAX_DELIVERIES: NonZeroUsize = NonZeroUsize::new(100_000).expect("not zero");
/// Svix sends again for about 28 hours.
const KEEP_FOR: Duration = Duration::from_secs(48 * 60 * 60);

/// A [`DeliveryLog`] in memory, and the default of a receiver. It is for one process, and a restart empties it: a delivery
/// that was handled before may then be handled again.
///
/// It keeps 100,000 deliveries (about 15 MB) for 48 hours; of more, the oldest are forgotten first.
///
/// ```
/// use std::{num::NonZeroUsize, time::Duration};
/// use flowglad_core::webhook::MemoryDeliveryLog;
/// let log = MemoryDeliveryLog::new()
///     .max_deliveries(NonZeroUsize::new(10_000).unwrap())
///     .keep_for(Duration::from_secs(72 * 60 * 60));
/// ```
pub struct MemoryDeliveryLog {
    max_deliveries: NonZeroUsize,
    keep_for: Duration,
    clock: Arc<dyn Clock>,
    deliveries: Mutex<Deliveries>,
}

#[derive(Default)]
struct Deliveries {
    known: HashMap<Arc<str>, State>,
    /// The deliveries that were handled, oldest first.
    done: VecDeque<(Instant, Arc<str>)>,
}

enum State {
    Claimed { token: Box<str>, until: Instant },
    Done,
}

impl MemoryDeliveryLog {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self {
            max_deliveries: MAX_DELIVERIES,
            keep_for: KEEP_FOR,
            clock: Arc::new(SystemClock),
            deliveries: Mutex::default(),
        }
    }

    /// Sets how many handled deliveries are remembered at most.
    #[must_use]
    pub fn max_deliveries(self, max: NonZeroUsize) -> Self {
        Self { max_deliveries: max, ..self }
    }

    /// Sets how long a handled delivery is remembered.
    #[must_use]
    pub fn keep_for(self, time: Duration) -> Self {
        Self { keep_for: time, ..self }
    }

    /// Sets the clock, for tests.
    #[must_use]
    pub fn clock(self, clock: impl Clock) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    fn deliveries(&self) -> MutexGuard<'_, Deliveries> {
        // Each change is one step, so a panic leaves nothing half done.
        self.deliveries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_claim(&self, claim: &Claim) -> Claimed {
        let now = self.clock.now();
        let claimed = State::Claimed { token: claim.token().into(), until: now + claim.expires_in() };
        let mut deliveries = self.deliveries();
        deliveries.forget_before(now.checked_sub(self.keep_for));
        match deliveries.known.entry(claim.delivery_key().into()) {
            Entry::Vacant(free) => _ = free.insert(claimed),
            Entry::Occupied(mut known) => match known.get() {
                State::Done => return Claimed::Done,
                State::Claimed { until, .. } if *until > now => return Claimed::InFlight,
                State::Claimed { .. } => _ = known.insert(claimed),
            },
        }
        Claimed::Now
    }

    fn mark_done(&self, claim: &Claim) {
        let key: Arc<str> = claim.delivery_key().into();
        let mut deliveries = self.deliveries();
        let before = deliveries.known.insert(Arc::clone(&key), State::Done);
        if matches!(before, Some(State::Done)) {
            return;
        }
        deliveries.done.push_back((self.clock.now(), key));
        while deliveries.done.len() > self.max_deliveries.get() {
            deliveries.forget_oldest();
        }
    }

    fn give_back(&self, claim: &Claim) {
        let mut deliveries = self.deliveries();
        let is_own = |state: &State| matches!(state, State::Claimed { token, .. } if **token == *claim.token());
        if deliveries.known.get(claim.delivery_key()).is_some_and(is_own) {
            deliveries.known.remove(claim.delivery_key());
        }
    }
}

impl Deliveries {
    /// Forgets the deliveries that were handled before an instant. `None`: there is no such early instant.
    fn forget_before(&mut self, earliest: Option<Instant>) {
        let Some(earliest) = earliest else { return };
        while self.done.front().is_some_and(|(at, _)| *at < earliest) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, key)) = self.done.pop_front() {
            self.known.remove(&key);
        }
    }
}

impl DeliveryLog for MemoryDeliveryLog {
    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        ready(Ok(self.try_claim(claim))).boxed()
    }

    fn done<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        self.mark_done(claim);
        ready(Ok(())).boxed()
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        self.give_back(claim);
        ready(Ok(())).boxed()
    }
}

impl Default for MemoryDeliveryLog {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryDeliveryLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryDeliveryLog")
            .field("max_deliveries", &self.max_deliveries)
            .field("keep_for", &self.keep_for)
            .finish_non_exhaustive()
    }
}
