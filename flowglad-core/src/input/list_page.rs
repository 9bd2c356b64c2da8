//! A part of a list that the API returns as a whole.

/// Selects a part of a list that the API returns as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPage {
    /// The maximum number of records. `None`: all.
    pub limit: Option<u64>,
    /// Skips all records up to and including the one with this id.
    pub starting_after: Option<String>,
}
