//! How the whole API answers until it is up again: as it should, not at all, slowly, or with the refusal of the rate limit.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde::Serialize;

use crate::fault::{Fault, LONGEST_DELAY};

/// How the API answers. Unlike a [`Fault`], it stays until it is changed.
///
/// # Examples
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), flowglad_sandbox::StartError> {
/// use flowglad_sandbox::{Availability, Sandbox};
///
/// let sandbox = Sandbox::start().await?;
/// sandbox.down();
/// assert_eq!(sandbox.availability(), Availability::Down);
/// sandbox.up();
/// assert_eq!(sandbox.availability(), Availability::Up);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "availability", rename_all = "camelCase")]
#[non_exhaustive]
pub enum Availability {
    /// As it should.
    #[default]
    Up,
    /// With the status 503, and runs nothing.
    Down,
    /// As it should, after a delay.
    #[serde(rename_all = "camelCase")]
    Slow {
        /// The delay before each response, in milliseconds.
        delay_ms: u64,
    },
    /// With the 401 that the real API sends to a key over its rate limit, and runs nothing.
    RateLimited,
}

impl Availability {
    pub(crate) fn slow(delay: Duration) -> Self {
        Self::Slow { delay_ms: u64::try_from(delay.min(LONGEST_DELAY).as_millis()).unwrap_or(u64::MAX) }
    }

    /// What happens to a request for which no fault is planned.
    fn fault(self) -> Option<Fault> {
        match self {
            Self::Up => None,
            Self::Down => Some(Fault::status(503)),
            Self::Slow { delay_ms } => Some(Fault::delay(Duration::from_millis(delay_ms))),
            Self::RateLimited => Some(Fault::rate_limited()),
        }
    }
}

/// The availability of one sandbox.
#[derive(Debug, Default)]
pub(crate) struct CurrentAvailability(Mutex<Availability>);

impl CurrentAvailability {
    pub(crate) fn get(&self) -> Availability {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, availability: Availability) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = availability;
    }

    pub(crate) fn fault(&self) -> Option<Fault> {
        self.get().fault()
    }
}
