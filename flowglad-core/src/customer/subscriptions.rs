//! Calls about subscriptions of the customer, and the check that a subscription is the customer's.

use crate::{
    api::{Adjustment, CancellationTiming, CustomerRef, NewSubscription},
    billing::CustomerSubscriptions,
    client::json::Response,
    customer::{CustomerScope, uncertain_change::adjustment_seen_in},
    error::{Error, Precondition},
    input::InvalidInput,
    model::{
        AdjustmentPreview, AdjustmentResult, CanceledAdjustment, Subscription, SubscriptionId, SubscriptionStatus,
    },
};

impl CustomerScope {
    /// Reads the customer's subscriptions (from `GET /customers/{externalId}/billing`).
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// println!("{} in force", me.subscriptions().await?.current.len());
    /// # Ok(()) }
    /// ```
    pub async fn subscriptions(&self) -> Result<CustomerSubscriptions, Error> {
        self.billing_document().await?.subscriptions()
    }

    /// Cancels a subscription of this customer (`POST /subscriptions/{id}/cancel`).
    ///
    /// The subscription is first read and checked to be the customer's. The cancellation is retried after transient
    /// failures: the API answers a second one with the unchanged record.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such subscription, [`Error::Forbidden`] if it is another customer's,
    /// [`Error::FailedPrecondition`] if its state does not allow a cancellation. Errors common to
    /// [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::CancellationTiming;
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// me.cancel_subscription(&"sub_1".parse()?, CancellationTiming::AtEndOfCurrentBillingPeriod).await?;
    /// # Ok(()) }
    /// ```
    pub async fn cancel_subscription(
        &self,
        subscription: &SubscriptionId,
        timing: CancellationTiming,
    ) -> Result<Response<Subscription>, Error> {
        refuse_cancel(&*self.owned(subscription).await?, timing)?;
        self.change_or_look(
            |scope| async move { scope.flowglad.subscriptions().cancel(subscription, timing).await },
            |scope| async move { scope.read_if(subscription, |now| is_canceled(now, timing)).await },
        )
        .await
    }

    /// Withdraws a scheduled cancellation (`POST /subscriptions/{id}/uncancel`). A subscription without a scheduled
    /// cancellation is returned unchanged.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such subscription, [`Error::Forbidden`] if it is another customer's,
    /// [`Error::Api`] if Flowglad refuses, for example because there is no payment method to charge. Errors common to
    /// [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// me.uncancel_subscription(&"sub_1".parse()?).await?;
    /// # Ok(()) }
    /// ```
    pub async fn uncancel_subscription(&self, subscription: &SubscriptionId) -> Result<Response<Subscription>, Error> {
        let owned = self.owned(subscription).await?;
        if owned.status != SubscriptionStatus::CancellationScheduled {
            return Ok(owned);
        }
        self.change_or_look(
            |scope| async move { scope.flowglad.subscriptions().uncancel(subscription).await },
            |scope| async move { scope.read_if(subscription, is_uncanceled).await },
        )
        .await
    }

