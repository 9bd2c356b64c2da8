//! Subscriptions, their items and features, and the periods they are billed for.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::records::{
    metadata::Metadata,
    pricing::{FeatureType, IntervalUnit, RenewalFrequency},
    record::{Meta, record},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SubscriptionStatus {
    Trialing,
    Active,
    PastDue,
    CancellationScheduled,
    Incomplete,
    Canceled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CancellationReason {
    UpgradedToPaid,
    CustomerArchived,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subscription {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) start_date: i64,
    pub(crate) customer_id: String,
    pub(crate) organization_id: String,
    pub(crate) status: SubscriptionStatus,
    pub(crate) default_payment_method_id: Option<String>,
    pub(crate) backup_payment_method_id: Option<String>,
    pub(crate) trial_end: Option<i64>,
    pub(crate) current_billing_period_start: Option<i64>,
    pub(crate) current_billing_period_end: Option<i64>,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) canceled_at: Option<i64>,
    pub(crate) cancel_scheduled_at: Option<i64>,
    pub(crate) cancellation_reason: Option<CancellationReason>,
    pub(crate) replaced_by_subscription_id: Option<String>,
    pub(crate) is_free_plan: bool,
    pub(crate) do_not_charge: bool,
    pub(crate) price_id: String,
    pub(crate) run_billing_at_period_start: bool,
    pub(crate) interval: Option<IntervalUnit>,
    pub(crate) interval_count: Option<i64>,
    pub(crate) billing_cycle_anchor_date: Option<i64>,
    pub(crate) name: String,
    pub(crate) renews: bool,
    pub(crate) pricing_model_id: String,
    pub(crate) scheduled_adjustment_at: Option<i64>,
}

record!(Subscription: "sub" of customer_id);

impl Subscription {
    /// Whether the customer has it now: the API's `current`.
    pub(crate) fn is_current(&self) -> bool {
        let running = match self.status {
            SubscriptionStatus::Trialing
            | SubscriptionStatus::Active
            | SubscriptionStatus::PastDue
            | SubscriptionStatus::CancellationScheduled => true,
            SubscriptionStatus::Incomplete | SubscriptionStatus::Canceled => false,
        };
        running && self.cancellation_reason != Some(CancellationReason::UpgradedToPaid)
    }

    pub(crate) fn is_terminal(&self) -> bool {
        self.status == SubscriptionStatus::Canceled
    }

    /// The card that charges go to, if any.
    pub(crate) fn payment_method_id(&self) -> Option<&str> {
        self.default_payment_method_id.as_deref().or(self.backup_payment_method_id.as_deref())
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionItem {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) subscription_id: String,
    pub(crate) name: Option<String>,
    pub(crate) added_date: i64,
    pub(crate) price_id: Option<String>,
    pub(crate) unit_price: i64,
    pub(crate) quantity: i64,
    pub(crate) metadata: Option<Metadata>,
    #[serde(rename = "type")]
    pub(crate) kind: Cow<'static, str>,
    pub(crate) external_id: Option<String>,
    pub(crate) expired_at: Option<i64>,
    pub(crate) manually_created: bool,
    pub(crate) pricing_model_id: String,
}

record!(SubscriptionItem: "si" of subscription_id);

impl SubscriptionItem {
    pub(crate) fn is_active_at(&self, time: i64) -> bool {
        self.added_date <= time && self.expired_at.is_none_or(|expired_at| expired_at > time)
    }

    pub(crate) fn total(&self) -> i64 {
        self.unit_price.saturating_mul(self.quantity)
    }
}

/// A feature of a subscription item. Name and slug are added when it is shown.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SubscriptionItemFeature {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) subscription_item_id: String,
    pub(crate) feature_id: String,
    /// None if the feature was added by hand.
    pub(crate) product_feature_id: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: FeatureType,
    pub(crate) amount: Option<i64>,
    pub(crate) usage_meter_id: Option<String>,
    pub(crate) renewal_frequency: Option<RenewalFrequency>,
    pub(crate) expired_at: Option<i64>,
    pub(crate) detached_at: Option<i64>,
    pub(crate) detached_reason: Option<String>,
    pub(crate) manually_created: bool,
    pub(crate) pricing_model_id: String,
    pub(crate) resource_id: Option<String>,
}

record!(SubscriptionItemFeature: "sub_feature" of subscription_item_id);

/// One period that a subscription is billed for. The API shows only its id.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct BillingPeriod {
    pub(crate) meta: Meta,
    pub(crate) subscription_id: String,
    pub(crate) start: i64,
    pub(crate) end: i64,
}

record!(BillingPeriod: "billing_period" of subscription_id);

/// What a period costs: the plan's items, and later differences. The API does not show it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct BillingPeriodItem {
    pub(crate) meta: Meta,
    pub(crate) billing_period_id: String,
    pub(crate) description: String,
    pub(crate) unit_price: i64,
    pub(crate) quantity: i64,
}

record!(BillingPeriodItem: "billing_period_item" of billing_period_id);
