//! The kinds of JSON values, and sets of them.

use std::{collections::BTreeSet, fmt};

use serde_json::Value;

use crate::SchemaError;

/// A kind of JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A whole number.
    Integer,
    /// A number that need not be whole.
    Number,
    /// Text.
    Text,
    /// A list.
    Array,
    /// Fields with names.
    Object,
}

impl Kind {
    /// The kind of a value. A number that happens to be whole is an integer.
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if number.as_f64().is_some_and(|number| number.fract() == 0.0) => Self::Integer,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::Text,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Text => "string",
            Self::Array => "array",
            Self::Object => "object",
        })
    }
}

/// A set of kinds. [`Kind::Number`] in it stands for the numbers that are not whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds(BTreeSet<Kind>);

impl Kinds {
    pub(crate) fn all() -> Self {
        let kinds = [Kind::Null, Kind::Boolean, Kind::Integer, Kind::Number, Kind::Text, Kind::Array, Kind::Object];
        Self(BTreeSet::from(kinds))
    }

    /// What a `type` of JSON Schema stands for: every `number` may be whole.
    pub(crate) fn named(name: &str) -> Result<Self, SchemaError> {
        let kinds: &[Kind] = match name {
            "null" => &[Kind::Null],
            "boolean" => &[Kind::Boolean],
            "integer" => &[Kind::Integer],
            "number" => &[Kind::Integer, Kind::Number],
            "string" => &[Kind::Text],
            "array" => &[Kind::Array],
            "object" => &[Kind::Object],
            _ => return Err(SchemaError::UnknownType { name: name.to_owned() }),
        };
        Ok(kinds.iter().copied().collect())
    }

    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.0.contains(&kind)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn is_only(&self, kind: Kind) -> bool {
        self.0.len() == 1 && self.has(kind)
    }

    pub(crate) fn is_all(&self) -> bool {
        *self == Self::all()
    }

    pub(crate) fn and(&self, other: &Self) -> Self {
        self.0.intersection(&other.0).copied().collect()
    }

    pub(crate) fn or(&self, other: &Self) -> Self {
        self.0.union(&other.0).copied().collect()
    }

    pub(crate) fn add(&mut self, kind: Kind) {
        self.0.insert(kind);
    }

    pub(crate) fn remove(&mut self, kind: Kind) -> bool {
        self.0.remove(&kind)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Kind> + '_ {
        self.0.iter().copied()
    }

    /// The kinds that are here and not there, as a person would name them: `number` says `integer` too.
    pub(crate) fn beyond<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = Kind> + 'a {
        let number = self.has(Kind::Number) && !other.has(Kind::Number);
        self.iter().filter(|kind| !other.has(*kind)).filter(move |kind| !(number && *kind == Kind::Integer))
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        Self(kinds.into_iter().collect())
    }
}
