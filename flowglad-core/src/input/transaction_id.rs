//! The id under which a usage event counts once.

use std::{fmt, str::FromStr};

use serde::Serialize;
#[cfg(feature = "usage-recorder")]
use uuid::Uuid;

use crate::input::{InvalidInput, RequestingCustomer};

/// The id under which a usage event counts once. It is unique per usage meter **over all customers**, so
/// [`of`](Self::of) is the safe way to make one.
///
/// It is never blank: the API takes an empty id for that of any event it has stored, and records nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct TransactionId(String);

impl TransactionId {
    /// An id made from the customer and `key`, for example the id of your own request, order or job. The same key counts
    /// once for a customer, and never collides with a key of another customer.
    ///
    /// ```
    /// use flowglad_core::{RequestingCustomer, input::TransactionId};
    /// let ada = RequestingCustomer::new("user_42", "Ada", "ada@example.com")?;
    /// assert_eq!(TransactionId::of(&ada, "order_17").as_str(), "7:user_42:order_17");
    /// # Ok::<_, flowglad_core::InvalidCustomer>(())
    /// ```
    #[must_use]
    pub fn of(customer: &RequestingCustomer, key: &str) -> Self {
        let id = customer.external_id();
        // The length keeps apart "a" with "b:c" and "a:b" with "c".
        Self(format!("{}:{id}:{key}", id.len()))
    }

    /// The same id if it is one [`of`](Self::of) this customer, or else one that is made of it.
    #[cfg(feature = "usage-recorder")]
    pub(crate) fn owned_by(self, customer: &RequestingCustomer) -> Self {
        let start = Self::of(customer, "");
        if self.0.starts_with(&start.0) { self } else { Self::of(customer, &self.0) }
    }

    /// An id that no other usage has.
    #[cfg(feature = "usage-recorder")]
    pub(crate) fn fresh() -> Self {
        Self(Uuid::new_v4().to_string())
    }

    /// The id of a record, which was checked when it was recorded.
    #[cfg(feature = "usage-recorder")]
    pub(crate) fn from_record(id: &str) -> Option<Self> {
        id.parse().ok()
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TransactionId {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        if text.trim().is_empty() {
            return Err(InvalidInput::new("transaction id", "must not be empty"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for TransactionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_id_is_refused() {
        for blank in ["", " ", "\t\n"] {
            assert!(blank.parse::<TransactionId>().is_err(), "{blank:?}");
        }
        assert_eq!("req_8842".parse::<TransactionId>().unwrap().as_str(), "req_8842");
    }
}
