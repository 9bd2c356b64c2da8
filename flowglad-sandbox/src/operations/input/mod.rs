//! Reads requests as the API's validator does: all problems are reported at once, each as an issue with the path of
//! the field. Reading a field as a type also checks it, so that each operation names its fields once.

mod choices;
mod forms;
mod issue;
mod numbers;
mod texts;

use serde_json::{Value, json};

use self::issue::{Issue, Issues, Step, Weight, path_of};
use crate::{operations::call::Call, refusal::Refusal};

/// Runs `parse` on the input of a call. Returns its result, or a refusal with all issues.
pub(crate) fn read<T>(call: &Call, parse: impl FnOnce(&Field<'_>) -> T) -> Result<T, Refusal> {
    let (parsed, issues) = read_with_issues(&call.input, parse);
    if issues.is_empty() { Ok(parsed) } else { Err(Refusal::bad_request(issues)) }
}

/// As [`read`], but returns the issues themselves. The parsed value is valid only if there are none.
pub(crate) fn read_with_issues<T>(input: &Value, parse: impl FnOnce(&Field<'_>) -> T) -> (T, Vec<Value>) {
    let (parsed, issues) = read_apart(Found::Value(input), |root| parse(&root.as_object()));
    (parsed, issues.iter().map(Issue::to_json).collect())
}

/// Reads one place with a list of issues of its own, whose paths start there.
fn read_apart<T>(found: Found<'_>, parse: impl FnOnce(&Field<'_>) -> T) -> (T, Vec<Issue>) {
    let issues = Issues::default();
    let parsed = parse(&Field { found, path: Vec::new(), issues: &issues });
    (parsed, issues.into_list())
}

/// One place in a request, which can be absent.
///
/// Reading it as a type always returns a value. If the place has another type, an issue is added and the whole request
/// is refused, so the value returned instead is never used.
#[derive(Clone, Debug)]
pub(crate) struct Field<'a> {
    found: Found<'a>,
    path: Vec<Step<'a>>,
    issues: &'a Issues,
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
    pub(crate) fn at(&self, name: &'static str) -> Field<'a> {
        let found = match self.found {
            Found::Value(Value::Object(fields)) => fields.get(name).map_or(Found::Missing, Found::Value),
            Found::Value(_) | Found::Refused => Found::Refused,
            Found::Missing => Found::Missing,
        };
        self.child(Step::Name(name), found)
    }

    /// The required object of this name inside.
    pub(crate) fn object(&self, name: &'static str) -> Field<'a> {
        self.at(name).as_object()
    }

    /// This place as an object; anything else is an issue.
    pub(crate) fn as_object(&self) -> Field<'a> {
        match self.found {
            Found::Value(Value::Object(_)) | Found::Refused => self.clone(),
            Found::Value(_) | Found::Missing => {
                self.wrong_type("object");
                self.refused()
            }
        }
    }

    /// The entries of this place as a list; anything else is an issue.
    pub(crate) fn list(&self) -> Vec<Field<'a>> {
        if let Found::Value(Value::Array(entries)) = self.found {
            let entries = entries.iter().enumerate();
            return entries.map(|(index, entry)| self.child(Step::Index(index), Found::Value(entry))).collect();
        }
        self.wrong_type("array");
        Vec::new()
    }

    /// As [`Self::list`], with at least one entry.
    pub(crate) fn list_of_some(&self) -> Vec<Field<'a>> {
        let entries = self.list();
        self.check_length(1..=usize::MAX, None);
        entries
    }

    /// As [`Self::list`], with at most `most` entries.
    pub(crate) fn list_of_at_most(&self, most: usize) -> Vec<Field<'a>> {
        let entries = self.list();
        self.check_length(0..=most, None);
        entries
    }

    pub(crate) fn boolean(&self) -> bool {
        if let Found::Value(Value::Bool(flag)) = self.found {
            return *flag;
        }
        self.wrong_type("boolean");
        false
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

    /// The text, if the field has one. What it should be is not checked.
    pub(crate) fn text(&self) -> Option<String> {
        match self.found {
            Found::Value(Value::String(text)) => Some(text.clone()),
            _ => None,
        }
    }

    pub(crate) fn is_present(&self) -> bool {
        matches!(self.found, Found::Value(_))
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self.found, Found::Value(Value::Null))
    }

    /// Whether JavaScript takes the value for true, as many rules of the API do.
    pub(crate) fn is_truthy(&self) -> bool {
        match self.found {
            Found::Value(Value::Null) | Found::Missing | Found::Refused => false,
            Found::Value(Value::Bool(flag)) => *flag,
            Found::Value(Value::String(text)) => !text.is_empty(),
            Found::Value(Value::Number(number)) => number.as_f64() != Some(0.0),
            Found::Value(_) => true,
        }
    }

    fn child(&self, step: Step<'a>, found: Found<'a>) -> Field<'a> {
        let mut path = Vec::with_capacity(self.path.len() + 1);
        path.extend_from_slice(&self.path);
        path.push(step);
        Field { found, path, issues: self.issues }
    }

    fn refused(&self) -> Field<'a> {
        Field { found: Found::Refused, ..self.clone() }
    }

    /// Adds the issue that another type was expected.
    fn wrong_type(&self, expected: &str) {
        let received = match self.found {
            Found::Refused => return,
            Found::Missing => "undefined",
            Found::Value(Value::Null) => "null",
            Found::Value(Value::Bool(_)) => "boolean",
            Found::Value(Value::Number(_)) => "number",
            Found::Value(Value::String(_)) => "string",
            Found::Value(Value::Array(_)) => "array",
            Found::Value(Value::Object(_)) => "object",
        };
        let kind = json!({ "expected": expected, "code": "invalid_type" });
        self.note(Weight::Form, kind, format!("Invalid input: expected {expected}, received {received}"));
    }

    fn note(&self, weight: Weight, kind: Value, message: impl Into<String>) {
        if !matches!(self.found, Found::Refused) {
            self.issues.add(Issue { weight, kind, path: path_of(&self.path), message: message.into() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_of_a_body_are_reported_at_once() {
        let body = json!({ "customer": { "email": 7 } });
        let (_, issues) = read_with_issues(&body, |root| {
            let customer = root.object("customer");
            (customer.at("email").string(), customer.at("externalId").string())
        });
        assert_eq!(issues.len(), 2);
        assert_eq!(issues[1]["path"], json!(["customer", "externalId"]));
        assert_eq!(issues[1]["message"], "Invalid input: expected string, received undefined");
    }

    #[test]
    fn fields_below_a_refused_object_are_not_reported_again() {
        let (_, issues) = read_with_issues(&json!([]), |root| root.object("customer").at("email").string());
        assert_eq!(issues.len(), 1);
    }
}
