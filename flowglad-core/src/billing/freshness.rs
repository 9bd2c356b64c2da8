//! How fresh billing must be.

use std::time::Duration;

/// How fresh billing must be that is read for a customer. Without a cache each of these reads from Flowglad, but
/// callers who ask for the same customer at the same time share a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Freshness {
    /// Read from Flowglad. The read begins after the question.
    Live,
    /// At most this old, from memory or read now.
    NoOlderThan(Duration),
    /// From memory by the rules of the cache: young billing at once; middle-aged billing at once, while it is read anew
    /// in the background; old billing not at all.
    Cached,
    /// The same, and if Flowglad cannot be read, also old billing. Its source is then
    /// [`Source::Stale`](crate::billing::Source::Stale).
    CachedOrStale,
}
