//! Reads request bodies as the API's validator does: all problems of a body are reported at once,
//! each as an issue with the path of the field.

use std::cell::RefCell;

use jiff::Timestamp;
use serde_json::{Number, Value, json};

use crate::{
    records::{metadata::Metadata, number::MAX_SAFE_INTEGER},
    refusal::Refusal,
};

const MAX_METADATA_TEXT: usize = 500;

/// Runs `parse` on a body. Returns its result, or a refusal with all issues.
pub(crate) fn read<T>(body: &Value, parse: impl FnOnce(&Field<'_>) -> T) -> Result<T, Refusal> {
    let (parsed, issues) = read_with_issues(body, parse);
    if issues.is_empty() { Ok(parsed) } else { Err(Refusal::bad_request(issues)) }
}

/// As [`read`], but returns the issues themselves. The parsed value is valid only if there are none.
pub(crate) fn read_with_issues<T>(body: &Value, parse: impl FnOnce(&Field<'_>) -> T) -> (T, Vec<Value>) {
    let issues = RefCell::new(Vec::new());
    let root = Field { found: Found::Value(body), path: Vec::new(), issues: &issues };
    let root = root.as_object();
    let parsed = parse(&root);
    (parsed, issues.into_inner())
}

/// One place in a request body, which can be absent.
///
/// Reading it as a type always returns a value. If the place has another type, an issue is added and the whole body is
/// refused, so the value returned instead is never used.
#[derive(Clone, Debug)]
pub(crate) struct Field<'a> {
    found: Found<'a>,
    path: Vec<Value>,
    issues: &'a RefCell<Vec<Value>>,
}

#[derive(Clone, Copy, Debug)]
enum Found<'a> {
    Value(&'a Value),
    Missing,
    /// Below a place that has an issue already: one is enough.
    Refused,
}

impl<'a> Field<'a> {
    /// The field of this name inside.
    pub(crate) fn at(&self, name: &str) -> Field<'a> {
        let found = match self.found {
            Found::Value(Value::Object(fields)) => fields.get(name).map_or(Found::Missing, Found::Value),
            Found::Value(_) | Found::Refused => Found::Refused,
            Found::Missing => Found::Missing,
        };
        self.child(Value::from(name), found)
    }

    /// The required object of this name inside.
    pub(crate) fn object(&self, name: &str) -> Field<'a> {
        self.at(name).as_object()
    }

    /// This place as an object; anything else is an issue.
    pub(crate) fn as_object(&self) -> Field<'a> {
        match self.found {
            Found::Value(Value::Object(_)) | Found::Refused => self.clone(),
            Found::Value(_) | Found::Missing => {
                self.wrong_type::<()>("object");
                Field { found: Found::Refused, ..self.clone() }
            }
        }
    }

    pub(crate) fn list(&self) -> Vec<Field<'a>> {
        match self.found {
            Found::Value(Value::Array(entries)) => entries
                .iter()
                .enumerate()
                .map(|(index, entry)| self.child(Value::from(index), Found::Value(entry)))
                .collect(),
            _ => self.wrong_type("array").into_iter().collect(),
        }
    }

    pub(crate) fn string(&self) -> String {
        match self.found {
            Found::Value(Value::String(text)) => text.clone(),
            _ => self.wrong_type("string").unwrap_or_default(),
        }
    }

    pub(crate) fn string_of_at_most(&self, longest: usize) -> String {
        let text = self.string();
        if text.chars().count() > longest {
            self.note(json!({
                "origin": "string", "code": "too_big", "maximum": longest, "inclusive": true, "path": self.path,
                "message": format!("Too big: expected string to have <={longest} characters"),
            }));
        }
        text
    }

    /// A non-empty text of any length.
    pub(crate) fn non_empty_string(&self) -> String {
        let text = self.string();
        self.refuse_empty(&text);
        text
    }

    /// A name or slug: 1 to 255 characters after trimming.
    pub(crate) fn label(&self) -> String {
        let label = self.string_of_at_most(255).trim().to_owned();
        self.refuse_empty(&label);
        label
    }

    fn refuse_empty(&self, text: &str) {
        if text.is_empty() && self.is_string() {
            self.note(json!({
                "origin": "string", "code": "too_small", "minimum": 1, "inclusive": true, "path": self.path,
                "message": "Too small: expected string to have >=1 characters",
            }));
        }
    }

    /// An absolute URL.
    pub(crate) fn web_address(&self) -> String {
        let text = self.string();
        if matches!(self.found, Found::Value(Value::String(_))) && reqwest::Url::parse(&text).is_err() {
            self.note(json!({
                "code": "invalid_format", "format": "url", "path": self.path, "message": "Invalid URL",
            }));
        }
        text
    }

    pub(crate) fn boolean(&self) -> bool {
        match self.found {
            Found::Value(Value::Bool(flag)) => *flag,
            _ => self.wrong_type("boolean").unwrap_or_default(),
        }
    }

    pub(crate) fn integer(&self) -> i64 {
        match self.found {
            Found::Value(Value::Number(number)) => whole(number).unwrap_or_else(|| {
                self.note(json!({
                    "expected": "int", "format": "safeint", "code": "invalid_type", "path": self.path,
                    "message": "Invalid input: expected int, received number",
                }));
                1
            }),
            _ => self.wrong_type("number").unwrap_or(1),
        }
    }

    pub(crate) fn integer_of_at_least(&self, least: i64) -> i64 {
        let number = self.integer();
        if number < least {
            let (minimum, inclusive, sign) = if least == 1 { (0, false, ">") } else { (least, true, ">=") };
            self.note(json!({
                "origin": "number", "code": "too_small", "minimum": minimum, "inclusive": inclusive,
                "path": self.path, "message": format!("Too small: expected number to be {sign}{minimum}"),
            }));
        }
        number
    }

    pub(crate) fn positive(&self) -> i64 {
        self.integer_of_at_least(1)
    }

    pub(crate) fn not_negative(&self) -> i64 {
        self.integer_of_at_least(0)
    }

    /// A time: milliseconds since 1970, or an ISO 8601 string.
    pub(crate) fn timestamp(&self) -> i64 {
        if let Found::Value(Value::String(text)) = self.found {
            return match text.parse::<Timestamp>() {
                Ok(time) => time.as_millisecond(),
                Err(_) => self.wrong_type("number").unwrap_or_default(),
            };
        }
        self.integer()
    }

    /// One of a fixed list of words.
    pub(crate) fn choice<T: Copy>(&self, choices: &[(&'static str, T)]) -> Option<T> {
        let chosen = match self.found {
            Found::Value(Value::String(text)) => choices.iter().find(|(word, _)| word == text),
            _ => None,
        };
        if chosen.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            self.note(json!({
                "code": "invalid_value", "values": words, "path": self.path,
                "message": format!("Invalid option: expected one of {}", quoted.join("|")),
            }));
        }
        chosen.map(|(_, value)| *value)
    }

    /// The word that decides which form an object has.
    pub(crate) fn discriminator<T: Copy>(&self, choices: &[(&'static str, T)]) -> Option<T> {
        let chosen = match self.found {
            Found::Value(Value::String(text)) => choices.iter().find(|(word, _)| word == text),
            _ => None,
        };
        if chosen.is_none() {
            self.note(json!({
                "code": "invalid_union", "errors": [], "note": "No matching discriminator",
                "discriminator": self.path.last(), "path": self.path, "message": "Invalid input",
            }));
        }
        chosen.map(|(_, value)| *value)
    }

    pub(crate) fn metadata(&self) -> Metadata {
        let Found::Value(Value::Object(entries)) = self.found else {
            return self.wrong_type("record").unwrap_or_default();
        };
        for (key, value) in entries {
            let fits = match value {
                Value::String(text) => text.chars().count() <= MAX_METADATA_TEXT,
                Value::Number(_) | Value::Bool(_) => true,
                _ => false,
            };
            if !fits {
                let path = self.child(Value::from(key.as_str()), Found::Value(value)).path;
                self.note(json!({ "code": "invalid_union", "errors": [], "path": path, "message": "Invalid input" }));
            }
        }
        entries.clone()
    }

    /// An object with any values.
    pub(crate) fn any_object(&self) -> Metadata {
        match self.found {
            Found::Value(Value::Object(entries)) => entries.clone(),
            _ => self.wrong_type("record").unwrap_or_default(),
        }
    }

    /// Must be absent or `null`.
    pub(crate) fn nothing(&self) {
        if self.is_present() && !self.is_null() {
            self.wrong_type::<()>("null");
        }
    }

    /// Reads the field if it is present; `null` counts as present.
    pub(crate) fn optional<T>(&self, read: impl FnOnce(&Self) -> T) -> Option<T> {
        self.is_present().then(|| read(self))
    }

    /// Reads the field if it is present and not `null`.
    pub(crate) fn nullish<T>(&self, read: impl FnOnce(&Self) -> T) -> Option<T> {
        (self.is_present() && !self.is_null()).then(|| read(self))
    }

    /// Reads a field that distinguishes absent (keep it), `null` (clear it) and a value (set it).
    #[expect(clippy::option_option, reason = "absent, null and a value mean different changes")]
    pub(crate) fn patch<T>(&self, read: impl FnOnce(&Self) -> T) -> Option<Option<T>> {
        self.is_present().then(|| self.nullish(read))
    }

    pub(crate) fn is_present(&self) -> bool {
        matches!(self.found, Found::Value(_))
    }

    pub(crate) fn is_string(&self) -> bool {
        matches!(self.found, Found::Value(Value::String(_)))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.found, Found::Value(Value::Null))
    }

    /// Adds an issue unless exactly one of these fields is present.
    pub(crate) fn exactly_one_of(&self, names: &[&str]) {
        if matches!(self.found, Found::Refused) {
            return;
        }
        let given = names.iter().filter(|name| !self.at(name).is_null() && self.at(name).is_present()).count();
        if given != 1 {
            self.refuse(&format!("Exactly one of {} must be provided", names.join(", ")));
        }
    }

    /// Adds an issue that is not about a type.
    pub(crate) fn refuse(&self, message: &str) {
        self.note(json!({ "code": "custom", "path": self.path, "message": message }));
    }

    fn child(&self, step: Value, found: Found<'a>) -> Field<'a> {
        let mut path = self.path.clone();
        path.push(step);
        Field { found, path, issues: self.issues }
    }

    /// Adds the issue that another type was expected. Returns `None`, so that callers can fall back in one line.
    fn wrong_type<T>(&self, expected: &str) -> Option<T> {
        let received = match self.found {
            Found::Refused => return None,
            Found::Missing => "undefined",
            Found::Value(Value::Null) => "null",
            Found::Value(Value::Bool(_)) => "boolean",
            Found::Value(Value::Number(_)) => "number",
            Found::Value(Value::String(_)) => "string",
            Found::Value(Value::Array(_)) => "array",
            Found::Value(Value::Object(_)) => "object",
        };
        self.note(json!({
            "expected": expected, "code": "invalid_type", "path": self.path,
            "message": format!("Invalid input: expected {expected}, received {received}"),
        }));
        None
    }

    fn note(&self, issue: Value) {
        if !matches!(self.found, Found::Refused) {
            self.issues.borrow_mut().push(issue);
        }
    }
}

/// The number as an integer, if it is whole (as `3.0` is) and JavaScript can hold it.
fn whole(number: &Number) -> Option<i64> {
    let value = match number.as_i64() {
        Some(value) => value,
        None => whole_float(number.as_f64()?)?,
    };
    (-MAX_SAFE_INTEGER..=MAX_SAFE_INTEGER).contains(&value).then_some(value)
}

#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and the caller checks the range")]
fn whole_float(value: f64) -> Option<i64> {
    (value.fract() == 0.0).then_some(value as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_of_a_body_are_reported_at_once() {
        let body = json!({ "customer": { "email": 7 } });
        let error = read(&body, |root| {
            let customer = root.object("customer");
            (customer.at("email").string(), customer.at("externalId").string())
        })
        .unwrap_err();
        assert_eq!(error.message.as_array().unwrap().len(), 2);
        assert_eq!(error.message[1]["path"], json!(["customer", "externalId"]));
        assert_eq!(error.message[1]["message"], "Invalid input: expected string, received undefined");
    }

    #[test]
    fn fields_below_a_refused_object_are_not_reported_again() {
        let error = read(&json!([]), |root| root.object("customer").at("email").string()).unwrap_err();
        assert_eq!(error.message.as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point_and_a_huge_one_is_refused() {
        assert_eq!(read(&json!({ "n": 3.0 }), |root| root.at("n").integer()).unwrap(), 3);
        assert!(read(&json!({ "n": 1e300 }), |root| root.at("n").integer()).is_err());
        assert!(read(&json!({ "n": 3.5 }), |root| root.at("n").integer()).is_err());
    }

    #[test]
    fn a_time_may_be_an_iso_string() {
        let body = json!({ "at": "2026-01-01T00:00:00Z" });
        assert_eq!(read(&body, |root| root.at("at").timestamp()).unwrap(), 1_767_225_600_000);
    }
}
