//! Where the sandbox reads the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// The time that a sandbox lives in: the computer's, or one that a test holds in its hand.
///
/// Clones of a manual clock are the same clock, so a test keeps one and gives one away.
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
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The computer's own time.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
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
            Source::System => Timestamp::now().as_millisecond(),
            Source::Manual(epoch_ms) => epoch_ms.load(Ordering::SeqCst),
        }
    }

    /// Sets a manual clock; the computer's own time cannot be set, and asking for it does nothing.
    pub fn set(&self, epoch_ms: i64) {
        if let Source::Manual(now) = &self.0 {
            now.store(epoch_ms, Ordering::SeqCst);
        }
    }

    /// Moves a manual clock forward; does nothing on the computer's own time.
    ///
    /// Moving the clock runs no job: subscriptions do not renew by themselves.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(now) = &self.0 {
            now.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}
