//! What several instances know together of what customers have spent and hold.

use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

use crate::{
    cache::StoreError,
    model::MeterRef,
    outbox::{book::Entry, store::Totals},
};

/// The book of a fleet. What is recorded is entered into it by the store, in the same step.
///
/// An error says that the server is away or refuses: whoever asked goes on alone, or does not begin.
pub(crate) trait SharedBook: Send + Sync + 'static {
    /// Holds a part of a balance, or of none where usage needs no credit. `Err(TooLittle)` in it: only this much is left.
    fn hold<'a>(&'a self, hold: SharedHold<'a>) -> BoxFuture<'a, Result<Held, StoreError>>;

    /// How much is spent and held of a meter that billing may not show whose read began so long ago.
    fn spent<'a>(
        &'a self,
        customer: &'a str,
        meters: &'a [MeterRef],
        age: Option<Duration>,
    ) -> BoxFuture<'a, Result<i64, StoreError>>;

    /// Lets work with a key begin, for this time at most. `None`: such work runs.
    fn begin<'a>(&'a self, key: &'a [u8], limit: Duration) -> BoxFuture<'a, Result<Option<Guard>, StoreError>>;

    /// Says how old the oldest billing is by which a balance may be judged.
    fn judges_by(&self, oldest_read: Duration);

    /// What waits to be delivered, as far as this instance knows.
    fn waiting(&self) -> Totals;

    /// What has left the local outbox since this was last asked: Flowglad or the fleet has it.
    fn have_left_here(&self) -> Vec<Entry>;

    /// Whether something waits that no other instance can deliver at present.
    fn waits_here_only(&self) -> bool;

    /// This instance delivers nothing any more: others take at once what it had taken.
    fn give_back(&self);

    /// A hold was made by this instance alone, since the server is away.
    fn held_alone(&self);
}

/// A hold to make.
#[derive(Clone, Copy)]
pub(crate) struct SharedHold<'a> {
    pub(crate) customer: &'a str,
    /// The names of the meter. The first is that under which is held.
    pub(crate) meters: &'a [MeterRef],
    pub(crate) amount: u64,
    pub(crate) limit: Duration,
    /// What Flowglad said of the balance, and how long ago the read began. `None`: usage needs no credit.
    pub(crate) said: Option<(i64, Option<Duration>)>,
}

/// What became of a hold.
pub(crate) enum Held {
    Now { guard: Guard, left: Option<i64> },
    TooLittle(i64),
}

/// What is held, or runs, until this is dropped.
pub(crate) struct Guard(Box<dyn OpenInFleet>);

/// What is open in a fleet until it is dropped.
pub(crate) trait OpenInFleet: Send + Sync {
    /// Its name.
    fn name(&self) -> &str;

    /// The store has closed it, in the step in which it has stored its usage: nothing is left to be done.
    fn is_closed(&mut self);
}

impl Guard {
    pub(crate) fn new(open: impl OpenInFleet + 'static) -> Self {
        Self(Box::new(open))
    }

    pub(crate) fn name(&self) -> &str {
        self.0.name()
    }

    pub(crate) fn is_closed(&mut self) {
        self.0.is_closed();
    }
}

/// How long ago a read began.
pub(crate) fn age(began: Option<Instant>, now: Instant) -> Option<Duration> {
    began.map(|began| now.saturating_duration_since(began))
}
