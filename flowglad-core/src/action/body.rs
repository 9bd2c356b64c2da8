//! Reads the JSON body that a browser sends, and reports all its problems at once.

use std::{cell::RefCell, num::NonZeroU64, str::FromStr};

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::{
    action::content_type::is_json,
    adapter::{
        browser_error::BrowserError,
        issue::{Issue, PathPart},
        request::BodyError,
    },
    input::{InvalidInput, Metadata, MetadataValue},
};

/// The largest integer that JavaScript represents exactly: 2^53 − 1.
const MAX_WHOLE: u64 = (1 << 53) - 1;

/// The problems that a parser finds in one value. Paths are relative to the value.
pub(super) struct Problems(Vec<Issue>);

impl Problems {
    fn one(message: &str) -> Self {
        Self(vec![Issue { path: Vec::new(), message: message.to_owned() }])
    }
}

impl From<InvalidInput> for Problems {
    fn from(refusal: InvalidInput) -> Self {
        Self::one(refusal.problem())
    }
}

type Parsed<T> = Result<T, Problems>;

/// The parsed JSON object of a request.
pub(super) struct Body(Map<String, Value>);

impl Body {
    /// Parses a JSON object. No bytes are read as an empty object, since some hooks send no body.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, BrowserError> {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        if bytes.is_empty() {
            return Ok(Self(Map::new()));
        }
        serde_json::from_slice(bytes).map(Self).map_err(|_| BrowserError::invalid_json())
    }

    /// Reads the fields that an action knows. Other keys are ignored.
    pub(super) fn read<T>(&self, parse: impl FnOnce(&Fields<'_>) -> Option<T>) -> Result<T, BrowserError> {
        let issues = RefCell::default();
        let fields = Fields { object: &self.0, path: Vec::new(), issues: &issues };
        let value = parse(&fields);
        match (value, issues.into_inner()) {
            (Some(value), issues) if issues.is_empty() => Ok(value),
            (_, issues) => Err(BrowserError::validation(issues)),
        }
    }

    /// Reads the fields that an action knows. Other keys are refused, because a mistyped filter would silently return
    /// more data.
    pub(super) fn read_strictly<T>(
        &self,
        known: &[&str],
        parse: impl FnOnce(&Fields<'_>) -> Option<T>,
    ) -> Result<T, BrowserError> {
        self.read(|fields| {
            for key in self.0.keys().filter(|key| !known.contains(&key.as_str())) {
                fields.note(key, Problems::one("is not a known field"));
            }
            parse(fields)
        })
    }
}

/// Parses a body. The content type must be JSON unless the body is empty.
pub(super) fn parse_body(content_type: Option<&str>, body: Result<Bytes, BodyError>) -> Result<Body, BrowserError> {
    let is_empty = body.as_ref().is_ok_and(Bytes::is_empty);
    if !is_empty && !content_type.is_some_and(is_json) {
        return Err(BrowserError::unsupported_media_type());
    }
    match body {
        Ok(bytes) => Body::parse(&bytes),
        Err(BodyError::TooLarge) => Err(BrowserError::payload_too_large()),
        Err(BodyError::Broken) => Err(BrowserError::unreadable_body()),
    }
}

/// The fields of one object. A getter records each problem and returns `None`, so that the remaining fields are checked
/// as well.
pub(super) struct Fields<'a> {
    object: &'a Map<String, Value>,
    path: Vec<PathPart>,
    issues: &'a RefCell<Vec<Issue>>,
}

