//! Email addresses, to which Flowglad sends receipts.

use std::{fmt, str::FromStr};

use email_address::Options;
use serde::Serialize;

use crate::input::InvalidInput;

/// A text that has the form of an email address. `Debug` does not show it.
///
/// ```
/// use flowglad_core::input::EmailAddress;
/// assert!("ada@example.com".parse::<EmailAddress>().is_ok());
/// assert!("ada@localhost".parse::<EmailAddress>().is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmailAddress {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        let form = Options::default().with_required_tld().without_display_text().without_domain_literal();
        match email_address::EmailAddress::parse_with_options(text, form) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(_) => Err(InvalidInput::new("email", "must be an email address")),
        }
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress")
    }
}
