//! The change of a nullable field in an update.

use serde::{Serialize, Serializer};

/// What an update does to a nullable field. The API keeps a field that is absent, and clears a field that is `null`.
///
/// ```
/// use flowglad_core::{api::CustomerChanges, input::Change};
/// let mut changes = CustomerChanges::new();
/// changes.domain = Change::Clear;
/// changes.logo_url = "https://app.example.com/logo.png".into();
/// assert_eq!(
///     serde_json::to_string(&changes).unwrap(),
///     r#"{"logoURL":"https://app.example.com/logo.png","domain":null}"#
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Keeps the current value; the field is not sent.
    #[default]
    Keep,
    /// Clears the field; `null` is sent.
    Clear,
    /// Sets this value.
    Set(T),
}

impl<T> Change<T> {
    /// Whether the field is left out of the request.
    pub(crate) fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Whether a field with this value is as the change asks.
    pub(crate) fn is_made(&self, value: Option<&T>) -> bool
    where
        T: PartialEq,
    {
        match self {
            Self::Keep => true,
            Self::Clear => value.is_none(),
            Self::Set(wanted) => value == Some(wanted),
        }
    }
}

impl<T> From<T> for Change<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

impl From<&str> for Change<String> {
    fn from(value: &str) -> Self {
        Self::Set(value.to_owned())
    }
}

impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Clear => serializer.serialize_none(),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}
