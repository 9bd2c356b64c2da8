//! A value that a schema lists.

use std::fmt;

use serde_json::Value;

use super::kinds::Kind;

/// A value that a schema lists by `const` or `enum`: text, a number, or a boolean.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Literal {
    kind: Kind,
    text: String,
}

impl Literal {
    /// `None` for `null`, arrays and objects: those are compared by their kind.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        let text = match value {
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number_text(number),
            Value::String(text) => text.clone(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        Some(Self { kind: Kind::of(value), text })
    }

    pub(crate) fn boolean(value: bool) -> Self {
        Self { kind: Kind::Boolean, text: value.to_string() }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The value without quotes.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// `1.0` and `1` are the same number.
fn number_text(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(float) if !number.is_i64() && !number.is_u64() && float.fract() == 0.0 => format!("{float:.0}"),
        _ => number.to_string(),
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            // As in JSON, so that a line break in a value does not break the line of an id.
            Kind::Text => write!(f, "{}", Value::from(self.text.as_str())),
            _ => f.write_str(&self.text),
        }
    }
}
