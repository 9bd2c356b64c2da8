//! Reads the values of fields from their JSON text.

use std::{num::NonZeroU64, str::FromStr};

use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value, value::RawValue};

use crate::{
    action::json_slices::{ListEntries, MAX_NAME_CHARS, MAX_PARTS, ObjectFields, count_values},
    adapter::issue::{Issue, MAX_ISSUES, PathPart},
    input::{InvalidInput, Metadata, MetadataValue},
};

/// The largest integer that JavaScript represents exactly: 2^53 − 1.
const MAX_WHOLE: u64 = (1 << 53) - 1;

/// The longest JSON text of a value that is copied out of the body.
const MAX_VALUE_BYTES: usize = 64 * 1024;

/// The problems that a parser finds in one value. Paths are relative to the value.
#[derive(Default)]
pub(super) struct Problems(Vec<Issue>);

impl Problems {
    pub(super) fn one(message: &str) -> Self {
        Self(vec![Issue { path: Vec::new(), message: message.to_owned() }])
    }

    /// Adds the problems of the part with this name or index.
    fn add_of(&mut self, part: impl Into<PathPart>, Self(issues): Self) {
        let part = part.into();
        let room = MAX_ISSUES - self.0.len();
        self.0.extend(issues.into_iter().take(room).map(|issue| issue.with_path_prefix(part.clone())));
    }

    /// Returns the value if there are no problems.
    fn or<T>(self, value: T) -> Parsed<T> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }

    pub(super) fn into_issues(self) -> Vec<Issue> {
        self.0
    }
}

impl From<InvalidInput> for Problems {
    fn from(refusal: InvalidInput) -> Self {
        Self::one(refusal.problem())
    }
}

pub(super) type Parsed<T> = Result<T, Problems>;

/// A text, which may be empty.
pub(super) fn text(value: &RawValue) -> Parsed<String> {
    if value.get().len() > MAX_VALUE_BYTES {
        return Err(Problems::one("must be at most 64 KiB long"));
    }
    decoded(value).ok_or_else(|| Problems::one("must be a string"))
}

/// A slug or another text that is not empty.
pub(super) fn slug(value: &RawValue) -> Parsed<String> {
    let slug = text(value)?;
    if slug.trim().is_empty() { Err(Problems::one("must not be empty")) } else { Ok(slug) }
}

/// An id or another text that is parsed as `T`.
pub(super) fn form<T: FromStr<Err = InvalidInput>>(value: &RawValue) -> Parsed<T> {
    Ok(text(value)?.parse()?)
}

pub(super) fn boolean(value: &RawValue) -> Parsed<bool> {
    decoded(value).ok_or_else(|| Problems::one("must be true or false"))
}

/// An integer from 0 to 2^53 − 1.
pub(super) fn whole_number(value: &RawValue) -> Parsed<u64> {
    exact_whole(value).ok_or_else(|| Problems::one("must be a whole number, 0 or more"))
}

/// An integer from 1 to 2^53 − 1.
pub(super) fn positive_number(value: &RawValue) -> Parsed<NonZeroU64> {
    exact_whole(value).and_then(NonZeroU64::new).ok_or_else(|| Problems::one("must be a whole number, 1 or more"))
}

fn exact_whole(value: &RawValue) -> Option<u64> {
    let number: Number = decoded(value)?;
    let whole = match (number.as_u64(), number.as_f64()) {
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

pub(super) fn one_of<T: Copy>(choices: &[(&str, T)]) -> impl FnOnce(&RawValue) -> Parsed<T> {
    move |value| {
        let name = text(value).ok();
        let chosen = choices.iter().find(|(choice, _)| name.as_deref() == Some(choice));
        chosen.map(|(_, choice)| *choice).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            Problems::one(&format!("must be one of: {}", names.join(", ")))
        })
    }
}

/// A list of at least one entry.
pub(super) fn non_empty_list(value: &RawValue) -> Parsed<Vec<&RawValue>> {
    match ListEntries::of(value) {
        Some(list) if list.has_more => Err(Problems::one(&format!("must have at most {MAX_PARTS} entries"))),
        Some(list) if !list.entries.is_empty() => Ok(list.entries),
        _ => Err(Problems::one("must be a list that is not empty")),
    }
}

/// A list of at least one text, each parsed as `T`.
pub(super) fn forms<T: FromStr<Err = InvalidInput>>(value: &RawValue) -> Parsed<Vec<T>> {
    let (mut parsed, mut problems) = (Vec::new(), Problems::default());
    for (index, entry) in non_empty_list(value)?.into_iter().enumerate() {
        match form(entry) {
            Ok(entry) => parsed.push(entry),
            Err(found) => problems.add_of(index, found),
        }
    }
    problems.or(parsed)
}

/// An object with any content.
pub(super) fn json_object(value: &RawValue) -> Parsed<Map<String, Value>> {
    if !value.get().starts_with('{') {
        return Err(Problems::one("must be an object"));
    }
    if value.get().len() > MAX_VALUE_BYTES || count_values(value) > MAX_PARTS {
        return Err(Problems::one(&format!("must be at most 64 KiB long and hold at most {MAX_PARTS} values")));
    }
    decoded(value).ok_or_else(|| Problems::one("holds a text or a number that cannot be read"))
}

/// The fields of an object.
pub(super) fn object_fields(value: &RawValue) -> Parsed<ObjectFields<'_>> {
    match ObjectFields::of(value.get()) {
        Some(fields) if fields.has_more => Err(too_many_fields()),
        Some(fields) => Ok(fields),
        None => Err(Problems::one("must be an object")),
    }
}

pub(super) fn too_many_fields() -> Problems {
    Problems::one(&format!("must have at most {MAX_PARTS} fields"))
}

pub(super) fn metadata(value: &RawValue) -> Parsed<Metadata> {
    let (mut metadata, mut problems) = (Metadata::new(), Problems::default());
    for (name, value) in object_fields(value)?.iter() {
        let added = metadata_entry(name, value).and_then(|value| Ok(metadata.insert(name, value)?));
        if let Err(found) = added {
            problems.add_of(name, found);
        }
    }
    problems.or(metadata)
}

fn metadata_entry(name: &str, value: &RawValue) -> Parsed<MetadataValue> {
    if name.chars().count() > MAX_NAME_CHARS {
        return Err(Problems::one(&format!("must have a name of at most {MAX_NAME_CHARS} characters")));
    }
    match value.get().as_bytes() {
        [b'"', ..] => text(value).map(MetadataValue::Text),
        [b't' | b'f', ..] => boolean(value).map(MetadataValue::Bool),
        _ => decoded(value)
            .map(MetadataValue::Number)
            .ok_or_else(|| Problems::one("must be a string, a number, true or false")),
    }
}

/// `None` if the JSON is not that of a `T`.
fn decoded<T: DeserializeOwned>(value: &RawValue) -> Option<T> {
    serde_json::from_str(value.get()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(json: &str) -> Option<u64> {
        whole_number(serde_json::from_str(json).unwrap()).ok()
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
}