impl<'a> Fields<'a> {
    pub(super) fn required<T>(&self, key: &str, parse: impl FnOnce(&'a Value) -> Parsed<T>) -> Option<T> {
        let value = self.object.get(key).ok_or_else(|| Problems::one("is required"));
        self.parsed(key, value.and_then(parse))
    }

    /// Reads a field that may be absent. The outer `None` means that it is wrong, the inner `None` that it is absent.
    #[expect(clippy::option_option, reason = "wrong and absent are different results")]
    pub(super) fn optional<T>(&self, key: &str, parse: impl FnOnce(&'a Value) -> Parsed<T>) -> Option<Option<T>> {
        match self.object.get(key) {
            Some(value) => self.parsed(key, parse(value)).map(Some),
            None => Some(None),
        }
    }

    /// Reads the fields of an object inside this one.
    pub(super) fn object<T>(&self, key: &str, parse: impl FnOnce(&Fields<'_>) -> Option<T>) -> Option<T> {
        let object = self.required(key, object_in)?;
        let path = self.path.iter().cloned().chain([key.into()]).collect();
        parse(&Fields { object, path, issues: self.issues })
    }

    /// Reads a list of at least one object.
    pub(super) fn objects<T>(&self, key: &str, parse: impl Fn(&Fields<'_>) -> Option<T>) -> Option<Vec<T>> {
        let entries = self.required(key, non_empty_list)?;
        let read_entry = |(index, entry): (usize, &Value)| {
            let path: Vec<PathPart> = self.path.iter().cloned().chain([key.into(), index.into()]).collect();
            let Value::Object(object) = entry else {
                self.issues.borrow_mut().push(Issue { path, message: "must be an object".to_owned() });
                return None;
            };
            parse(&Fields { object, path, issues: self.issues })
        };
        // All are read before the first wrong one ends it, so that every problem is noted.
        let values: Vec<Option<T>> = entries.iter().enumerate().map(read_entry).collect();
        values.into_iter().collect()
    }

    /// Records a problem if a field is present that must be absent.
    pub(super) fn forbid(&self, key: &str, message: &str) -> Option<()> {
        if self.object.contains_key(key) {
            self.note(key, Problems::one(message));
            return None;
        }
        Some(())
    }

    /// Returns the name of the one field that is present. Records a problem if none or several are.
    pub(super) fn exactly_one<'k>(&self, keys: &[&'k str]) -> Option<&'k str> {
        let mut present = keys.iter().copied().filter(|key| self.object.contains_key(*key));
        if let (Some(key), None) = (present.next(), present.next()) {
            return Some(key);
        }
        let message = format!("Give exactly one of {}", keys.join(", "));
        self.issues.borrow_mut().push(Issue { path: self.path.clone(), message });
        None
    }

    fn parsed<T>(&self, key: &str, parsed: Parsed<T>) -> Option<T> {
        parsed.map_err(|problems| self.note(key, problems)).ok()
    }

    fn note(&self, key: &str, problems: Problems) {
        let place = |inner: Vec<PathPart>| self.path.iter().cloned().chain([key.into()]).chain(inner).collect();
        let issues = problems.0.into_iter().map(|issue| Issue { path: place(issue.path), ..issue });
        self.issues.borrow_mut().extend(issues);
    }
}

/// A text, which may be empty.
pub(super) fn text(value: &Value) -> Parsed<String> {
    value.as_str().map(str::to_owned).ok_or_else(|| Problems::one("must be a string"))
}

/// A slug or another text that is not empty.
pub(super) fn slug(value: &Value) -> Parsed<String> {
    let slug = text(value)?;
    if slug.trim().is_empty() { Err(Problems::one("must not be empty")) } else { Ok(slug) }
}

/// An id or another text that is parsed as `T`.
pub(super) fn form<T: FromStr<Err = InvalidInput>>(value: &Value) -> Parsed<T> {
    Ok(text(value)?.parse()?)
}

pub(super) fn boolean(value: &Value) -> Parsed<bool> {
    value.as_bool().ok_or_else(|| Problems::one("must be true or false"))
}

/// An integer from 0 to 2^53 − 1.
pub(super) fn whole_number(value: &Value) -> Parsed<u64> {
    exact_whole(value).ok_or_else(|| Problems::one("must be a whole number, 0 or more"))
}

/// An integer from 1 to 2^53 − 1.
pub(super) fn positive_number(value: &Value) -> Parsed<NonZeroU64> {
    exact_whole(value).and_then(NonZeroU64::new).ok_or_else(|| Problems::one("must be a whole number, 1 or more"))
}

fn exact_whole(value: &Value) -> Option<u64> {
    let whole = match (value.as_u64(), value.as_f64()) {
        (Some(whole), _) => whole,
        // JavaScript writes integers without a fraction, but `5.0` and `1e3` are integers as well.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be whole and not negative"
        )]
        (None, Some(number)) if number.fract() == 0.0 && number >= 0.0 => number as u64,
        _ => return None,
    };
    (whole <= MAX_WHOLE).then_some(whole)
}

