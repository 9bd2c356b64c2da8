//! Metadata that an app attaches to a checkout.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Number;

use crate::input::InvalidInput;

/// The maximum length of a text value.
const MAX_TEXT_CHARS: usize = 500;

/// Names and values that an app attaches to the records that a checkout creates.
///
/// ```
/// use flowglad_core::input::Metadata;
/// let metadata = Metadata::new().with("campaign", "autumn")?.with("seats", 3_i64)?.with("gift", true)?;
/// # Ok::<_, flowglad_core::InvalidInput>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, MetadataValue>);

/// One value of [`Metadata`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum MetadataValue {
    /// A text of at most 500 characters.
    Text(String),
    /// Any JSON number.
    Number(Number),
    /// `true` or `false`.
    Bool(bool),
}

impl Metadata {
    /// Makes metadata without entries.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry, or replaces the entry with the same name.
    ///
    /// # Errors
    /// [`InvalidInput`] if a text is longer than 500 characters.
    pub fn with(mut self, name: impl Into<String>, value: impl Into<MetadataValue>) -> Result<Self, InvalidInput> {
        self.insert(name, value)?;
        Ok(self)
    }

    /// Adds an entry, or replaces the entry with the same name.
    ///
    /// # Errors
    /// [`InvalidInput`] if a text is longer than 500 characters. The metadata is then unchanged.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<MetadataValue>) -> Result<(), InvalidInput> {
        let value = value.into();
        if let MetadataValue::Text(text) = &value
            && text.chars().count() > MAX_TEXT_CHARS
        {
            return Err(InvalidInput::new("metadata", "values must be at most 500 characters long"));
        }
        self.0.insert(name.into(), value);
        Ok(())
    }
}

impl From<&str> for MetadataValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for MetadataValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for MetadataValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for MetadataValue {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<Number> for MetadataValue {
    fn from(value: Number) -> Self {
        Self::Number(value)
    }
}
