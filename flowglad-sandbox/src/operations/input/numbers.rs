//! Numbers and times. Some fields of the API also take what JavaScript can turn into a number or a date.

use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::{Value, json};

use super::{Field, Found, issue::Weight};
use crate::records::number::MAX_SAFE_INTEGER;

/// The farthest time from 1970 that JavaScript has, in milliseconds.
const FARTHEST_TIME: f64 = 8.64e15;

/// The least number that a field accepts.
#[derive(Clone, Copy)]
enum Least {
    Including(i64),
    Above(i64),
}

impl Field<'_> {
    pub(crate) fn number(&self) -> f64 {
        if let Found::Value(Value::Number(number)) = self.found {
            return number.as_f64().unwrap_or_default();
        }
        self.wrong_type("number");
        1.0
    }

    pub(crate) fn integer(&self) -> i64 {
        let number = self.number();
        self.check_whole(number);
        to_integer(number)
    }

    pub(crate) fn positive(&self) -> i64 {
        self.integer_from(Least::Above(0))
    }

    pub(crate) fn integer_of_at_least(&self, least: i64) -> i64 {
        self.integer_from(Least::Including(least))
    }

    fn integer_from(&self, least: Least) -> i64 {
        let number = self.number();
        if self.check_whole(number) {
            self.check_least(number, least);
        }
        to_integer(number)
    }

    /// As [`Self::positive`], for what JavaScript can turn into a number.
    pub(crate) fn coerced_positive(&self) -> i64 {
        self.coerced_from(Least::Above(0)).map_or(1, to_integer)
    }

    /// As [`Self::coerced_positive`], or 0.
    pub(crate) fn coerced_not_negative(&self) -> i64 {
        self.any_of(&[|number| number.coerced_positive(), |number| number.zero()])
    }

    /// A number in a range, for what JavaScript can turn into one.
    pub(crate) fn coerced_between(&self, least: i64, most: i64) -> i64 {
        let number = self.coerced_from(Least::Including(least));
        if number.is_some_and(|number| number > to_float(most)) {
            let kind = json!({ "origin": "number", "code": "too_big", "maximum": most, "inclusive": true });
            self.note(Weight::Content, kind, format!("Too big: expected number to be <={most}"));
        }
        number.map_or(least, to_integer)
    }

    /// The whole number that JavaScript makes of the value. None if it makes none.
    fn coerced_from(&self, least: Least) -> Option<f64> {
        let number = match self.found {
            Found::Value(value) => to_number(value),
            Found::Missing => f64::NAN,
            Found::Refused => return None,
        };
        if !number.is_finite() {
            let (received, shown) = if number.is_nan() { ("NaN", "NaN") } else { ("Infinity", "number") };
            let kind = json!({ "expected": "number", "code": "invalid_type", "received": received });
            self.note(Weight::Form, kind, format!("Invalid input: expected number, received {shown}"));
            return None;
        }
        if !self.check_whole(number) {
            return None;
        }
        self.check_least(number, least);
        Some(number)
    }

    fn zero(&self) -> i64 {
        if !matches!(self.found, Found::Value(Value::Number(number)) if number.as_f64() == Some(0.0)) {
            self.note(Weight::Form, json!({ "code": "invalid_value", "values": [0] }), "Invalid input: expected 0");
        }
        0
    }

    /// A time in milliseconds since 1970, of what JavaScript can turn into a date.
    pub(crate) fn timestamp(&self) -> i64 {
        let time = match self.found {
            Found::Value(value) => to_time(value),
            Found::Missing | Found::Refused => None,
        };
        if time.is_none() {
            let kind = json!({ "expected": "date", "code": "invalid_type", "received": "Invalid Date" });
            self.note(Weight::Form, kind, "Invalid input: expected date, received Date");
        }
        time.unwrap_or_default()
    }

    /// A date object, which JSON does not have.
    pub(crate) fn date_object(&self) {
        self.wrong_type("date");
    }

    /// Whether further checks of the number make sense.
    fn check_whole(&self, number: f64) -> bool {
        if number.fract() != 0.0 {
            let kind = json!({ "expected": "int", "format": "safeint", "code": "invalid_type" });
            self.note(Weight::Form, kind, "Invalid input: expected int, received number");
            return false;
        }
        let note = "Integers must be within the safe integer range.";
        let (most, least) = (MAX_SAFE_INTEGER, -MAX_SAFE_INTEGER);
        if number > to_float(most) {
            let kind = json!({ "code": "too_big", "maximum": most, "note": note, "origin": "int" });
            self.note(Weight::Content, kind, format!("Too big: expected int to be <{most}"));
        }
        if number < to_float(least) {
            let kind = json!({ "code": "too_small", "minimum": least, "note": note, "origin": "int" });
            self.note(Weight::Content, kind, format!("Too small: expected int to be >{least}"));
        }
        true
    }

    fn check_least(&self, number: f64, least: Least) {
        let (minimum, inclusive, sign) = match least {
            Least::Including(minimum) => (minimum, true, ">="),
            Least::Above(minimum) => (minimum, false, ">"),
        };
        let bound = to_float(minimum);
        if number < bound || (!inclusive && number <= bound) {
            let kind = json!({
                "origin": "number", "code": "too_small", "minimum": minimum, "inclusive": inclusive,
            });
            self.note(Weight::Content, kind, format!("Too small: expected number to be {sign}{minimum}"));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "the bounds of the API are small")]
