//! `/subscriptions/{id}/adjust` and related operations: plan changes.

use std::num::NonZeroU64;

use serde::Serialize;

use crate::{
    api::{
        prices::PriceRef,
        subscriptions::{NewSubscriptionItem, Subscriptions},
    },
    client::{
        endpoint::{Changes, Endpoint, NoFields},
        json::Response,
        transport::Call,
    },
    error::Error,
    model::{AdjustmentPreview, AdjustmentResult, CanceledAdjustment, SubscriptionId},
};

/// Not idempotent: it may charge immediately, and a retry could charge again.
pub(crate) const ADJUST: Endpoint<Adjust<'_>, AdjustmentResult> =
    Endpoint::post("subscriptions.adjust", "/subscriptions/{id}/adjust").changes(Changes::SubscriptionInPath);

/// Idempotent: it computes and changes nothing.
pub(crate) const PREVIEW_ADJUST: Endpoint<Adjust<'_>, AdjustmentPreview> =
    Endpoint::post("subscriptions.preview_adjust", "/subscriptions/{id}/preview-adjust")
        .idempotent()
        .changes(Changes::Nothing);

pub(crate) const CANCEL_SCHEDULED_ADJUSTMENT: Endpoint<NoFields, CanceledAdjustment> =
    Endpoint::post("subscriptions.cancel_scheduled_adjustment", "/subscriptions/{id}/cancel-scheduled-adjustment")
        .changes(Changes::SubscriptionInPath);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Adjust<'a> {
    adjustment: AdjustBody<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AdjustBody<'a> {
    timing: AdjustmentTiming,
    new_subscription_items: &'a [NewSubscriptionItem],
    /// The API accepts no proration at the end of a billing period.
    #[serde(skip_serializing_if = "Option::is_none")]
    prorate_current_billing_period: Option<bool>,
}

impl<'a> From<&'a Adjustment> for Adjust<'a> {
    fn from(adjustment: &'a Adjustment) -> Self {
        let Adjustment { items, timing, prorate } = adjustment;
        let at_period_end = *timing == AdjustmentTiming::AtEndOfCurrentBillingPeriod;
        let adjustment = AdjustBody {
            timing: *timing,
            new_subscription_items: items,
            prorate_current_billing_period: (!at_period_end).then_some(*prorate),
        };
        Self { adjustment }
    }
}

/// A plan change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// All items of the subscription after the change; at least one.
    pub items: Vec<NewSubscriptionItem>,
    /// When the change takes effect.
    pub timing: AdjustmentTiming,
    /// Whether the rest of the current billing period is prorated. Ignored for a change at the end of the period.
    pub prorate: bool,
}

impl Adjustment {
    /// A change to a quantity of 1 of this price, with `auto` timing and proration.
    #[must_use]
    pub fn to_price(price: PriceRef) -> Self {
        let items = vec![NewSubscriptionItem { price, quantity: NonZeroU64::MIN }];
        Self { items, timing: AdjustmentTiming::default(), prorate: true }
    }
}

/// When a plan change takes effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentTiming {
    /// A more expensive or equal plan immediately, a cheaper one at the end of the billing period.
    #[default]
    Auto,
    /// Immediately; an additional amount is charged at once.
    Immediately,
    /// At the end of the billing period.
    AtEndOfCurrentBillingPeriod,
}

impl Subscriptions {
    /// Changes the plan of a subscription (`POST /subscriptions/{id}/adjust`).
    /// Not retried after it was sent.
    ///
    /// The API waits for the charge to succeed, which can take up to a minute: set a longer timeout with
    /// [`Flowglad::with_timeout`](crate::Flowglad::with_timeout). List every item that stays in the subscription by its
    /// price; the API ignores the ids of existing items.
    ///
    /// # Errors
    /// The API answers most refusals with 500 and a message: the free plan, a scheduled change, no card, claimed seats.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use std::time::Duration;
    /// use flowglad_core::api::{Adjustment, PriceRef};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let to_team = Adjustment::to_price(PriceRef::Slug("team_monthly".into()));
    /// let slow_client = flowglad.with_timeout(Duration::from_secs(90));
    /// println!("{:?}", slow_client.subscriptions().adjust(&"sub_1".parse()?, &to_team).await?.resolved_timing);
    /// # Ok(()) }
    /// ```
    pub async fn adjust(
        &self,
        id: &SubscriptionId,
        adjustment: &Adjustment,
    ) -> Result<Response<AdjustmentResult>, Error> {
        self.flowglad.call(&ADJUST, Call::id(id.as_str()).and_body(&Adjust::from(adjustment))).await
    }

    /// Computes the result of a plan change without changing anything (`POST /subscriptions/{id}/preview-adjust`).
    ///
    /// # Errors
    /// A change that the API would refuse is not an error: see [`AdjustmentPreview::can_adjust`].
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::api::{Adjustment, PriceRef};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let to_team = Adjustment::to_price(PriceRef::Slug("team_monthly".into()));
    /// let preview = flowglad.subscriptions().preview_adjust(&"sub_1".parse()?, &to_team).await?;
    /// println!("{:?} now", preview.proration_amount);
    /// # Ok(()) }
    /// ```
    pub async fn preview_adjust(
        &self,
        id: &SubscriptionId,
        adjustment: &Adjustment,
    ) -> Result<Response<AdjustmentPreview>, Error> {
        self.flowglad.call(&PREVIEW_ADJUST, Call::id(id.as_str()).and_body(&Adjust::from(adjustment))).await
    }

    /// Cancels a scheduled plan change (`POST /subscriptions/{id}/cancel-scheduled-adjustment`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// The API answers 500 with a message if no plan change is scheduled.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let canceled = flowglad.subscriptions().cancel_scheduled_adjustment(&"sub_1".parse()?).await?;
    /// println!("{} items", canceled.canceled_item_count);
    /// # Ok(()) }
    /// ```
    pub async fn cancel_scheduled_adjustment(
        &self,
        id: &SubscriptionId,
    ) -> Result<Response<CanceledAdjustment>, Error> {
        self.flowglad.call(&CANCEL_SCHEDULED_ADJUSTMENT, Call::id(id.as_str()).and_body(&NoFields {})).await
    }
}
