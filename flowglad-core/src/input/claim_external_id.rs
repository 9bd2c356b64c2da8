//! The app's own id of a claim's holder.

use std::str::FromStr;

use serde::Serialize;

use crate::input::InvalidInput;

/// The app's own id of a resource claim's holder, for example of the user who has the seat. 1 to 255 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct ClaimExternalId(String);

impl ClaimExternalId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClaimExternalId {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        match text.chars().count() {
            1..=255 => Ok(Self(text.to_owned())),
            _ => Err(InvalidInput::new("external id", "must be 1 to 255 characters long")),
        }
    }
}
