//! What a fleet says of itself.

use serde::Serialize;

/// What an instance knows of its fleet, for a health page. Returned by [`Fleet::stats`](crate::fleet::Fleet::stats).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FleetStats {
    /// Whether the server cannot be reached at present.
    pub is_away: bool,
    /// For how long it has been away, in milliseconds. Zero if it is not.
    pub away_for_ms: u64,
    /// How often it went away since this instance was started.
    pub times_away: u64,
    /// Calls to the server that were answered.
    pub calls: u64,
    /// Calls to the server that failed, or were not answered in time. While it is away, nothing is sent.
    pub failed_calls: u64,
    /// Messages of other instances about changes.
    pub messages: u64,
    /// What this instance could not say to the server yet: changes of billing, and deliveries that were handled or are to be
    /// given back.
    pub owed: u64,
    /// Holds on balances that were made by this instance alone, since the server was away.
    pub held_alone: u64,
}
