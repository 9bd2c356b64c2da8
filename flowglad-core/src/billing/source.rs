//! Where billing comes from.

use crate::observe::Answer;

/// Where billing, or a decision about it, comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Source {
    /// It was read from Flowglad for this call, or for another one that asked at the same time.
    Live,
    /// It was in memory, and is young enough by the rules of the cache.
    Cache,
    /// It was in memory and is older than that, but Flowglad could not be read.
    Stale,
}

impl Source {
    /// `live`, `cache` or `stale`, as in responses and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Cache => "cache",
            Self::Stale => "stale",
        }
    }
}

impl From<Source> for Answer {
    fn from(source: Source) -> Self {
        match source {
            Source::Live => Self::Live,
            Source::Cache => Self::Cache,
            Source::Stale => Self::Stale,
        }
    }
}
