//! Who is asking.

use crate::input::{InvalidCustomer, RequestingCustomer};

/// Who the app's session says is asking.
#[derive(Clone, Debug)]
pub enum Identity {
    /// Somebody whom Flowglad can bill.
    Customer(RequestingCustomer),
    /// Somebody with a session, but without what a customer needs.
    Invalid(InvalidCustomer),
    /// Nobody is signed in.
    Anonymous,
}

impl From<RequestingCustomer> for Identity {
    fn from(customer: RequestingCustomer) -> Self {
        Self::Customer(customer)
    }
}

impl<E: Into<InvalidCustomer>> From<Result<RequestingCustomer, E>> for Identity {
    fn from(customer: Result<RequestingCustomer, E>) -> Self {
        customer.map_or_else(|invalid| Self::Invalid(invalid.into()), Self::Customer)
    }
}

impl<V: Into<Identity>> From<Option<V>> for Identity {
    fn from(signed_in: Option<V>) -> Self {
        signed_in.map_or(Self::Anonymous, Into::into)
    }
}
