//! Who counts as entitled: whether a plan whose payment failed still opens what it grants.

use std::{fmt, time::Duration};

use crate::{
    billing::{past_due::PastDue, view::Billing},
    model::{Subscription, SubscriptionStatus, Timestamp},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long the invoice of a renewal may be open while the status is `active`: a payment takes its time.
const RENEWAL_TIME: Duration = DAY;

/// Who counts as entitled: which states of a subscription open what its plan grants.
///
/// | | [`any`](Self::any) | [`grace_days(n)`](Self::grace_days) | [`paid_up`](Self::paid_up) |
/// | --- | --- | --- | --- |
/// | `active`, `trialing`, `cancellation_scheduled` | yes | yes | yes |
/// | `past_due`, `unpaid` | yes | for n days after the paid time ended | no |
/// | a plan that costs nothing, also when it is `past_due` | yes | yes | yes |
/// | `incomplete`, `paused`, a status that this version does not know | yes | no | no |
///
/// The default is [`any`](Self::any), the meaning of [`check_feature_access`](Billing::check_feature_access) and of the
/// React hooks: the first current subscription counts, whatever its status. **With it a customer whose payments fail
/// keeps everything:** after four declined payments and 40 days every feature is still open.
///
/// ```
/// use flowglad_core::billing::Standing;
///
/// let strict = Standing::paid_up();
/// let patient = Standing::grace_days(14);
/// let no_free_plans = Standing::grace_days(14).paid_plan_only();
/// assert_eq!(Standing::default(), Standing::any());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Standing {
    /// How long a plan counts that is not paid. `None`: for ever, whatever its status.
    unpaid_for: Option<Duration>,
    paid_plan_only: bool,
}

impl Standing {
    /// Every current subscription counts, whatever its status. The default.
    #[must_use]
    pub const fn any() -> Self {
        Self { unpaid_for: None, paid_plan_only: false }
    }

    /// Only a subscription that is paid, in a trial or free of charge counts. See the table [above](Self).
    #[must_use]
    pub const fn paid_up() -> Self {
        Self { unpaid_for: Some(Duration::ZERO), ..Self::any() }
    }

    /// As [`paid_up`](Self::paid_up), but a subscription whose payment failed counts for this many days after the end of
    /// the time that was paid ([`PastDue::since`]). Flowglad retries a declined payment after 3, 8 and 13 days.
    #[must_use]
    pub const fn grace_days(days: u32) -> Self {
        Self { unpaid_for: Some(Duration::from_secs(days as u64 * DAY.as_secs())), ..Self::any() }
    }

    /// A plan that costs nothing does not count.
    #[must_use]
    pub const fn paid_plan_only(self) -> Self {
        Self { paid_plan_only: true, ..self }
    }

    /// Checks whether a current subscription counts at this time.
    ///
    /// A subscription that is `active` or `cancellation_scheduled` counts as not paid when the invoice of its current
    /// period is open for more than a day: otherwise a customer could become `active` by scheduling a cancellation and
    /// withdrawing it.
    ///
    /// # Errors
    /// [`NotEntitled`]: why it does not count.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{billing::Standing, model::Timestamp};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let billing = me.billing().await?;
    /// let now = Timestamp::from(std::time::SystemTime::now());
    /// if let Some(plan) = billing.current_subscriptions().first() {
    ///     println!("{:?}", Standing::paid_up().counts(&billing, plan, now));
    /// }
    /// # Ok(()) }
    /// ```
    pub fn counts(&self, billing: &Billing, subscription: &Subscription, now: Timestamp) -> Result<(), NotEntitled> {
        if self.paid_plan_only && subscription.is_free() {
            return Err(NotEntitled::FreePlan);
        }
        let Some(unpaid_for) = self.unpaid_for else { return Ok(()) };
        let within = |past_due: &PastDue<'_>, limit: Duration| elapsed(past_due.since, now) < limit;
        let unpaid = match subscription.status {
            _ if subscription.owes_nothing() && !subscription.has_ended() => None,
            SubscriptionStatus::Trialing | SubscriptionStatus::CreditTrial => None,
            SubscriptionStatus::Active | SubscriptionStatus::CancellationScheduled => {
                billing.unpaid_renewal(subscription).filter(|past_due| !within(past_due, unpaid_for.max(RENEWAL_TIME)))
            }
            SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid => {
                Some(billing.unpaid(subscription)).filter(|past_due| !within(past_due, unpaid_for))
            }
            _ => return Err(NotEntitled::Status { status: subscription.status.clone() }),
        };
        match unpaid {
            None => Ok(()),
            Some(past_due) => Err(NotEntitled::PastDue { status: subscription.status.clone(), since: past_due.since }),
        }
    }
}

/// The time from `since` to `now`, or zero if `since` is ahead.
fn elapsed(since: Timestamp, now: Timestamp) -> Duration {
    Duration::from_millis(now.as_millis().saturating_sub(since.as_millis()).try_into().unwrap_or_default())
}

/// Why a subscription does not count as entitled. `Display` is a sentence for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotEntitled {
    /// A payment failed.
    #[non_exhaustive]
    PastDue {
        /// The status of the subscription.
        status: SubscriptionStatus,
        /// Until when it is paid.
        since: Timestamp,
    },
    /// The plan costs nothing, and only paid plans count.
    FreePlan,
    /// The subscription is paused, waits for its first payment, has ended, or has a status that this version of the
    /// crate does not know.
    #[non_exhaustive]
    Status {
        /// The status of the subscription.
        status: SubscriptionStatus,
    },
}

impl fmt::Display for NotEntitled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PastDue { .. } => "Your last payment failed. Please update your card to continue.",
            Self::FreePlan => "This needs a paid plan.",
            Self::Status { status: SubscriptionStatus::Incomplete } => {
                "Your plan starts with its first payment, which is not complete yet."
            }
            Self::Status { status: SubscriptionStatus::Paused } => "Your plan is paused.",
            Self::Status { .. } => "Your plan is not active.",
        })
    }
}

impl std::error::Error for NotEntitled {}
