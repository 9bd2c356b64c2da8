//! Trials.

use crate::{
    billing::view::Billing,
    model::{Subscription, SubscriptionStatus, Timestamp},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A trial that runs, from [`Billing::trial`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Trial<'a> {
    /// The subscription.
    pub subscription: &'a Subscription,
    /// When the trial ends.
    pub ends_at: Timestamp,
    /// How many days are left. A day that has begun counts, and zero means that it is over.
    pub days_left: u64,
}

impl Billing {
    /// The trial of the first current subscription at the time `now` (`status` is `trialing`, and `trialEnd`).
    ///
    /// Flowglad ends trials once an hour, so a trial may be listed for some time with zero days left.
    ///
    /// # Examples
    /// ```no_run
    /// use std::time::SystemTime;
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// if let Some(trial) = me.billing().await?.trial(SystemTime::now()) {
    ///     println!("{} days left", trial.days_left);
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn trial(&self, now: impl Into<Timestamp>) -> Option<Trial<'_>> {
        let subscription = self.first_current().filter(|one| one.status == SubscriptionStatus::Trialing)?;
        let ends_at = subscription.trial_end?;
        let left = ends_at.as_millis().saturating_sub(now.into().as_millis()).max(0).unsigned_abs();
        Some(Trial { subscription, ends_at, days_left: left.div_ceil(DAY_MS.unsigned_abs()) })
    }

    /// Whether the customer ever had a trial (`trialEnd` of any subscription). Then a price with a trial is charged at
    /// once.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let billing = me.billing().await?;
    /// println!("{}", if billing.has_had_trial() { "Buy now" } else { "Try it for free" });
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn has_had_trial(&self) -> bool {
        self.subscriptions().iter().any(|subscription| subscription.trial_end.is_some())
    }
}
