//! The states of a subscription that do not allow a change.

use std::fmt;

/// Why a subscription cannot be canceled or adjusted in its current state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Precondition {
    /// The subscription is the free plan, which every customer without another plan has.
    FreePlan,
    /// The subscription has ended.
    AlreadyCanceled,
    /// The subscription does not renew, so it has no billing period to change.
    NonRenewing,
    /// The subscription is free of charge (`doNotCharge`), so it has no price to change.
    DoNotCharge,
    /// A change of plan is already scheduled.
    AdjustmentScheduled,
    /// The subscription's cancellation is already scheduled.
    CancellationScheduled,
}

impl Precondition {
    /// The machine-readable name, for example `free_plan`. It is the browser's `error.code`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::FreePlan => "free_plan",
            Self::AlreadyCanceled => "already_canceled",
            Self::NonRenewing => "non_renewing",
            Self::DoNotCharge => "do_not_charge",
            Self::AdjustmentScheduled => "adjustment_scheduled",
            Self::CancellationScheduled => "cancellation_scheduled",
        }
    }
}

impl fmt::Display for Precondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FreePlan => "the free plan cannot be canceled or changed; upgrade by checkout instead",
            Self::AlreadyCanceled => "the subscription has ended already",
            Self::NonRenewing => "the subscription does not renew, so it has no period to change",
            Self::DoNotCharge => "the subscription is free of charge, so it has no price to change",
            Self::AdjustmentScheduled => "a change of plan is scheduled already; take that back first",
            Self::CancellationScheduled => "the subscription is about to end; take the cancellation back first",
        })
    }
}
