//! The range of the API's numbers.

/// The largest whole number that JavaScript holds exactly. The API refuses larger ones.
pub(crate) const MAX_SAFE_INTEGER: i64 = 9_007_199_254_740_991;

/// The number as an integer, if it is whole and JavaScript holds it exactly.
#[expect(clippy::cast_possible_truncation, reason = "the number is within the range")]
pub(crate) fn whole(number: f64) -> Option<i64> {
    const MOST: f64 = 9_007_199_254_740_991.0;
    (number.fract() == 0.0 && number.abs() <= MOST).then_some(number as i64)
}
