//! What comes of asking a gate.

use std::ops::Deref;

use crate::{
    billing::Billing,
    customer::CustomerScope,
    error::Error,
    gate::{decision::Decision, refused::Refused},
};

/// A request that a gate let pass.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Admission {
    /// The signed-in customer.
    pub customer: CustomerScope,
    /// By what. `None` if nothing was known, and the gate lets such requests pass
    /// ([`WhenUnknown::Allow`](crate::gate::WhenUnknown::Allow)).
    pub granted: Option<Granted>,
}

impl Admission {
    pub(crate) fn new(customer: CustomerScope, granted: Option<Granted>) -> Self {
        Self { customer, granted }
    }
}

/// The billing of a customer who meets a requirement, and the decision. It can be used as the [`Billing`].
#[derive(Clone, Debug)]
pub struct Granted {
    billing: Billing,
    decision: Decision,
}

impl Granted {
    pub(super) fn new(billing: Billing, decision: Decision) -> Self {
        Self { billing, decision }
    }

    /// The billing by which it was decided.
    #[must_use]
    pub fn billing(&self) -> &Billing {
        &self.billing
    }

    /// The decision, which allows, with the source and the age of the billing.
    #[must_use]
    pub fn decision(&self) -> &Decision {
        &self.decision
    }
}

impl Deref for Granted {
    type Target = Billing;

    fn deref(&self) -> &Billing {
        &self.billing
    }
}

/// Why a customer does not pass: the customer is not entitled, or that could not be found out.
///
/// A handler may return it: the adapters' `Refusal` is made of it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotAdmitted {
    /// The customer does not meet the requirement.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Flowglad could not be read, and nothing fresh enough was known.
    #[error("cannot find out whether the customer is entitled: {0}")]
    Unavailable(#[source] Error),
}
