//! The claims of a token, read more strictly than the libraries of the providers do.

use std::{fmt, time::Duration};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use crate::{auth::refusal::Refusal, model::Timestamp};

/// The end of the year 9999. A time after it is a mistake, or is meant to be no limit.
const LATEST_SECONDS: f64 = 253_402_300_799.0;

/// The claims of a token that was authenticated. They have no `Debug`, since they are personal data.
pub(super) struct Claims {
    map: Map<String, Value>,
}

impl Claims {
    /// Reads an object. A claim that comes twice is refused, at any depth: two readers could take different values.
    pub(super) fn parse(text: &[u8]) -> Result<Self, Refusal> {
        match strict_json(text) {
            Some(Value::Object(map)) => Ok(Self { map }),
            Some(_) => Err(Refusal("the token's claims are not an object")),
            None => Err(Refusal("the token's claims are not JSON, or one comes twice")),
        }
    }

    /// Checks `exp`, which is required, `nbf` and `iat`, by a clock that may differ by the leeway.
    pub(super) fn check_times(&self, now: Timestamp, leeway: Duration) -> Result<(), Refusal> {
        let now = Duration::from_millis(u64::try_from(now.as_millis()).unwrap_or_default());
        let expires = self.time("exp")?.ok_or(Refusal("the token has no exp, so that it would never end"))?;
        if expires.saturating_add(leeway) <= now {
            return Err(Refusal("the token has expired"));
        }
        let latest = now.saturating_add(leeway);
        if self.time("nbf")?.is_some_and(|begins| begins > latest) {
            return Err(Refusal("the token is not valid yet (nbf): is the clock of this server right?"));
        }
        if self.time("iat")?.is_some_and(|issued| issued > latest) {
            return Err(Refusal("the token is from the future (iat): is the clock of this server right?"));
        }
        Ok(())
    }

    fn time(&self, name: &str) -> Result<Option<Duration>, Refusal> {
        let Some(value) = self.map.get(name) else { return Ok(None) };
        match value.as_f64() {
            Some(seconds) if (0.0..=LATEST_SECONDS).contains(&seconds) => Ok(Some(Duration::from_secs_f64(seconds))),
            _ => Err(Refusal("a time of the token (exp, nbf or iat) is not a number, or absurd")),
        }
    }

    /// A claim that is a text and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.map.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.map.get(name)
    }

    pub(super) fn into_map(self) -> Map<String, Value> {
        self.map
    }
}

/// A JSON value from a text in which no object has a key twice.
pub(super) fn strict_json(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(text).ok().map(|Unique(value)| value)
}

/// A JSON value in which no object has a key twice.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, Unique(value))) = members.next_entry::<String, _>()? {
            if map.insert(key, value).is_some() {
                return Err(A::Error::custom("a key comes twice"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_767_268_800;
    const LEEWAY: Duration = Duration::from_secs(5);

    fn check(text: &str) -> Result<(), Refusal> {
        Claims::parse(text.as_bytes())?.check_times(Timestamp::from_millis(NOW * 1000), LEEWAY)
    }

    #[test]
    fn times_are_checked_to_the_second_of_the_leeway() {
        let good = [
            format!(r#"{{"exp":{}}}"#, NOW - 4),
            format!(r#"{{"exp":{}.5}}"#, NOW - 5),
            format!(r#"{{"exp":{0},"nbf":{1},"iat":{1}}}"#, NOW + 60, NOW + 5),
            r#"{"exp":253402300799,"iat":0}"#.to_owned(),
        ];
        for text in good {
            assert_eq!(check(&text), Ok(()), "{text}");
        }
        let bad = [
            ("{}".to_owned(), "the token has no exp"),
            (format!(r#"{{"exp":{}}}"#, NOW - 5), "the token has expired"),
            (format!(r#"{{"exp":{},"nbf":{}}}"#, NOW + 60, NOW + 6), "the token is not valid yet"),
            (format!(r#"{{"exp":{},"iat":{}}}"#, NOW + 60, NOW + 6), "the token is from the future"),
        ];
        for (text, reason) in bad {
            assert!(check(&text).unwrap_err().0.starts_with(reason), "{text}");
        }
        for absurd in ["null", "\"1767268860\"", "-1", "253402300800", "1e300", "true", "[1767268860]", "{}"] {
            let refused = check(&format!(r#"{{"exp":{absurd}}}"#)).unwrap_err();
            assert!(refused.0.starts_with("a time of the token"), "{absurd}");
            assert!(check(&format!(r#"{{"exp":{},"nbf":{absurd}}}"#, NOW + 60)).is_err(), "{absurd}");
        }
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        for text in [
            r#"{"exp":1767268860,"exp":1}"#,
            r#"{"exp":1767268860,"sub":"a","s\u0075b":"b"}"#,
            r#"{"exp":1767268860,"o":{"id":"a","id":"b"}}"#,
            r#"{"exp":1767268860,"list":[{"id":"a","id":"b"}]}"#,
            r#"{"exp":1767268860} {}"#,
            "[]",
            "null",
            "",
            "{",
        ] {
            assert!(check(text).is_err(), "{text}");
        }
        let deep = format!(r#"{{"exp":1767268860,"deep":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        assert!(check(&deep).is_err());
    }
}