fn to_float(bound: i64) -> f64 {
    bound as f64
}

#[expect(clippy::cast_possible_truncation, reason = "numbers beyond the range of i64 have an issue")]
fn to_integer(number: f64) -> i64 {
    number as i64
}

/// JavaScript's `Number(value)`.
fn to_number(value: &Value) -> f64 {
    match value {
        Value::Null => 0.0,
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        Value::Number(number) => number.as_f64().unwrap_or(f64::NAN),
        Value::String(text) => text_to_number(text.trim()),
        Value::Array(entries) => match entries.as_slice() {
            [] | [Value::Null] => 0.0,
            [Value::String(text)] => text_to_number(text.trim()),
            [entry @ (Value::Number(_) | Value::Array(_))] => to_number(entry),
            _ => f64::NAN,
        },
        Value::Object(_) => f64::NAN,
    }
}

fn text_to_number(text: &str) -> f64 {
    let radix = match text.get(..2) {
        Some("0x" | "0X") => Some(16),
        Some("0o" | "0O") => Some(8),
        Some("0b" | "0B") => Some(2),
        _ => None,
    };
    if let Some(radix) = radix {
        return i64::from_str_radix(text.get(2..).unwrap_or_default(), radix).map_or(f64::NAN, to_float);
    }
    match text {
        "" => 0.0,
        "Infinity" | "+Infinity" => f64::INFINITY,
        "-Infinity" => f64::NEG_INFINITY,
        _ if text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) => {
            text.parse().unwrap_or(f64::NAN)
        }
        _ => f64::NAN,
    }
}

/// JavaScript's `new Date(value)`, as far as it is standardized.
fn to_time(value: &Value) -> Option<i64> {
    let number = match value {
        Value::String(text) => return iso_time(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => to_number(value),
        Value::Array(_) | Value::Object(_) => return None,
    };
    (number.abs() <= FARTHEST_TIME).then(|| to_integer(number))
}

fn iso_time(text: &str) -> Option<i64> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_millisecond());
    }
    let padded = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        _ => text.to_owned(),
    };
    let time = padded.parse::<civil::DateTime>().ok()?;
    TimeZone::UTC.to_timestamp(time).ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::input::read_with_issues;

    fn issues_of(value: &Value, read: fn(&Field<'_>)) -> Vec<Value> {
        read_with_issues(&json!({ "n": value }), |root| read(&root.at("n"))).1
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point_and_a_huge_one_is_refused() {
        assert!(issues_of(&json!(3.0), |n| _ = n.integer()).is_empty());
        assert_eq!(issues_of(&json!(3.5), |n| _ = n.positive())[0]["expected"], "int");
        assert_eq!(
            issues_of(&json!(1e20), |n| _ = n.integer())[0]["note"],
            "Integers must be within the safe integer range."
        );
        assert_eq!(issues_of(&json!(-1e20), |n| _ = n.positive()).len(), 2);
    }

    #[test]
    fn texts_null_flags_and_lists_of_one_become_numbers_where_the_field_is_lenient() {
        for (value, number) in [(json!("12"), 12.0), (json!(" 1e1 "), 10.0), (json!(""), 0.0), (json!("0x1f"), 31.0)] {
            assert!((to_number(&value) - number).abs() < f64::EPSILON, "{value}");
        }
        for (value, number) in [(json!(null), 0.0), (json!(true), 1.0), (json!([]), 0.0), (json!([7]), 7.0)] {
            assert!((to_number(&value) - number).abs() < f64::EPSILON, "{value}");
        }
        for value in [json!("12 calls"), json!("inf"), json!({}), json!([1, 2]), json!([true])] {
            assert!(to_number(&value).is_nan(), "{value}");
        }
    }

    #[test]
    fn zero_may_be_a_number_only_where_a_positive_number_is_coerced() {
        assert!(issues_of(&json!(0), |n| _ = n.coerced_not_negative()).is_empty());
        assert_eq!(issues_of(&json!("0"), |n| _ = n.coerced_not_negative())[0]["code"], "too_small");
        assert_eq!(issues_of(&json!("many"), |n| _ = n.coerced_not_negative())[0]["code"], "invalid_union");
    }

    #[test]
    fn times_are_milliseconds_or_iso_texts() {
        let new_year = 1_767_225_600_000;
        for text in ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2026-01-01", "2026", "2026-01-01T00:00"] {
            assert_eq!(to_time(&json!(text)), Some(new_year), "{text}");
        }
        assert_eq!(to_time(&json!(null)), Some(0));
        assert_eq!(issues_of(&json!("soon"), |n| _ = n.timestamp())[0]["received"], "Invalid Date");
    }
}
