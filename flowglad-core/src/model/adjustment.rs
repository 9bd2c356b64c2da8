//! What comes of a change of plan.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    PaymentMethodId, PriceId, Subscription, SubscriptionItem, Timestamp,
    lenient_number::{some_whole_or_rounded_down, whole_or_rounded_down},
    null_as_default,
};

/// What a change of plan led to.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AdjustmentResult {
    /// The subscription after the call.
    pub subscription: Subscription,
    /// The items in force now; those of a planned change come later.
    #[serde(default, deserialize_with = "null_as_default")]
    pub subscription_items: Vec<SubscriptionItem>,
    /// When the change takes effect.
    #[serde(default)]
    pub resolved_timing: Option<ResolvedTiming>,
    /// Whether the new items cost more.
    #[serde(default)]
    pub is_upgrade: Option<bool>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What a change of plan would lead to. Where it cannot be made, only the reason is told.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AdjustmentPreview {
    /// Whether the change can be made.
    pub can_adjust: bool,
    /// Why it cannot.
    #[serde(default)]
    pub reason: Option<String>,
    /// When this was computed.
    #[serde(default)]
    pub preview_generated_at: Option<Timestamp>,
    /// What is charged at once, in the currency's smallest unit.
    #[serde(default, deserialize_with = "some_whole_or_rounded_down")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<f64>"))]
    pub proration_amount: Option<i64>,
    /// What a period costs now, in the currency's smallest unit.
    #[serde(default, deserialize_with = "some_whole_or_rounded_down")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<f64>"))]
    pub current_plan_total: Option<i64>,
    /// What a period would cost, in the currency's smallest unit.
    #[serde(default, deserialize_with = "some_whole_or_rounded_down")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<f64>"))]
    pub new_plan_total: Option<i64>,
    /// When the change would take effect.
    #[serde(default)]
    pub resolved_timing: Option<ResolvedTiming>,
    /// The moment at which it would take effect.
    #[serde(default)]
    pub effective_date: Option<Timestamp>,
    /// Whether the new items cost more.
    #[serde(default)]
    pub is_upgrade: Option<bool>,
    /// How much of the paid period is over, 0 to 1.
    #[serde(default)]
    pub percent_through_billing_period: Option<f64>,
    /// End of the paid period.
    #[serde(default)]
    pub billing_period_end: Option<Timestamp>,
    /// What would be charged.
    #[serde(default)]
    pub payment_method: Option<PreviewPaymentMethod>,
    /// What the subscription consists of now.
    #[serde(default, deserialize_with = "null_as_default")]
    pub current_subscription_items: Vec<PreviewSubscriptionItem>,
    /// What it would consist of.
    #[serde(default, deserialize_with = "null_as_default")]
    pub new_subscription_items: Vec<PreviewSubscriptionItem>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The card that a change of plan would charge.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PreviewPaymentMethod {
    /// Flowglad's id.
    pub id: PaymentMethodId,
    /// What it is, for example `card`.
    #[serde(rename = "type", default)]
    pub kind: Option<String>,
    /// The last four digits of a card.
    #[serde(default)]
    pub last4: Option<String>,
    /// The brand of a card.
    #[serde(default)]
    pub brand: Option<String>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A part of a subscription in a preview.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PreviewSubscriptionItem {
    /// What it is called on invoices.
    pub name: String,
    /// Price of one, in the currency's smallest unit.
    #[serde(deserialize_with = "whole_or_rounded_down")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub unit_price: i64,
    /// How many.
    #[serde(deserialize_with = "whole_or_rounded_down")]
    #[cfg_attr(feature = "schema", schemars(with = "f64"))]
    pub quantity: i64,
    /// Its price.
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A planned change of plan that was taken back.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CanceledAdjustment {
    /// The subscription after the call.
    pub subscription: Subscription,
    /// How many planned items are gone.
    pub canceled_item_count: i64,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// When a change of plan takes effect, as the API resolved it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResolvedTiming {
    /// It has.
    Immediately,
    /// With the end of the paid period.
    AtEndOfCurrentBillingPeriod,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
