//! The records of plan changes: results, previews and canceled changes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    PaymentMethodId, PriceId, Subscription, SubscriptionItem, Timestamp,
    lenient_number::{some_whole_or_rounded_down, whole_or_rounded_down},
    null_as_default,
};

/// The result of a plan change.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AdjustmentResult {
    /// The subscription after the call.
    pub subscription: Subscription,
    /// The current items. Items of a scheduled change are not included.
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

/// The result that a plan change would have. If the change is not possible, only `can_adjust` and `reason` are set.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AdjustmentPreview {
    /// Whether the change is possible.
    pub can_adjust: bool,
    /// Why the change is not possible.
    #[serde(default)]
    pub reason: Option<String>,
    /// When the preview was computed.
    #[serde(default)]
    pub preview_generated_at: Option<Timestamp>,
    /// The amount that would be charged at once, in the currency's smallest unit.
    #[serde(default, deserialize_with = "some_whole_or_rounded_down")]
    pub proration_amount: Option<i64>,
    /// The current total of one billing period, in the currency's smallest unit.
    #[serde(default, deserialize_with = "some_whole_or_rounded_down")]
    pub current_plan_total: Option<i64>,
    /// The total of one billing period after the change, in the currency's smallest unit.
    #[serde(default, deserialize_with = "some_whole_or_rounded_down")]
    pub new_plan_total: Option<i64>,
    /// When the change would take effect, relative to the billing period.
    #[serde(default)]
    pub resolved_timing: Option<ResolvedTiming>,
    /// The time at which the change would take effect.
    #[serde(default)]
    pub effective_date: Option<Timestamp>,
    /// Whether the new items cost more.
    #[serde(default)]
    pub is_upgrade: Option<bool>,
    /// The elapsed part of the billing period, from 0 to 1.
    #[serde(default)]
    pub percent_through_billing_period: Option<f64>,
    /// The end of the billing period.
    #[serde(default)]
    pub billing_period_end: Option<Timestamp>,
    /// The payment method that would be charged.
    #[serde(default)]
    pub payment_method: Option<PreviewPaymentMethod>,
    /// The current items.
    #[serde(default, deserialize_with = "null_as_default")]
    pub current_subscription_items: Vec<PreviewSubscriptionItem>,
    /// The items after the change.
    #[serde(default, deserialize_with = "null_as_default")]
    pub new_subscription_items: Vec<PreviewSubscriptionItem>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The payment method that a plan change would charge.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PreviewPaymentMethod {
    /// Flowglad's id.
    pub id: PaymentMethodId,
    /// The kind of payment method, for example `card`.
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

/// A subscription item in a preview.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PreviewSubscriptionItem {
    /// The name on invoices.
    pub name: String,
    /// The price for a quantity of 1, in the currency's smallest unit.
    #[serde(deserialize_with = "whole_or_rounded_down")]
    pub unit_price: i64,
    /// The quantity.
    #[serde(deserialize_with = "whole_or_rounded_down")]
    pub quantity: i64,
    /// The id of the price.
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A scheduled plan change that was canceled.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CanceledAdjustment {
    /// The subscription after the call.
    pub subscription: Subscription,
    /// The number of scheduled items that were removed.
    pub canceled_item_count: i64,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// When a plan change takes effect, as decided by the API.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResolvedTiming {
    /// Immediately.
    Immediately,
    /// At the end of the billing period.
    AtEndOfCurrentBillingPeriod,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
