//! The time, which tests can set.

use std::{
    fmt,
    sync::Mutex,
    time::{Duration, Instant, SystemTime},
};

use crate::model::Timestamp;

/// Where the cache and the gates read the time.
///
/// An app needs none: [`SystemClock`] is the default. A test gives a [`ManualClock`] to
/// [`FlowgladBuilder::clock`](crate::FlowgladBuilder::clock), and moves it instead of waiting.
pub trait Clock: Send + Sync + 'static {
    /// The time that only moves forward, for ages.
    fn now(&self) -> Instant;

    /// The time of the calendar, for dates in records.
    fn date(&self) -> Timestamp;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn date(&self) -> Timestamp {
        SystemTime::now().into()
    }
}

/// A clock that stands still until a test moves it.
///
/// ```
/// use std::{sync::Arc, time::Duration};
/// use flowglad_core::{Flowglad, clock::{Clock as _, ManualClock}, model::Timestamp};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = Arc::new(ManualClock::at("2026-01-01T12:00:00Z".parse()?));
/// let flowglad = Flowglad::builder().api_key("sk_test_example").clock(Arc::clone(&clock)).build()?;
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.date(), "2026-01-01T12:01:00Z".parse::<Timestamp>()?);
/// # Ok(()) }
/// ```
pub struct ManualClock {
    start: Instant,
    start_date: Timestamp,
    moved: Mutex<Duration>,
}

impl ManualClock {
    /// A clock that shows this date.
    #[must_use]
    pub fn at(date: Timestamp) -> Self {
        Self { start: Instant::now(), start_date: date, moved: Mutex::default() }
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut moved = self.moved();
        *moved = moved.saturating_add(by);
    }

    fn moved(&self) -> std::sync::MutexGuard<'_, Duration> {
        self.moved.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        self.start + *self.moved()
    }

    fn date(&self) -> Timestamp {
        let moved = i64::try_from(self.moved().as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(self.start_date.as_millis().saturating_add(moved))
    }
}

impl<C: Clock> Clock for std::sync::Arc<C> {
    fn now(&self) -> Instant {
        (**self).now()
    }

    fn date(&self) -> Timestamp {
        (**self).date()
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManualClock").field("date", &self.date()).finish_non_exhaustive()
    }
}
