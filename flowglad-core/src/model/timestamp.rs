//! Points in time as the API writes them.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Deserializer, Serialize, de};

/// A point in time: epoch milliseconds on the wire. Reads ISO 8601 strings too. `Display` is ISO 8601 in UTC.
///
/// ```
/// use flowglad_core::model::Timestamp;
/// assert_eq!(Timestamp::from_millis(1_767_268_800_040).to_string(), "2026-01-01T12:00:00.040Z");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A time by its distance from 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0
    }
}

impl From<Timestamp> for SystemTime {
    fn from(time: Timestamp) -> Self {
        let distance = Duration::from_millis(time.0.unsigned_abs());
        if time.0 < 0 { Self::UNIX_EPOCH - distance } else { Self::UNIX_EPOCH + distance }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(f, "{time:.3}"),
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
                let time: jiff::Timestamp = text.parse().map_err(E::custom)?;
                Ok(Timestamp(time.as_millisecond()))
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
    fn displays_milliseconds_always() {
        assert_eq!(Timestamp(1_767_268_800_000).to_string(), "2026-01-01T12:00:00.000Z");
        assert_eq!(Timestamp(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }
}