    /// Changes the plan: moves a subscription to other prices (`POST /subscriptions/{id}/adjust`). Without a named
    /// subscription, the customer's only current one is used.
    ///
    /// Not retried after it was sent. If the response is lost, the subscription is read once. The change has been made
    /// if the items are the wanted ones, or, unless the change was to be immediate, if a change is scheduled now: before
    /// it was sent there was none. The result then has no [`is_upgrade`](AdjustmentResult::is_upgrade).
    ///
    /// # Errors
    /// [`Error::NoCurrentSubscription`] or [`Error::AmbiguousSubscription`] if none is named and there is not exactly
    /// one current; [`Error::NotFound`] or [`Error::Forbidden`] if the named one is not the customer's;
    /// [`Error::FailedPrecondition`] if its state does not allow a change; [`Error::Api`] if Flowglad refuses, for
    /// example because there is no payment method to charge. Errors common to [all
    /// calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{Adjustment, PriceRef};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let adjusted = me.adjust_subscription(&Adjustment::to_price(PriceRef::Slug("team_monthly".into())), None).await?;
    /// println!("{:?}", adjusted.resolved_timing);
    /// # Ok(()) }
    /// ```
    pub async fn adjust_subscription(
        &self,
        adjustment: &Adjustment,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Response<AdjustmentResult>, Error> {
        let subscription = self.to_adjust(adjustment, subscription).await?;
        refuse_adjust(&subscription)?;
        let id = &subscription.id;
        self.change_or_look(
            |scope| async move { scope.flowglad.subscriptions().adjust(id, adjustment).await },
            |scope| async move {
                let now = scope.subscriptions().await?.all.into_iter().find(|now| now.id == *id);
                now.map_or(Ok(None), |now| adjustment_seen_in(&now, adjustment))
            },
        )
        .await
    }

    /// Computes the result of a change of plan without making it (`POST /subscriptions/{id}/preview-adjust`).
    ///
    /// # Errors
    /// The same as for [`adjust_subscription`](Self::adjust_subscription), except that a change which Flowglad would
    /// refuse is not an error: see [`AdjustmentPreview::can_adjust`].
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{Adjustment, PriceRef};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let to_team = Adjustment::to_price(PriceRef::Slug("team_monthly".into()));
    /// println!("{:?} now", me.preview_adjust_subscription(&to_team, None).await?.proration_amount);
    /// # Ok(()) }
    /// ```
    pub async fn preview_adjust_subscription(
        &self,
        adjustment: &Adjustment,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Response<AdjustmentPreview>, Error> {
        let subscription = self.to_adjust(adjustment, subscription).await?;
        self.flowglad.subscriptions().preview_adjust(&subscription.id, adjustment).await
    }

    /// Withdraws a scheduled change of plan (`POST /subscriptions/{id}/cancel-scheduled-adjustment`). Not retried after
    /// it was sent.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such subscription, [`Error::Forbidden`] if it is another customer's,
    /// [`Error::Api`] if no change is scheduled. Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} items", me.cancel_scheduled_adjustment(&"sub_1".parse()?).await?.canceled_item_count);
    /// # Ok(()) }
    /// ```
    pub async fn cancel_scheduled_adjustment(
        &self,
        subscription: &SubscriptionId,
    ) -> Result<Response<CanceledAdjustment>, Error> {
        self.owned(subscription).await?;
        self.flowglad.subscriptions().cancel_scheduled_adjustment(subscription).await
    }

    /// Creates a subscription without a checkout (`POST /subscriptions`). If Flowglad does not know the customer, it is
    /// created first. Not retried after it was sent.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the named payment method is not the customer's; [`Error::Api`] if Flowglad refuses, for
    /// example because the customer already has a subscription. Errors common to
    /// [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{NewSubscription, PriceRef};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let mut gift = NewSubscription::new(PriceRef::Slug("pro_monthly".into()));
    /// gift.do_not_charge = Some(true);
    /// println!("{:?}", me.create_subscription(&gift).await?.status);
    /// # Ok(()) }
    /// ```
    pub async fn create_subscription(&self, subscription: &NewSubscription) -> Result<Response<Subscription>, Error> {
        self.check_cards(subscription).await?;
        let customer = CustomerRef::ExternalId(self.customer.external_id().to_owned());
        let create = || async { self.flowglad.subscriptions().create(&customer, subscription).await };
        // "Not found" may be about the customer or about the price.
        self.create_if_missing(Error::is_not_found_code, create).await
    }

    async fn check_cards(&self, subscription: &NewSubscription) -> Result<(), Error> {
        let NewSubscription { default_payment_method_id, backup_payment_method_id, .. } = subscription;
        let named: Vec<_> = default_payment_method_id.iter().chain(backup_payment_method_id).collect();
        if named.is_empty() {
            return Ok(());
        }
        let cards = self.payment_methods().await?.methods;
        match named.into_iter().find(|named| !cards.iter().any(|card| card.id == **named)) {
            Some(foreign) => Err(Error::not_found("payment method", foreign.as_str())),
            None => Ok(()),
        }
    }

    async fn to_adjust(
        &self,
        adjustment: &Adjustment,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Response<Subscription>, Error> {
        if adjustment.items.is_empty() {
            return Err(InvalidInput::new("items", "must not be empty").into());
        }
        self.owned_or_only_current(subscription).await
    }

    /// Returns the named subscription after checking that it is the customer's, or the only current one if none is
    /// named.
    pub(super) async fn owned_or_only_current(
        &self,
        named: Option<&SubscriptionId>,
    ) -> Result<Response<Subscription>, Error> {
        if let Some(id) = named {
            return self.owned(id).await;
        }
        let mut current = self.subscriptions().await?.current;
        match (current.pop(), current.pop()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(Error::NoCurrentSubscription),
            (Some(_), Some(_)) => Err(Error::AmbiguousSubscription),
        }
    }

    /// Reads a subscription and the customer at the same time, and returns the subscription only if it is the
    /// customer's.
    pub(super) async fn owned(&self, id: &SubscriptionId) -> Result<Response<Subscription>, Error> {
        let (subscription, customer) = tokio::join!(self.read_subscription(id), self.read_customer());
        let subscription = subscription?;
        let customer = customer.map_err(|error| if error.is_not_found_code() { missing(id) } else { error })?;
        if subscription.customer_id == customer.id {
            Ok(subscription)
        } else {
            Err(Error::Forbidden { subscription_id: id.as_str().into() })
        }
    }

    async fn read_if(
        &self,
        id: &SubscriptionId,
        is_changed: impl FnOnce(&Subscription) -> bool,
    ) -> Result<Option<Response<Subscription>>, Error> {
        Ok(Some(self.read_subscription(id).await?).filter(|now| is_changed(now)))
    }

    async fn read_subscription(&self, id: &SubscriptionId) -> Result<Response<Subscription>, Error> {
        let subscription = match self.flowglad.subscriptions().get(id).await {
            Err(error) if error.is_not_found() => return Err(missing(id)),
            response => response?,
        };
        // The API's routing is lenient, so the response may be a record with another id.
        if subscription.id == *id { Ok(subscription) } else { Err(missing(id)) }
    }
}

/// Refuses a cancellation that the API would refuse with a 500 without an explanation.
fn refuse_cancel(subscription: &Subscription, timing: CancellationTiming) -> Result<(), Error> {
    let at_period_end = timing == CancellationTiming::AtEndOfCurrentBillingPeriod;
    refuse(&[
        (subscription.has_ended(), Precondition::AlreadyCanceled),
        (subscription.is_free_plan == Some(true), Precondition::FreePlan),
        (subscription.scheduled_adjustment_at.is_some(), Precondition::AdjustmentScheduled),
        (at_period_end && subscription.renews == Some(false), Precondition::NonRenewing),
    ])
}

fn refuse_adjust(subscription: &Subscription) -> Result<(), Error> {
    refuse(&[
        (subscription.has_ended(), Precondition::AlreadyCanceled),
        (subscription.renews == Some(false), Precondition::NonRenewing),
        (subscription.do_not_charge == Some(true), Precondition::DoNotCharge),
        (subscription.is_free_plan == Some(true), Precondition::FreePlan),
        (subscription.scheduled_adjustment_at.is_some(), Precondition::AdjustmentScheduled),
        (subscription.status == SubscriptionStatus::CancellationScheduled, Precondition::CancellationScheduled),
    ])
}

fn is_canceled(now: &Subscription, timing: CancellationTiming) -> bool {
    let is_scheduled = now.status == SubscriptionStatus::CancellationScheduled;
    now.has_ended() || (timing == CancellationTiming::AtEndOfCurrentBillingPeriod && is_scheduled)
}

fn is_uncanceled(now: &Subscription) -> bool {
    !now.has_ended() && now.status != SubscriptionStatus::CancellationScheduled
}

fn refuse(rules: &[(bool, Precondition)]) -> Result<(), Error> {
    match rules.iter().find(|(applies, _)| *applies) {
        Some((_, precondition)) => Err(Error::FailedPrecondition(*precondition)),
        None => Ok(()),
    }
}

fn missing(id: &SubscriptionId) -> Error {
    Error::not_found("subscription", id.as_str())
}
