//! Subscriptions of the customer, and the check that a subscription is the customer's.

use std::num::NonZeroU64;

use serde::Serialize;

use super::Before;
use crate::{
    Answer, CustomerScope, Error, InvalidInput, PriceRef, Refusal,
    api::{CustomerRef, NewSubscription},
    model::{Adjusted, AdjustmentPreview, CanceledAdjustment, Subscription, SubscriptionId, SubscriptionStatus},
};

/// When a canceled subscription ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CancellationTiming {
    /// With the paid period; the customer keeps access until then.
    AtEndOfCurrentBillingPeriod,
    /// Now.
    Immediately,
}

/// When a change of plan takes effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentTiming {
    /// A dearer or equal plan now, a cheaper one with the end of the paid period.
    #[default]
    Auto,
    /// Now; what is due more is charged at once.
    Immediately,
    /// With the end of the paid period.
    AtEndOfCurrentBillingPeriod,
}

/// A price and a quantity that a subscription is to consist of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewSubscriptionItem {
    /// The price.
    #[serde(flatten)]
    pub price: PriceRef,
    /// How many.
    pub quantity: NonZeroU64,
}

/// A change of plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// All that the subscription is to consist of; at least one.
    pub items: Vec<NewSubscriptionItem>,
    /// When it takes effect.
    pub timing: AdjustmentTiming,
    /// Whether the rest of the paid period is set off. Without effect at the end of a period.
    pub prorate: bool,
}

impl Adjustment {
    /// To one of a price, with everything else at its default: `auto` timing, with proration.
    #[must_use]
    pub fn to(price: PriceRef) -> Self {
        let items = vec![NewSubscriptionItem { price, quantity: NonZeroU64::MIN }];
        Self { items, timing: AdjustmentTiming::default(), prorate: true }
    }
}

/// A customer's subscriptions, each with its raw JSON.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CustomerSubscriptions {
    /// Every subscription the customer ever had.
    pub all: Vec<Answer<Subscription>>,
    /// Those in force, in the API's order.
    pub current: Vec<Answer<Subscription>>,
    /// The most recent of those in force, as the API chose it.
    pub most_recent: Option<Answer<Subscription>>,
}

impl CustomerScope {
    /// The customer's subscriptions (from `GET /customers/{externalId}/billing`).
    ///
    /// # Errors
    /// As every call.
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
    /// It is checked first that the subscription is the customer's.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such subscription, [`Error::Forbidden`] if it is another customer's,
    /// [`Error::Refused`] if it is in no state to be canceled, [`Error::Api`] if Flowglad refuses.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::CancellationTiming;
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// me.cancel_subscription(&"sub_1".parse()?, CancellationTiming::AtEndOfCurrentBillingPeriod).await?;
    /// # Ok(()) }
    /// ```
    pub async fn cancel_subscription(
        &self,
        subscription: &SubscriptionId,
        timing: CancellationTiming,
    ) -> Result<Answer<Subscription>, Error> {
        refuse_cancel(&*self.owned(subscription).await?, timing)?;
        self.flowglad.subscriptions().cancel(subscription, timing).await
    }

    /// Takes back a scheduled cancellation (`POST /subscriptions/{id}/uncancel`). A subscription without one is given
    /// back as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such subscription, [`Error::Forbidden`] if it is another customer's,
    /// [`Error::Api`] if Flowglad refuses, for example without a card to charge.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), Box<dyn std::error::Error>> {
    /// me.uncancel_subscription(&"sub_1".parse()?).await?;
    /// # Ok(()) }
    /// ```
    pub async fn uncancel_subscription(&self, subscription: &SubscriptionId) -> Result<Answer<Subscription>, Error> {
        let owned = self.owned(subscription).await?;
        if owned.status != SubscriptionStatus::CancellationScheduled {
            return Ok(owned);
        }
        self.flowglad.subscriptions().uncancel(subscription).await
    }

