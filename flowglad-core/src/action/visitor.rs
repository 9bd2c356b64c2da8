//! Who is asking.

use crate::{InvalidCustomer, RequestingCustomer};

/// Who the app's session says is asking.
#[derive(Clone, Debug)]
pub enum Visitor {
    /// Somebody whom Flowglad can bill.
    Customer(RequestingCustomer),
    /// Somebody with a session, but without what a customer needs.
    Invalid(InvalidCustomer),
    /// Nobody is signed in.
    Anonymous,
}

impl From<RequestingCustomer> for Visitor {
    fn from(customer: RequestingCustomer) -> Self {
        Self::Customer(customer)
    }
}

impl<E: Into<InvalidCustomer>> From<Result<RequestingCustomer, E>> for Visitor {
    fn from(customer: Result<RequestingCustomer, E>) -> Self {
        customer.map_or_else(|invalid| Self::Invalid(invalid.into()), Self::Customer)
    }
}

impl<V: Into<Visitor>> From<Option<V>> for Visitor {
    fn from(signed_in: Option<V>) -> Self {
        signed_in.map_or(Self::Anonymous, Into::into)
    }
}
