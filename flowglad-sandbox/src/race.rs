//! Races: what requests that run at the same time do to each other on the real API.

use serde::{Deserialize, Serialize};

/// Something that goes wrong on the real API when it happens several times at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Race {
    /// Claims on resources do not see each other: together they can exceed the capacity, and of two with the same
    /// `externalId` the second one is refused with 500.
    ResourceClaims,
    /// Single usage events do not see each other: of several with the same `transactionId` one is recorded, and the
    /// others are refused with 500. A later retry returns the recorded event.
    UsageEvents,
    /// The end of the billing period reaches a subscription before its scheduled cancellation: it is canceled, but its
    /// items stay and the default plan does not start again.
    ScheduledCancellations,
}

/// The races that tests planned, and what the current request sees of others.
#[derive(Debug, Default)]
pub(crate) struct Races {
    claims: Window,
    usage_events: Window,
    cancellations: u32,
    /// The state that the current request saw when it arrived.
    arrival: Option<Arrival>,
}

/// How many records there were when a request arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) claims: usize,
    pub(crate) usage_events: usize,
}

/// Requests that all see the state before the first of them.
#[derive(Debug, Default)]
struct Window {
    left: u32,
    seen: Option<usize>,
}

impl Window {
    fn extend(&mut self, times: u32) {
        self.left = self.left.saturating_add(times);
    }

    /// Counts one request. Returns how many records it sees, if it is one of the window.
    fn take(&mut self, present: usize) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        let seen = *self.seen.get_or_insert(present);
        if self.left == 0 {
            self.seen = None;
        }
        Some(seen)
    }
}

impl Races {
    /// Makes the next `times` of them race.
    pub(crate) fn plan(&mut self, race: Race, times: u32) {
        match race {
            Race::ResourceClaims => self.claims.extend(times),
            Race::UsageEvents => self.usage_events.extend(times),
            Race::ScheduledCancellations => self.cancellations = self.cancellations.saturating_add(times),
        }
    }

    /// Begins or ends a request that may race with others.
    pub(crate) fn set_arrival(&mut self, arrival: Option<Arrival>) {
        self.arrival = arrival;
    }

    /// How many of the `present` claims a new one sees.
    pub(crate) fn claims_seen(&mut self, present: usize) -> usize {
        let at_arrival = self.arrival.map(|arrival| arrival.claims);
        self.claims.take(present).or(at_arrival).unwrap_or(present)
    }

    /// How many of the `present` usage events a new one sees.
    pub(crate) fn usage_events_seen(&mut self, present: usize) -> usize {
        let at_arrival = self.arrival.map(|arrival| arrival.usage_events);
        self.usage_events.take(present).or(at_arrival).unwrap_or(present)
    }

    /// Whether the end of the period comes before the cancellation that is due now.
    pub(crate) fn cancellation_is_late(&mut self) -> bool {
        let is_late = self.cancellations > 0;
        self.cancellations = self.cancellations.saturating_sub(1);
        is_late
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_a_window_see_the_state_before_the_first_and_later_ones_see_all() {
        let mut races = Races::default();
        races.plan(Race::ResourceClaims, 2);
        assert_eq!([races.claims_seen(3), races.claims_seen(4), races.claims_seen(5)], [3, 3, 5]);
        assert_eq!(races.usage_events_seen(7), 7);
        races.plan(Race::ResourceClaims, 1);
        assert_eq!([races.claims_seen(6), races.claims_seen(7)], [6, 7]);
    }

    #[test]
    fn a_request_sees_what_there_was_when_it_arrived() {
        let mut races = Races::default();
        races.set_arrival(Some(Arrival { claims: 1, usage_events: 2 }));
        assert_eq!((races.claims_seen(5), races.usage_events_seen(5)), (1, 2));
        races.set_arrival(None);
        assert_eq!((races.claims_seen(5), races.usage_events_seen(5)), (5, 5));
    }
}