    /// Moves a subscription to other prices (`POST /subscriptions/{id}/adjust`). Never sent twice.
    ///
    /// # Errors
    /// [`Error::NoCurrentSubscription`] or [`Error::AmbiguousSubscription`] if none is named and there is not exactly one
    /// current; [`Error::NotFound`] or [`Error::Forbidden`] if the named one is not the customer's; [`Error::Refused`] if
    /// it is in no state to be changed; [`Error::Api`] if Flowglad refuses, for example without a card to charge.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{Adjustment, PriceRef};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let adjusted = me.adjust_subscription(&Adjustment::to(PriceRef::Slug("team_monthly".into())), None).await?;
    /// println!("{:?}", adjusted.resolved_timing);
    /// # Ok(()) }
    /// ```
    pub async fn adjust_subscription(
        &self,
        adjustment: &Adjustment,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Answer<Adjusted>, Error> {
        let subscription = self.to_adjust(adjustment, subscription).await?;
        refuse_adjust(&subscription)?;
        self.flowglad.subscriptions().adjust(&subscription.id, adjustment).await
    }

    /// Computes what a change of plan would lead to, and changes nothing (`POST /subscriptions/{id}/preview-adjust`).
    ///
    /// # Errors
    /// As [`adjust_subscription`](Self::adjust_subscription), but a change that would be refused is no error: see
    /// [`AdjustmentPreview::can_adjust`].
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{Adjustment, PriceRef};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let to_team = Adjustment::to(PriceRef::Slug("team_monthly".into()));
    /// println!("{:?} now", me.preview_adjust_subscription(&to_team, None).await?.proration_amount);
    /// # Ok(()) }
    /// ```
    pub async fn preview_adjust_subscription(
        &self,
        adjustment: &Adjustment,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Answer<AdjustmentPreview>, Error> {
        let subscription = self.to_adjust(adjustment, subscription).await?;
        self.flowglad.subscriptions().preview_adjust(&subscription.id, adjustment).await
    }

    /// Takes back a planned change of plan (`POST /subscriptions/{id}/cancel-scheduled-adjustment`). Never sent twice.
    ///
    /// # Errors
    /// As [`cancel_subscription`](Self::cancel_subscription); [`Error::Api`] if none is planned.
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
    ) -> Result<Answer<CanceledAdjustment>, Error> {
        self.owned(subscription).await?;
        self.flowglad.subscriptions().cancel_scheduled_adjustment(subscription).await
    }

    /// Begins a subscription without a checkout (`POST /subscriptions`), creating the customer first if Flowglad does not
    /// know it. Never sent twice.
    ///
    /// # Errors
    /// [`Error::NotFound`] if a card is named that is not the customer's; [`Error::Api`] if Flowglad refuses, for example
    /// because the customer has a subscription already.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{PriceRef, api::NewSubscription};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let mut gift = NewSubscription::to(PriceRef::Slug("pro_monthly".into()));
    /// gift.do_not_charge = Some(true);
    /// println!("{:?}", me.create_subscription(&gift).await?.status);
    /// # Ok(()) }
    /// ```
    pub async fn create_subscription(&self, subscription: &NewSubscription) -> Result<Answer<Subscription>, Error> {
        self.check_cards(subscription).await?;
        let customer = CustomerRef::ExternalId(self.who.external_id().to_owned());
        let create = || async { self.flowglad.subscriptions().create(&customer, subscription).await };
        match create().await {
            // It may be about the customer or about the price. Nothing was begun for a customer who was not there.
            Err(refusal) if refusal.is_plain_not_found() => match self.find_or_create_noting().await? {
                (_, Before::Known) if !refusal.blames_the_customer() => Err(refusal),
                // Another request may have created the customer since the refusal.
                _ => create().await,
            },
            answer => answer,
        }
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
    ) -> Result<Answer<Subscription>, Error> {
        if adjustment.items.is_empty() {
            return Err(InvalidInput::new("items", "must not be empty").into());
        }
        self.owned_or_only_current(subscription).await
    }

    /// The named subscription if it is the customer's, else the only current one.
    pub(super) async fn owned_or_only_current(
        &self,
        named: Option<&SubscriptionId>,
    ) -> Result<Answer<Subscription>, Error> {
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

    /// Reads a subscription and the customer at the same time, and gives the subscription only if it is the customer's.
    pub(super) async fn owned(&self, id: &SubscriptionId) -> Result<Answer<Subscription>, Error> {
        let (subscription, customer) = tokio::join!(self.read_subscription(id), self.read_customer());
        let subscription = subscription?;
        let customer = customer.map_err(|error| if error.is_plain_not_found() { missing(id) } else { error })?;
        if subscription.customer_id == customer.id {
            Ok(subscription)
        } else {
            Err(Error::Forbidden { subscription_id: id.as_str().into() })
        }
    }

    async fn read_subscription(&self, id: &SubscriptionId) -> Result<Answer<Subscription>, Error> {
        let subscription = match self.flowglad.subscriptions().get(id).await {
            Err(error) if error.is_not_found() => return Err(missing(id)),
            answer => answer?,
        };
        // The API's routes are lenient; a record of another id is not the one that was asked for.
        if subscription.id == *id { Ok(subscription) } else { Err(missing(id)) }
    }
}

/// What the API would refuse with a bare 500, and the record in hand already shows.
fn refuse_cancel(subscription: &Subscription, timing: CancellationTiming) -> Result<(), Error> {
    let at_period_end = timing == CancellationTiming::AtEndOfCurrentBillingPeriod;
    refuse(&[
        (subscription.has_ended(), Refusal::AlreadyCanceled),
        (subscription.is_free_plan == Some(true), Refusal::FreePlan),
        (subscription.scheduled_adjustment_at.is_some(), Refusal::AdjustmentScheduled),
        (at_period_end && subscription.renews == Some(false), Refusal::NonRenewing),
    ])
}

fn refuse_adjust(subscription: &Subscription) -> Result<(), Error> {
    refuse(&[
        (subscription.has_ended(), Refusal::AlreadyCanceled),
        (subscription.renews == Some(false), Refusal::NonRenewing),
        (subscription.do_not_charge == Some(true), Refusal::DoNotCharge),
        (subscription.is_free_plan == Some(true), Refusal::FreePlan),
        (subscription.scheduled_adjustment_at.is_some(), Refusal::AdjustmentScheduled),
        (subscription.status == SubscriptionStatus::CancellationScheduled, Refusal::CancellationScheduled),
    ])
}

fn refuse(rules: &[(bool, Refusal)]) -> Result<(), Error> {
    match rules.iter().find(|(applies, _)| *applies) {
        Some((_, refusal)) => Err(Error::Refused(*refusal)),
        None => Ok(()),
    }
}

fn missing(id: &SubscriptionId) -> Error {
    Error::not_found("subscription", id.as_str())
}
