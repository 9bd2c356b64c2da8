//! Why a user cannot be a customer.

use std::convert::Infallible;

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