pub(super) fn one_of<T: Copy>(choices: &[(&str, T)]) -> impl FnOnce(&Value) -> Parsed<T> {
    move |value| {
        let chosen = choices.iter().find(|(name, _)| value.as_str() == Some(name));
        chosen.map(|(_, choice)| *choice).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            Problems::one(&format!("must be one of: {}", names.join(", ")))
        })
    }
}

fn non_empty_list(value: &Value) -> Parsed<&[Value]> {
    match value.as_array() {
        Some(entries) if !entries.is_empty() => Ok(entries),
        _ => Err(Problems::one("must be a list that is not empty")),
    }
}

/// A list of at least one text, each parsed as `T`.
pub(super) fn forms<T: FromStr<Err = InvalidInput>>(value: &Value) -> Parsed<Vec<T>> {
    let (mut parsed, mut problems) = (Vec::new(), Vec::new());
    for (index, entry) in non_empty_list(value)?.iter().enumerate() {
        match form(entry) {
            Ok(entry) => parsed.push(entry),
            Err(Problems(issues)) => problems.extend(issues.into_iter().map(|issue| issue.with_path_prefix(index))),
        }
    }
    if problems.is_empty() { Ok(parsed) } else { Err(Problems(problems)) }
}

pub(super) fn json_object(value: &Value) -> Parsed<Map<String, Value>> {
    object_in(value).cloned()
}

fn object_in(value: &Value) -> Parsed<&Map<String, Value>> {
    value.as_object().ok_or_else(|| Problems::one("must be an object"))
}

pub(super) fn metadata(value: &Value) -> Parsed<Metadata> {
    let (mut metadata, mut problems) = (Metadata::new(), Vec::new());
    for (name, value) in json_object(value)? {
        let value = match value {
            Value::String(text) => MetadataValue::Text(text),
            Value::Number(number) => MetadataValue::Number(number),
            Value::Bool(flag) => MetadataValue::Bool(flag),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                problems.push(Issue::at([name.as_str()], "must be a string, a number, true or false"));
                continue;
            }
        };
        if let Err(refusal) = metadata.insert(name.as_str(), value) {
            problems.push(Issue::at([name.as_str()], refusal.problem()));
        }
    }
    if problems.is_empty() { Ok(metadata) } else { Err(Problems(problems)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(json: &str) -> Option<u64> {
        whole_number(&serde_json::from_str(json).unwrap()).ok()
    }

    #[test]
    fn integers_are_those_that_javascript_represents_exactly() {
        for (json, expected) in [("0", 0), ("5", 5), ("5.0", 5), ("1e3", 1000), ("9007199254740991", MAX_WHOLE)] {
            assert_eq!(whole(json), Some(expected), "{json}");
        }
        for json in ["-1", "1.5", "9007199254740992", "1e300", "18446744073709551616", "\"5\"", "null", "true", "-0.5"]
        {
            assert_eq!(whole(json), None, "{json}");
        }
    }

    #[test]
    fn body_is_an_object_or_nothing() {
        for bytes in ["", "{}", "\u{feff}{}", " {\"a\": 1} "] {
            assert!(Body::parse(bytes.as_bytes()).is_ok(), "{bytes}");
        }
        for bytes in ["[]", "null", "7", "\"x\"", "{", "{}x", "{'a':1}"] {
            assert!(Body::parse(bytes.as_bytes()).is_err(), "{bytes}");
        }
        assert!(Body::parse(b"{\"a\":\"\xff\"}").is_err());
        assert!(Body::parse("[".repeat(100_000).as_bytes()).is_err());
    }
}
