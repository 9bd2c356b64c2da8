//! The range of the API's numbers.

/// The largest whole number that JavaScript holds exactly. The API refuses larger ones.
pub(crate) const MAX_SAFE_INTEGER: i64 = 9_007_199_254_740_991;
