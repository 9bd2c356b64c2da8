//! The clock of a sandbox.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

#[cfg(feature = "flowglad-core")]
use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

use jiff::Timestamp;

/// How far time can move in all: to the end of the year 9998. In the calendar's last year, periods cannot end.
pub(crate) const END_OF_TIME_MS: i64 = 253_370_764_799_999;

/// The clock of a sandbox: the computer's, or one that a test moves.
///
/// Clones share one time, so a test can keep a clone and move the sandbox's clock with it. With the feature `flowglad-core`
/// it is also a clock of the client, so that the app under test has the same time: see
/// [`Sandbox::clock`](crate::Sandbox::clock).
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use flowglad_sandbox::Clock;
///
/// let clock = Clock::manual(1_767_225_600_000);
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now_ms(), 1_767_225_660_000);
/// ```
#[derive(Clone, Debug)]
pub struct Clock {
    source: Source,
    /// Whether the app under test has this time.
    is_shared: Arc<AtomicBool>,
    #[cfg(feature = "flowglad-core")]
    ages: Arc<Ages>,
}

#[derive(Clone, Debug)]
enum Source {
    /// The computer's time and how far this clock is ahead of it.
    System(Arc<AtomicI64>),
    Manual(Arc<AtomicI64>),
}

/// How a clock was set at some moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClockSetting(i64);

impl Clock {
    /// A clock that follows the computer's time. Once moved, it runs on from there.
    #[must_use]
    pub fn system() -> Self {
        Self::of(Source::System(Arc::new(AtomicI64::new(0))), computer_ms())
    }

    /// A clock that stands still at `epoch_ms` (milliseconds since 1970) until it is moved.
    #[must_use]
    pub fn manual(epoch_ms: i64) -> Self {
        Self::of(Source::Manual(Arc::new(AtomicI64::new(epoch_ms))), epoch_ms)
    }

    #[cfg_attr(not(feature = "flowglad-core"), expect(unused_variables, reason = "only a client needs it"))]
    fn of(source: Source, start_ms: i64) -> Self {
        Self {
            source,
            is_shared: Arc::default(),
            #[cfg(feature = "flowglad-core")]
            ages: Arc::new(Ages { start: Instant::now(), passed: Mutex::new(Passed { last_ms: start_ms, age_ms: 0 }) }),
        }
    }

    /// Notes that the app under test has this time, so that it judges the age of deliveries by it.
    pub(crate) fn share(&self) {
        self.is_shared.store(true, Ordering::Relaxed);
    }

    /// The time by which deliveries are signed, in seconds since 1970: the computer's, unless the app has this one.
    pub(crate) fn signing_time(&self) -> i64 {
        let now_ms = if self.is_shared.load(Ordering::Relaxed) { self.now_ms() } else { computer_ms() };
        now_ms.div_euclid(1000)
    }

    /// The time now, in milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match &self.source {
            Source::System(ahead) => computer_ms().saturating_add(ahead.load(Ordering::SeqCst)),
            Source::Manual(epoch_ms) => epoch_ms.load(Ordering::SeqCst),
        }
    }

    /// Sets the time. The computer's clock is not changed.
    ///
    /// Nothing that is due happens, so nothing renews. Use
    /// [`Sandbox::advance_to`](crate::Sandbox::advance_to) for that.
    pub fn set(&self, epoch_ms: i64) {
        self.move_time(|| match &self.source {
            Source::System(ahead) => ahead.store(epoch_ms.saturating_sub(computer_ms()), Ordering::SeqCst),
            Source::Manual(now) => now.store(epoch_ms, Ordering::SeqCst),
        });
    }

    /// Where the clock stands, for [`turn_back_to`](Self::turn_back_to).
    pub(crate) fn setting(&self) -> ClockSetting {
        let (Source::System(moved) | Source::Manual(moved)) = &self.source;
        ClockSetting(moved.load(Ordering::SeqCst))
    }

    /// Undoes every move since the setting was read. A clock that follows the computer's time follows it again.
    pub(crate) fn turn_back_to(&self, setting: ClockSetting) {
        let (Source::System(moved) | Source::Manual(moved)) = &self.source;
        self.move_time(|| moved.store(setting.0, Ordering::SeqCst));
    }

    /// Moves the time forward. As with [`set`](Self::set), nothing that is due happens.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let (Source::System(moved) | Source::Manual(moved)) = &self.source;
        let add = |before: i64| Some(before.saturating_add(by));
        // The closure always returns a value, so this cannot fail.
        self.move_time(|| _ = moved.fetch_update(Ordering::SeqCst, Ordering::SeqCst, add));
    }

    /// Changes the time, and notes it before and after for the ages of a client.
    #[cfg_attr(
        not(feature = "flowglad-core"),
        expect(clippy::unused_self, reason = "only a client that shares it has ages")
    )]
    fn move_time(&self, change: impl FnOnce()) {
        #[cfg(feature = "flowglad-core")]
        self.ages.at(self.now_ms());
        change();
        #[cfg(feature = "flowglad-core")]
        self.ages.at(self.now_ms());
    }
}

/// How old things become, for a client that shares the clock.
#[cfg(feature = "flowglad-core")]
#[derive(Debug)]
struct Ages {
    start: Instant,
    passed: Mutex<Passed>,
}

#[cfg(feature = "flowglad-core")]
#[derive(Debug)]
struct Passed {
    /// The time that was seen last, in milliseconds since 1970.
    last_ms: i64,
    /// The sum of all steps forward.
    age_ms: u64,
}

#[cfg(feature = "flowglad-core")]
impl Ages {
    /// The moment for ages at a time. Where the time was set back, by a reset for example, ages grow on from there.
    fn at(&self, now_ms: i64) -> Instant {
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let step = u64::try_from(now_ms.saturating_sub(passed.last_ms)).unwrap_or(0);
        *passed = Passed { last_ms: now_ms, age_ms: passed.age_ms.saturating_add(step) };
        self.start.checked_add(Duration::from_millis(passed.age_ms)).unwrap_or(self.start)
    }
}

#[cfg(feature = "flowglad-core")]
impl flowglad_core::clock::Clock for Clock {
    fn now(&self) -> Instant {
        self.ages.at(self.now_ms())
    }

    fn date(&self) -> flowglad_core::model::Timestamp {
        self.share();
        flowglad_core::model::Timestamp::from_millis(self.now_ms())
    }
}

fn computer_ms() -> i64 {
    Timestamp::now().as_millisecond()
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_system_clock_goes_on_from_where_it_was_set() {
        let clock = Clock::system();
        clock.clone().set(5_000_000_000_000);
        let set = clock.now_ms();
        assert!((5_000_000_000_000..5_000_000_060_000).contains(&set), "{set}");
        clock.advance(Duration::from_secs(3600));
        assert!(clock.now_ms() >= set + 3_600_000);
    }

    #[test]
    fn a_clock_that_is_turned_back_shows_what_it_would_have_without_the_moves() {
        for clock in [Clock::system(), Clock::manual(5)] {
            let (setting, before) = (clock.setting(), clock.now_ms());
            clock.advance(Duration::from_secs(1_000_000));
            clock.set(i64::MAX);
            clock.turn_back_to(setting);
            assert!((before..before + 60_000).contains(&clock.now_ms()));
        }
    }

    #[test]
    fn time_has_an_end() {
        for clock in [Clock::system(), Clock::manual(0)] {
            clock.advance(Duration::MAX);
            clock.advance(Duration::MAX);
            assert_eq!(clock.now_ms(), i64::MAX);
        }
    }
}
