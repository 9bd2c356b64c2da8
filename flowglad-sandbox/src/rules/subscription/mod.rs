//! The life of a subscription.
//!
//! Start with `start`, which makes one and bills its first period; then `adjustment`, `cancellation` and `ending`, and
//! `dunning` for what follows a declined renewal.

pub(crate) mod adjustment;
pub(crate) mod adjustment_decision;
pub(crate) mod cancellation;
pub(crate) mod current;
pub(crate) mod dunning;
pub(crate) mod ending;
pub(crate) mod new_subscription;
pub(crate) mod scheduled_adjustment;
pub(crate) mod start;
