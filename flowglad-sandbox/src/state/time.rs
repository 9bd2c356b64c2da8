//! Moves the time of a sandbox.

use std::convert::Infallible;

use crate::{
    clock::{Clock, END_OF_TIME_MS},
    error::SandboxError,
    rules::{billing::period::DAY_MS, timeline},
    state::SandboxState,
    test_steps,
};

/// How far time can move at once: ten years. It keeps a huge number from renewing subscriptions for hours.
const FARTHEST_MS: i64 = 3_653 * DAY_MS;

impl SandboxState {
    /// The clock, for the app under test.
    pub(crate) fn shared_clock(&self) -> Clock {
        self.start.clock.share();
        self.start.clock.clone()
    }

    pub(crate) fn now(&self) -> i64 {
        self.start.clock.now_ms()
    }

    /// Moves the time to `to`, with everything that happens by itself until then. Returns how many things happened.
    pub(crate) fn advance_to(&self, to: i64) -> Result<usize, SandboxError> {
        self.advance(|now| possible(to, now))
    }

    /// As [`Self::advance_to`], by a number of days.
    pub(crate) fn advance_by_days(&self, days: u32) -> Result<usize, SandboxError> {
        self.advance(|now| possible(after_days(now, days), now))
    }

    /// As [`Self::advance_by_days`]; more days than are possible count as those that are.
    pub(crate) fn advance_by_possible_days(&self, days: u32) -> usize {
        let Ok(jobs) = self.advance(|now| Ok::<_, Infallible>(nearest_possible(after_days(now, days), now)));
        jobs
    }

    /// Moves the time to when the first subscription of a customer renews. Returns how many things happened.
    pub(crate) fn advance_to_next_renewal(&self, customer_id: &str) -> Result<usize, SandboxError> {
        let due = test_steps::next_renewal(&self.store(), customer_id)?;
        let Ok(jobs) = self.advance(|now| Ok::<_, Infallible>(nearest_possible(due, now)));
        Ok(jobs)
    }

    /// Moves the time through the retries of a customer's declined payment, until it is paid or given up. Returns how many
    /// retries there were.
    pub(crate) fn advance_through_dunning(&self, customer_id: &str) -> Result<usize, SandboxError> {
        let runs = test_steps::runs_to_retry(&self.store(), customer_id)?;
        let next_retry = || test_steps::next_retry(&self.store(), &runs);
        let mut retries = 0;
        while let Some(due) = next_retry() {
            self.advance(|now| possible(due.max(now), now))?;
            retries += 1;
        }
        Ok(retries)
    }

    /// Moves the time to what `target` makes of the time now. Both are one step, as a clock may run.
    fn advance<E>(&self, target: impl FnOnce(i64) -> Result<i64, E>) -> Result<usize, E> {
        let clock = &self.start.clock;
        self.with_events_posted(|store| Ok(timeline::advance(store, clock, target(clock.now_ms())?)))
    }
}

fn after_days(now: i64, days: u32) -> i64 {
    now.saturating_add(i64::from(days).saturating_mul(DAY_MS))
}

fn possible(to: i64, now: i64) -> Result<i64, SandboxError> {
    let latest = latest_after(now);
    if to < now {
        Err(SandboxError::TimeInPast { to, now })
    } else if to > latest {
        Err(SandboxError::TimeTooFarAhead { to, latest })
    } else {
        Ok(to)
    }
}

fn nearest_possible(to: i64, now: i64) -> i64 {
    to.clamp(now, latest_after(now))
}

/// How far time can move from `now`. A clock that the test itself has set beyond the end stays where it is.
fn latest_after(now: i64) -> i64 {
    now.saturating_add(FARTHEST_MS).min(END_OF_TIME_MS).max(now)
}
