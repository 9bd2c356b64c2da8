//! The identity of the caller.

use crate::input::{InvalidCustomer, RequestingCustomer};

/// The identity of the caller, as found in the app's session.
#[derive(Clone, Debug)]
pub enum Identity {
    /// A signed-in user whom Flowglad can bill.
    Customer(RequestingCustomer),
    /// A signed-in user without the data that a customer requires, for example without an email.
    Invalid(InvalidCustomer),
    /// A signed-in user without an organization, in an app where organizations pay.
    NoOrganization,
    /// An anonymous caller: no user is signed in.
    Anonymous,
}

impl Identity {
    /// What it means that the app's own extractor (or request guard) refused with this status. `None` if it does not mean
    /// that no user is signed in: then the app's own response is sent, for example its 403 to a locked account.
    ///
    /// The statuses for "not signed in" are 401, a redirect (to the sign-in page), 400 (a header or cookie is missing) and
    /// 404 (which is Rocket's word for a guard that does not match).
    #[must_use]
    pub fn from_refusal(status: u16) -> Option<Self> {
        matches!(status, 300..=399 | 400 | 401 | 404).then_some(Self::Anonymous)
    }
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
