//! The clock of the server, as far as an instance knows it.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What the server's clock showed, at an instant before `heard`.
#[derive(Clone, Copy)]
struct Sample {
    heard: Instant,
    millis: i64,
}

/// The newest sample of the server's clock.
#[derive(Default)]
pub(super) struct ServerClock(Mutex<Option<Sample>>);

impl ServerClock {
    /// The server has just answered that its clock shows this.
    pub(super) fn heard(&self, millis: i64) {
        *self.sample() = Some(Sample { heard: Instant::now(), millis });
    }

    /// When something was, so long ago, in the server's time: this or a little later. What is judged by it counts as older
    /// than it is, and never as younger. `None`: the server was never heard.
    pub(super) fn time_of(&self, age: Duration) -> Option<i64> {
        let Sample { heard, millis } = (*self.sample())?;
        let now = millis.saturating_add(in_millis(heard.elapsed()));
        Some(now.saturating_sub(in_millis(age)).saturating_sub(1))
    }

    fn sample(&self) -> std::sync::MutexGuard<'_, Option<Sample>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn in_millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seems_a_little_older_than_it_is() {
        let clock = ServerClock::default();
        assert_eq!(clock.time_of(Duration::ZERO), None);
        clock.heard(1_000_000);
        let before = clock.time_of(Duration::from_secs(10)).unwrap();
        assert!((989_999..995_000).contains(&before), "{before}");
        assert!(clock.time_of(Duration::MAX).unwrap() < 0);
    }
}
