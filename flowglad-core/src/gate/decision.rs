//! The decision about a requirement.

use std::{borrow::Cow, time::Duration};

use crate::billing::{NotEntitled, Source};

/// Whether a customer meets a requirement, by which billing, and how old that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub(super) reason: Option<Reason>,
    pub(super) source: Source,
    pub(super) age: Duration,
}

impl Decision {
    /// Whether the requirement is met.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.reason.is_none()
    }

    /// Why it is not met. `None` if it is.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        self.reason.as_ref()
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
}

/// Why a requirement is not met.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The plan does not grant the feature.
    #[non_exhaustive]
    NoFeature {
        /// The slug of the feature.
        feature: Cow<'static, str>,
    },
    /// Too little is available on the usage meter.
    #[non_exhaustive]
    LowBalance {
        /// The slug of the meter.
        meter: Cow<'static, str>,
        /// How much is required.
        required: u64,
        /// How much is available.
        available: i64,
    },
    /// There is no paid plan.
    NoPaidPlan,
    /// The plan is another one.
    #[non_exhaustive]
    OtherPlan {
        /// The slug of the required product.
        plan: Cow<'static, str>,
    },
    /// The product was not bought.
    #[non_exhaustive]
    NotPurchased {
        /// The slug of the product.
        product: Cow<'static, str>,
    },
    /// The plan grants no unit of the resource.
    #[non_exhaustive]
    NoSeat {
        /// The slug, as it was given to [`seat`](crate::gate::seat).
        resource: Cow<'static, str>,
    },
    /// The plan grants it, but does not count, for example because its payment failed.
    NotEntitled(NotEntitled),
}
