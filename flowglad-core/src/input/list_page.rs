//! A part of a list that came whole.

/// Which stretch of a list is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPage {
    /// At most so many. `None`: all.
    pub limit: Option<u64>,
    /// Only what comes after the record of this id.
    pub starting_after: Option<String>,
}
