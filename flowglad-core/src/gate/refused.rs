//! The refusal of a customer who does not meet a requirement.

#[cfg(feature = "usage-recorder")]
use std::borrow::Cow;
use std::{fmt, sync::Arc, time::Duration};

#[cfg(feature = "usage-recorder")]
use crate::billing::Billing;
use crate::{
    billing::Source,
    gate::decision::{Decision, Reason},
};

/// The refusal of a customer who does not meet a requirement. `Display` is a sentence for the user.
///
/// A handler may return it: the adapters' `Refusal` is made of it, which answers with a 402 or 403.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub(super) reason: Reason,
    pub(super) source: Source,
    pub(super) age: Duration,
    pub(super) upgrade_url: Option<Arc<str>>,
}

impl Refused {
    /// Why.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// Where the billing comes from by which it was decided.
    #[must_use]
    pub fn source(&self) -> Source {
        self.source
    }

    /// How long ago that billing was read.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.age
    }

    /// Where the plans are, if the customer's scope knows.
    pub(crate) fn upgrade_url(&self) -> Option<&str> {
        self.upgrade_url.as_deref()
    }
}

#[cfg(feature = "usage-recorder")]
impl Refused {
    /// Only so much of the usage meter is left.
    pub(crate) fn low_balance(billing: &Billing, meter: Cow<'static, str>, required: u64, available: i64) -> Self {
        let reason = Reason::LowBalance { meter, required, available };
        Self { reason, source: billing.source(), age: billing.age(), upgrade_url: None }
    }
}

impl Decision {
    /// Returns the decision if it allows, and the refusal if not.
    ///
    /// # Errors
    /// [`Refused`], if the requirement is not met.
    pub fn into_result(self) -> Result<Self, Refused> {
        match self {
            Self { reason: Some(reason), source, age } => Err(Refused { reason, source, age, upgrade_url: None }),
            allowed => Ok(allowed),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::NoFeature { .. } => f.write_str("Your plan does not include this feature."),
            Reason::LowBalance { required, available, .. } => {
                write!(f, "This needs {required}, and you have {} left.", (*available).max(0))
            }
            Reason::NoPaidPlan => f.write_str("This needs a paid plan."),
            Reason::OtherPlan { .. } => f.write_str("This is part of another plan than yours."),
            Reason::NotPurchased { .. } => f.write_str("This is for customers who bought it."),
            Reason::NoSeat { .. } => f.write_str("Your plan does not include this."),
            Reason::NotEntitled(reason) => reason.fmt(f),
        }
    }
}

impl std::error::Error for Refused {}
