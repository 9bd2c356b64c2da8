//! The app's user as the customer that Flowglad bills.

use std::{convert::Infallible, fmt, sync::Arc};

use crate::input::{EmailAddress, segment::check_segment};

/// The app's user as a Flowglad customer. A value of this type is always valid.
///
/// ```
/// use flowglad_core::RequestingCustomer;
/// let ada = RequestingCustomer::new("user_42", "Ada", "ada@example.com")?;
/// assert_eq!(ada.external_id(), "user_42");
/// assert!(RequestingCustomer::new("user/42", "Ada", "ada@example.com").is_err());
/// # Ok::<_, flowglad_core::InvalidCustomer>(())
/// ```
///
/// Cloning is cheap. `Debug` shows the id only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RequestingCustomer(Arc<Fields>);

#[derive(PartialEq, Eq, Hash)]
struct Fields {
    external_id: String,
    name: String,
    email: EmailAddress,
}

impl RequestingCustomer {
    /// Makes a customer of the app's own user id, a display name, and an email address.
    ///
    /// Name and email are used when the customer is created in Flowglad. To change them later, call
    /// [`CustomerScope::update`](crate::CustomerScope::update).
    ///
    /// The id selects the customer whose data is read and changed, so it must come from the app's session and never
    /// from data that a browser sends.
    ///
    /// # Errors
    /// [`InvalidCustomer`] if the id is blank, is longer than 255 characters, consists of dots, or contains a slash, a
    /// backslash or a control character; or if the email is missing or not an email address.
    pub fn new(
        external_id: impl Into<String>,
        name: impl Into<String>,
        email: impl Into<String>,
    ) -> Result<Self, InvalidCustomer> {
        let (external_id, name, email) = (external_id.into(), name.into(), email.into());
        check_segment(&external_id).map_err(InvalidCustomer::ExternalId)?;
        if email.trim().is_empty() {
            return Err(InvalidCustomer::EmailMissing);
        }
        let email = email.parse().map_err(|_| InvalidCustomer::EmailMalformed)?;
        Ok(Self(Arc::new(Fields { external_id, name, email })))
    }

    /// The app's own id of the user (or of the organization that pays).
    #[must_use]
    pub fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// The display name; may be empty.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The email address to which Flowglad sends receipts.
    #[must_use]
    pub fn email(&self) -> &str {
        self.0.email.as_str()
    }
}

impl fmt::Debug for RequestingCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RequestingCustomer").field(&self.external_id()).finish()
    }
}

/// The error for a user who cannot be a customer. The text never contains the refused value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCustomer {
    /// The id cannot be used.
    #[error("the customer's external id {0}")]
    ExternalId(&'static str),
    /// The email is empty or blank.
    #[error("the customer's email is missing: Flowglad sends receipts to it")]
    EmailMissing,
    /// The email is not an email address.
    #[error("the customer's email is not an email address")]
    EmailMalformed,
}

/// Needed for apps with `impl From<User> for RequestingCustomer`, whose conversion cannot fail.
impl From<Infallible> for InvalidCustomer {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_could_reach_another_route_or_log_line_are_refused() {
        let long = "a".repeat(256);
        for id in ["", "  ", "\t", ".", "..", "....", "a/b", "../bob", "a\\b", "a\nb", "a\u{7f}", &long] {
            assert!(
                matches!(RequestingCustomer::new(id, "Ada", "ada@example.com"), Err(InvalidCustomer::ExternalId(_))),
                "{id:?}"
            );
        }
        for id in ["user_42", "a.b", "…", "100%", "alice#x", "a b", "9f1c:acme", &"a".repeat(255)] {
            assert!(RequestingCustomer::new(id, "Ada", "ada@example.com").is_ok(), "{id:?}");
        }
    }

    #[test]
    fn email_must_be_an_address() {
        for email in ["", "   "] {
            assert_eq!(RequestingCustomer::new("u", "", email), Err(InvalidCustomer::EmailMissing));
        }
        for email in [
            "ada",
            "ada@",
            "@example.com",
            "ada@localhost",
            "a b@example.com",
            "Ada <ada@example.com>",
            "a@b.c\r\nX: y",
        ] {
            assert_eq!(RequestingCustomer::new("u", "", email), Err(InvalidCustomer::EmailMalformed), "{email:?}");
        }
        assert!(RequestingCustomer::new("u", "", "ada+test@mail.example.co.uk").is_ok());
    }
}
