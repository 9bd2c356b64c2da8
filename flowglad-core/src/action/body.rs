//! Reads the JSON body that a browser sends, and reports all its problems at once.

use std::cell::RefCell;

use bytes::Bytes;
use bytestring::ByteString;
use serde_json::value::RawValue;

use crate::{
    action::{
        content_type::is_json,
        field_values::{Parsed, Problems, non_empty_list, object_fields, too_many_fields},
        json_slices::{ObjectFields, is_object},
    },
    adapter::{
        browser_error::BrowserError,
        issue::{Issue, MAX_ISSUES, PathPart},
        request::BodyError,
    },
};

/// The JSON object of a request. Reading it consumes it, so that its bytes are not held while the API is waited for.
pub(super) struct Body(ByteString);

impl Body {
    /// Checks that the bytes are a JSON object. No bytes are read as an empty object, since some hooks send no body.
    fn parse(bytes: Bytes) -> Result<Self, BrowserError> {
        if bytes.is_empty() {
            return Ok(Self(ByteString::from_static("{}")));
        }
        let text = ByteString::try_from(bytes).map_err(|_| BrowserError::invalid_json())?;
        let json = text.slice_ref(text.strip_prefix('\u{feff}').unwrap_or(&text));
        if json.is_empty() {
            return Ok(Self(ByteString::from_static("{}")));
        }
        if is_object(&json) { Ok(Self(json)) } else { Err(BrowserError::invalid_json()) }
    }

    /// Reads the fields that an action knows. Other keys are ignored.
    pub(super) fn read<T>(self, parse: impl FnOnce(&Fields<'_>) -> Option<T>) -> Result<T, BrowserError> {
        let issues = RefCell::default();
        let object = ObjectFields::of(&self.0).ok_or_else(BrowserError::invalid_json)?;
        let has_more = object.has_more;
        let fields = Fields { object, path: Vec::new(), issues: &issues };
        if has_more {
            fields.note_here(too_many_fields());
        }
        let value = parse(&fields);
        match (value, issues.into_inner()) {
            (Some(value), issues) if issues.is_empty() => Ok(value),
            (_, issues) => Err(BrowserError::validation(issues)),
        }
    }

    /// Reads the fields that an action knows. Other keys are refused, because a mistyped filter would silently return
    /// more data.
    pub(super) fn read_strictly<T>(
        self,
        known: &[&str],
        parse: impl FnOnce(&Fields<'_>) -> Option<T>,
    ) -> Result<T, BrowserError> {
        self.read(|fields| {
            for (key, _) in fields.object.iter().filter(|(key, _)| !known.contains(key)) {
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
    Body::parse(body?)
}

/// The fields of one object. A getter records each problem and returns `None`, so that the remaining fields are checked
/// as well.
pub(super) struct Fields<'a> {
    object: ObjectFields<'a>,
    path: Vec<PathPart>,
    issues: &'a RefCell<Vec<Issue>>,
}

impl<'a> Fields<'a> {
    pub(super) fn required<T>(&self, key: &str, parse: impl FnOnce(&'a RawValue) -> Parsed<T>) -> Option<T> {
        let value = self.object.get(key).ok_or_else(|| Problems::one("is required"));
        self.parsed(key, value.and_then(parse))
    }

    /// Reads a field that may be absent. The outer `None` means that it is wrong, the inner `None` that it is absent.
    #[expect(clippy::option_option, reason = "wrong and absent are different results")]
    pub(super) fn optional<T>(&self, key: &str, parse: impl FnOnce(&'a RawValue) -> Parsed<T>) -> Option<Option<T>> {
        match self.object.get(key) {
            Some(value) => self.parsed(key, parse(value)).map(Some),
            None => Some(None),
        }
    }

    /// Reads a field for which `null` means that it is absent.
    #[expect(clippy::option_option, reason = "wrong and absent are different results")]
    pub(super) fn optional_or_null<T>(
        &self,
        key: &str,
        parse: impl FnOnce(&'a RawValue) -> Parsed<T>,
    ) -> Option<Option<T>> {
        if self.object.get(key).is_some_and(|value| value.get() == "null") {
            Some(None)
        } else {
            self.optional(key, parse)
        }
    }

    /// Reads the fields of an object inside this one.
    pub(super) fn object<T>(&self, key: &str, parse: impl FnOnce(&Fields<'_>) -> Option<T>) -> Option<T> {
        let object = self.required(key, object_fields)?;
        let path = self.path.iter().cloned().chain([key.into()]).collect();
        parse(&Fields { object, path, issues: self.issues })
    }

    /// Reads a list of at least one object.
    pub(super) fn objects<T>(&self, key: &str, parse: impl Fn(&Fields<'_>) -> Option<T>) -> Option<Vec<T>> {
        let entries = self.required(key, non_empty_list)?;
        let read_entry = |(index, entry): (usize, &'a RawValue)| {
            let path = self.path.iter().cloned().chain([key.into(), index.into()]).collect();
            let mut fields = Fields { object: ObjectFields::default(), path, issues: self.issues };
            fields.object = object_fields(entry).map_err(|problems| fields.note_here(problems)).ok()?;
            parse(&fields)
        };
        // All are read before the first wrong one ends it, so that every problem is noted.
        let values: Vec<Option<T>> = entries.into_iter().enumerate().map(read_entry).collect();
        values.into_iter().collect()
    }

    /// Records a problem if a field is present that must be absent.
    pub(super) fn forbid(&self, key: &str, message: &str) -> Option<()> {
        if self.object.get(key).is_some() {
            self.note(key, Problems::one(message));
            return None;
        }
        Some(())
    }

    /// Returns the name of the one field that is present. Records a problem if none or several are.
    pub(super) fn exactly_one<'k>(&self, keys: &[&'k str]) -> Option<&'k str> {
        let mut present = keys.iter().copied().filter(|key| self.object.get(key).is_some());
        if let (Some(key), None) = (present.next(), present.next()) {
            return Some(key);
        }
        let message = format!("Give exactly one of {}", keys.join(", "));
        self.note_here(Problems::one(&message));
        None
    }

    fn parsed<T>(&self, key: &str, parsed: Parsed<T>) -> Option<T> {
        parsed.map_err(|problems| self.note(key, problems)).ok()
    }

    fn note(&self, key: &str, problems: Problems) {
        self.note_at(&[self.path.as_slice(), &[key.into()]].concat(), problems);
    }

    /// Records problems of the object itself.
    fn note_here(&self, problems: Problems) {
        self.note_at(&self.path, problems);
    }

    fn note_at(&self, place: &[PathPart], problems: Problems) {
        let mut issues = self.issues.borrow_mut();
        let room = MAX_ISSUES - issues.len();
        let problems = problems.into_issues().into_iter().take(room);
        issues.extend(problems.map(|issue| Issue { path: [place, &issue.path].concat(), ..issue }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_is_an_object_or_nothing() {
        for bytes in ["", "{}", "\u{feff}{}", " {\"a\": 1} "] {
            assert!(Body::parse(Bytes::from_static(bytes.as_bytes())).is_ok(), "{bytes}");
        }
        for bytes in ["[]", "null", "7", "\"x\"", "{", "{}x", "{'a':1}"] {
            assert!(Body::parse(Bytes::from_static(bytes.as_bytes())).is_err(), "{bytes}");
        }
        assert!(Body::parse(Bytes::from_static(b"{\"a\":\"\xff\"}")).is_err());
        assert!(Body::parse("[".repeat(100_000).into()).is_err());
    }
}
