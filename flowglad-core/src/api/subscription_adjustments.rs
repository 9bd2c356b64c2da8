//! `/subscriptions/{id}/adjust` and its siblings: changes of plan.

use std::num::NonZeroU64;

use serde::Serialize;

use crate::{
    api::{
        prices::PriceRef,
        subscriptions::{NewSubscriptionItem, Subscriptions},
    },
    client::{
        endpoint::{Endpoint, NoFields},
        json::Response,
        transport::Call,
    },
    error::Error,
    model::{AdjustmentPreview, AdjustmentResult, CanceledAdjustment, SubscriptionId},
};

/// Moves a subscription to other prices. It may charge at once, and a second send could charge again.
pub(crate) const ADJUST: Endpoint<Adjust<'_>, AdjustmentResult> =
    Endpoint::post("subscriptions.adjust", "/subscriptions/{id}/adjust");

/// It only computes, so it may be asked again.
pub(crate) const PREVIEW_ADJUST: Endpoint<Adjust<'_>, AdjustmentPreview> =
    Endpoint::post("subscriptions.preview_adjust", "/subscriptions/{id}/preview-adjust").idempotent();

pub(crate) const CANCEL_SCHEDULED_ADJUSTMENT: Endpoint<NoFields, CanceledAdjustment> =
    Endpoint::post("subscriptions.cancel_scheduled_adjustment", "/subscriptions/{id}/cancel-scheduled-adjustment");

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
    /// The API knows no proration at the end of a period.
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
    pub fn to_price(price: PriceRef) -> Self {
        let items = vec![NewSubscriptionItem { price, quantity: NonZeroU64::MIN }];
        Self { items, timing: AdjustmentTiming::default(), prorate: true }
    }
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

impl Subscriptions {
    /// Moves a subscription to other prices (`POST /subscriptions/{id}/adjust`). Never sent twice.
    ///
    /// The API waits until a charge came through, up to a minute: give it time with [`Flowglad::with_timeout`](crate::Flowglad::with_timeout). An item
    /// that stays must be named again by its price; the API passes over the ids of items.
    ///
    /// # Errors
    /// Most refusals (free plan, planned change, no card, claimed seats) are a 500 of the API that says so; else as every
    /// call.
    ///
    /// # Examples
    /// ```no_run
    /// use std::time::Duration;
    /// use flowglad_core::api::{Adjustment, PriceRef};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let to_team = Adjustment::to_price(PriceRef::Slug("team_monthly".into()));
    /// let patient = flowglad.with_timeout(Duration::from_secs(90));
    /// println!("{:?}", patient.subscriptions().adjust(&"sub_1".parse()?, &to_team).await?.resolved_timing);
    /// # Ok(()) }
    /// ```
    pub async fn adjust(
        &self,
        id: &SubscriptionId,
        adjustment: &Adjustment,
    ) -> Result<Response<AdjustmentResult>, Error> {
        self.flowglad.call(&ADJUST, Call::id(id.as_str()).and_body(&Adjust::from(adjustment))).await
    }

    /// Computes what a change of plan would lead to, and changes nothing
    /// (`POST /subscriptions/{id}/preview-adjust`).
    ///
    /// # Errors
    /// A change that is refused is no error: see [`AdjustmentPreview::can_adjust`]. Else as every call.
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

    /// Takes back a planned change of plan (`POST /subscriptions/{id}/cancel-scheduled-adjustment`). Never sent twice.
    ///
    /// # Errors
    /// No planned change is a 500 of the API that says so; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{} items", flowglad.subscriptions().cancel_scheduled_adjustment(&"sub_1".parse()?).await?.canceled_item_count);
    /// # Ok(()) }
    /// ```
    pub async fn cancel_scheduled_adjustment(
        &self,
        id: &SubscriptionId,
    ) -> Result<Response<CanceledAdjustment>, Error> {
        self.flowglad.call(&CANCEL_SCHEDULED_ADJUSTMENT, Call::id(id.as_str()).and_body(&NoFields {})).await
    }
}
