//! Times as the API writes them.

use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime},
};

use jiff::{
    SignedDuration,
    civil::{self, DateTime},
    fmt::temporal::Pieces,
};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::input::InvalidInput;

const EPOCH: DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

/// A point in time, written as epoch milliseconds. ISO 8601 strings are also read. `Display` is ISO 8601 in UTC.
///
/// Converts from and to [`SystemTime`] and, with the feature of the same name, the types of `jiff`, `chrono` and
/// `time`. The conversion to another type fails if that type cannot hold the time.
///
/// ```
/// use std::time::SystemTime;
/// use flowglad_core::model::Timestamp;
/// assert_eq!(Timestamp::from_millis(1_767_268_800_040).to_string(), "2026-01-01T12:00:00.040Z");
/// assert_eq!("2026-01-01T13:00:00+01:00".parse(), Ok(Timestamp::from_millis(1_767_268_800_000)));
/// assert!(Timestamp::from(SystemTime::now()) > Timestamp::from_millis(1_767_268_800_000));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Creates a time from the milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Returns the milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }
}

impl TryFrom<Timestamp> for SystemTime {
    type Error = InvalidInput;

    fn try_from(time: Timestamp) -> Result<Self, InvalidInput> {
        let distance = Duration::from_millis(time.0.unsigned_abs());
        let converted =
            if time.0 < 0 { Self::UNIX_EPOCH.checked_sub(distance) } else { Self::UNIX_EPOCH.checked_add(distance) };
        converted.ok_or_else(out_of_range)
    }
}

/// Drops fractions of a millisecond. A time outside the range becomes the earliest or the latest [`Timestamp`].
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let millis = |distance: Duration| i64::try_from(distance.as_millis());
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Self(millis(after).unwrap_or(i64::MAX)),
            Err(before) => Self(millis(before.duration()).map_or(i64::MIN, |millis| -millis)),
        }
    }
}

/// Reads an ISO 8601 time with an offset or `Z`.
impl FromStr for Timestamp {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        parse_millis(text).map(Self).ok_or_else(|| {
            InvalidInput::new("time", "must be ISO 8601 with an offset, for example 2026-01-01T12:00:00Z")
        })
    }
}

/// Uses calendar arithmetic, because `jiff::Timestamp` cannot hold the last hours of the year 9999, which some systems
/// use for "never".
fn parse_millis(text: &str) -> Option<i64> {
    let pieces = Pieces::parse(text).ok()?;
    let local = pieces.date().to_datetime(pieces.time()?).duration_since(EPOCH);
    let offset = SignedDuration::from_secs(pieces.to_numeric_offset()?.seconds().into());
    i64::try_from((local - offset).as_millis()).ok()
}

#[cfg(feature = "jiff")]
impl TryFrom<Timestamp> for jiff::Timestamp {
    type Error = InvalidInput;

    fn try_from(time: Timestamp) -> Result<Self, InvalidInput> {
        Self::from_millisecond(time.0).map_err(|_| out_of_range())
    }
}

/// Drops fractions of a millisecond.
#[cfg(feature = "jiff")]
impl From<jiff::Timestamp> for Timestamp {
    fn from(time: jiff::Timestamp) -> Self {
        Self(time.as_millisecond())
    }
}

#[cfg(feature = "chrono")]
impl TryFrom<Timestamp> for chrono::DateTime<chrono::Utc> {
    type Error = InvalidInput;

    fn try_from(time: Timestamp) -> Result<Self, InvalidInput> {
        Self::from_timestamp_millis(time.0).ok_or_else(out_of_range)
    }
}

/// Drops fractions of a millisecond.
#[cfg(feature = "chrono")]
impl<Zone: chrono::TimeZone> From<chrono::DateTime<Zone>> for Timestamp {
    fn from(time: chrono::DateTime<Zone>) -> Self {
        Self(time.timestamp_millis())
    }
}

#[cfg(feature = "time")]
impl TryFrom<Timestamp> for time::OffsetDateTime {
    type Error = InvalidInput;

    fn try_from(time: Timestamp) -> Result<Self, InvalidInput> {
        Self::from_unix_timestamp_nanos(i128::from(time.0) * 1_000_000).map_err(|_| out_of_range())
    }
}

/// Drops fractions of a millisecond.
#[cfg(feature = "time")]
impl From<time::OffsetDateTime> for Timestamp {
    fn from(time: time::OffsetDateTime) -> Self {
        let millis = time.unix_timestamp_nanos().div_euclid(1_000_000);
        Self(i64::try_from(millis).unwrap_or(if millis < 0 { i64::MIN } else { i64::MAX }))
    }
}

fn out_of_range() -> InvalidInput {
    InvalidInput::new("time", "is outside the years that this type can hold")
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match EPOCH.checked_add(SignedDuration::from_millis(self.0)) {
            Ok(time) => write!(f, "{time:.3}Z"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("epoch milliseconds or an ISO 8601 time")
            }

            fn visit_i64<E: de::Error>(self, millis: i64) -> Result<Timestamp, E> {
                Ok(Timestamp(millis))
            }

            fn visit_u64<E: de::Error>(self, millis: u64) -> Result<Timestamp, E> {
                i64::try_from(millis).map(Timestamp).map_err(|_| E::custom("time out of range"))
            }

            fn visit_f64<E: de::Error>(self, millis: f64) -> Result<Timestamp, E> {
                #[expect(clippy::cast_possible_truncation, reason = "a fraction of a millisecond is dropped")]
                Ok(Timestamp(millis as i64))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_and_iso_strings_alike() {
        for json in ["1767268800040", "\"2026-01-01T12:00:00.040Z\"", "1767268800040.7"] {
            assert_eq!(serde_json::from_str::<Timestamp>(json).unwrap(), Timestamp(1_767_268_800_040), "{json}");
        }
        for json in ["\"soon\"", "null", "true", "18446744073709551615"] {
            assert!(serde_json::from_str::<Timestamp>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn converts_to_system_time_and_back() {
        for millis in [-62_135_596_800_000, -1, 0, 1_767_268_800_040, 253_402_300_799_999] {
            let time = Timestamp(millis);
            assert_eq!(Timestamp::from(SystemTime::try_from(time).unwrap()), time);
        }
    }

    #[test]
    fn displays_milliseconds_always() {
        assert_eq!(Timestamp(1_767_268_800_000).to_string(), "2026-01-01T12:00:00.000Z");
        assert_eq!(Timestamp(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }
}
