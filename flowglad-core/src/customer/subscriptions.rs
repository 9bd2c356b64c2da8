//! Subscriptions of the customer, and the check that a subscription is the customer's.

use std::num::NonZeroU64;

use serde::Serialize;

use crate::{
    Answer, CustomerScope, Error, InvalidInput, PriceRef, Refusal,
    api::subscriptions::{self, Adjust, AdjustBody, Cancel, Cancellation, SubscriptionReply, Uncancel},
    client::{endpoint::Endpoint, transport::Call},
    model::{Adjusted, Subscription, SubscriptionId, SubscriptionStatus},
};

/// When a canceled subscription ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CancellationTiming {
    /// With the paid period; the customer keeps access until then.
    AtEndOfCurrentBillingPeriod,
    /// Now.
    Immediately,
}

/// When a change of plan takes effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
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
    /// The subscription. Default: the customer's only current one.
    pub subscription_id: Option<SubscriptionId>,
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
        Self { items, subscription_id: None, timing: AdjustmentTiming::default(), prorate: true }
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
        let body = Cancel { cancellation: Cancellation { timing } };
        let call = Call::id(subscription.as_str()).and_body(&body);
        only_subscription(self.call(&subscriptions::CANCEL, call).await?, &subscriptions::CANCEL)
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
        let call = Call::id(subscription.as_str()).and_body(&Uncancel {});
        only_subscription(self.call(&subscriptions::UNCANCEL, call).await?, &subscriptions::UNCANCEL)
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
    /// let adjusted = me.adjust_subscription(&Adjustment::to(PriceRef::Slug("team_monthly".into()))).await?;
    /// println!("{:?}", adjusted.resolved_timing);
    /// # Ok(()) }
    /// ```
    pub async fn adjust_subscription(&self, adjustment: &Adjustment) -> Result<Answer<Adjusted>, Error> {
        if adjustment.items.is_empty() {
            return Err(InvalidInput::new("items", "must not be empty").into());
        }
        let subscription = self.owned_or_only_current(adjustment.subscription_id.as_ref()).await?;
        refuse_adjust(&subscription)?;
        let at_period_end = adjustment.timing == AdjustmentTiming::AtEndOfCurrentBillingPeriod;
        let body = AdjustBody {
            timing: adjustment.timing,
            new_subscription_items: &adjustment.items,
            prorate_current_billing_period: (!at_period_end).then_some(adjustment.prorate),
        };
        let body = Adjust { adjustment: body };
        self.call(&subscriptions::ADJUST, Call::id(subscription.id.as_str()).and_body(&body)).await
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
        let customer = customer.map_err(|error| if error.is_not_found() { missing(id) } else { error })?;
        if subscription.customer_id == customer.id {
            Ok(subscription)
        } else {
            Err(Error::Forbidden { subscription_id: id.as_str().into() })
        }
    }

    async fn read_subscription(&self, id: &SubscriptionId) -> Result<Answer<Subscription>, Error> {
        let reply = self.call(&subscriptions::GET, Call::id(id.as_str())).await;
        let subscription = match reply {
            Err(error) if is_no_such_subscription(&error) => return Err(missing(id)),
            reply => only_subscription(reply?, &subscriptions::GET)?,
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

fn only_subscription<Body>(
    reply: Answer<SubscriptionReply>,
    endpoint: &Endpoint<Body, SubscriptionReply>,
) -> Result<Answer<Subscription>, Error> {
    reply.part(endpoint.route().operation, "subscription", |reply| reply.subscription)
}

fn missing(id: &SubscriptionId) -> Error {
    Error::not_found("subscription", id.as_str())
}

/// The API words this as 404, or as a 500 that says so.
fn is_no_such_subscription(error: &Error) -> bool {
    let says_so = |message: &str| message.contains("No subscriptions found with id");
    error.is_not_found() || matches!(error, Error::Api { status: 500, message: Some(message), .. } if says_so(message))
}
