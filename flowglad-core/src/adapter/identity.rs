//! The identity of the caller.

use crate::input::{InvalidCustomer, RequestingCustomer};

/// The identity of the caller, as found in the app's session.
#[derive(Clone, Debug)]
pub enum Identity {
    /// A signed-in user whom Flowglad can bill.
    Customer(RequestingCustomer),
    /// A signed-in user without the data that a customer requires, for example without an email.
    Invalid(InvalidCustomer),
    /// An anonymous caller: no user is signed in.
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
