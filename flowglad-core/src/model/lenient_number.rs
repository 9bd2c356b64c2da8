//! Numbers that may have fractions according to the API specification, although only whole numbers make sense.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Number;

/// Reads a number as an integer, rounding a fraction down.
pub(crate) fn whole_or_rounded_down<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    round_down(&Number::deserialize(deserializer)?).ok_or_else(|| D::Error::custom("not a number"))
}

/// Reads a number or `null` as an optional integer, rounding a fraction down.
pub(crate) fn some_whole_or_rounded_down<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    match Option::<Number>::deserialize(deserializer)? {
        Some(number) => round_down(&number).map(Some).ok_or_else(|| D::Error::custom("not a number")),
        None => Ok(None),
    }
}

fn round_down(number: &Number) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, far beyond any amount")]
    let rounded = || number.as_f64().map(|number| number.floor() as i64);
    number.as_i64().or_else(rounded)
}
