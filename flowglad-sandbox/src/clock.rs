//! The clock of a sandbox.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;

/// How far time can move in all: to the end of the year 9998. In the calendar's last year, periods cannot end.
pub(crate) const END_OF_TIME_MS: i64 = 253_370_764_799_999;

/// The clock of a sandbox: the computer's, or one that a test moves.
///
/// Clones share one time, so a test can keep a clone and move the sandbox's clock with it.
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
pub struct Clock(Source);

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
        Self(Source::System(Arc::new(AtomicI64::new(0))))
    }

    /// A clock that stands still at `epoch_ms` (milliseconds since 1970) until it is moved.
    #[must_use]
    pub fn manual(epoch_ms: i64) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(epoch_ms))))
    }

    /// The time now, in milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::System(ahead) => computer_ms().saturating_add(ahead.load(Ordering::SeqCst)),
            Source::Manual(epoch_ms) => epoch_ms.load(Ordering::SeqCst),
        }
    }

    /// Sets the time. The computer's clock is not changed.
    ///
    /// Nothing that is due happens, so nothing renews. Use
    /// [`Sandbox::advance_to`](crate::Sandbox::advance_to) for that.
    pub fn set(&self, epoch_ms: i64) {
        match &self.0 {
            Source::System(ahead) => ahead.store(epoch_ms.saturating_sub(computer_ms()), Ordering::SeqCst),
            Source::Manual(now) => now.store(epoch_ms, Ordering::SeqCst),
        }
    }

    /// Where the clock stands, for [`turn_back_to`](Self::turn_back_to).
    pub(crate) fn setting(&self) -> ClockSetting {
        let (Source::System(moved) | Source::Manual(moved)) = &self.0;
        ClockSetting(moved.load(Ordering::SeqCst))
    }

    /// Undoes every move since the setting was read. A clock that follows the computer's time follows it again.
    pub(crate) fn turn_back_to(&self, setting: ClockSetting) {
        let (Source::System(moved) | Source::Manual(moved)) = &self.0;
        moved.store(setting.0, Ordering::SeqCst);
    }

    /// Moves the time forward. As with [`set`](Self::set), nothing that is due happens.
    pub fn advance(&self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let (Source::System(moved) | Source::Manual(moved)) = &self.0;
        let add = |before: i64| Some(before.saturating_add(by));
        // The closure always returns a value, so this cannot fail.
        let _ = moved.fetch_update(Ordering::SeqCst, Ordering::SeqCst, add);
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
