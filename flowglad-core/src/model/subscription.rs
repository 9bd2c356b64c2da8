//! Subscriptions and their items.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    CustomerId, FeatureKind, IntervalUnit, OrganizationId, PaymentMethodId, Price, PriceId, PricingModelId,
    SubscriptionId, SubscriptionItemFeature, SubscriptionItemId, Timestamp, UsageMeterBalance, null_as_default,
};

/// A subscription. In [`Billing`](crate::Billing) it includes its items, features and balances.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Subscription {
    /// Flowglad's id.
    pub id: SubscriptionId,
    /// The customer that it belongs to.
    pub customer_id: CustomerId,
    /// The state of the subscription.
    pub status: SubscriptionStatus,
    /// The display name of the plan.
    #[serde(default)]
    pub name: Option<String>,
    /// The price of the plan. With several items, the price of the most expensive one.
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// Whether the API counts it as a current subscription.
    #[serde(default, deserialize_with = "null_as_default")]
    pub current: bool,
    /// Whether it is the free default plan.
    #[serde(default)]
    pub is_free_plan: Option<bool>,
    /// Whether it renews. Default plans that grant credits may not renew.
    #[serde(default)]
    pub renews: Option<bool>,
    /// When it started.
    #[serde(default)]
    pub start_date: Option<Timestamp>,
    /// The unit of the billing period. `None` if it does not renew.
    #[serde(default)]
    pub interval: Option<IntervalUnit>,
    /// The length of one billing period, in interval units. `None` if it does not renew.
    #[serde(default)]
    pub interval_count: Option<i64>,
    /// The date that the billing periods are counted from.
    #[serde(default)]
    pub billing_cycle_anchor_date: Option<Timestamp>,
    /// The start of the current billing period. `None` if it does not renew.
    #[serde(default)]
    pub current_billing_period_start: Option<Timestamp>,
    /// The end of the current billing period. `None` if it does not renew.
    #[serde(default)]
    pub current_billing_period_end: Option<Timestamp>,
    /// Whether each billing period is charged at its start.
    #[serde(default)]
    pub run_billing_at_period_start: Option<bool>,
    /// The end of the trial, also after the trial has ended.
    #[serde(default)]
    pub trial_end: Option<Timestamp>,
    /// Whether it is free of charge (`doNotCharge`).
    #[serde(default)]
    pub do_not_charge: Option<bool>,
    /// The card to charge. `None` means the customer's default.
    #[serde(default)]
    pub default_payment_method_id: Option<PaymentMethodId>,
    /// The card to charge if the first one fails.
    #[serde(default)]
    pub backup_payment_method_id: Option<PaymentMethodId>,
    /// When a scheduled plan change takes effect.
    #[serde(default)]
    pub scheduled_adjustment_at: Option<Timestamp>,
    /// When it ends, if a cancellation is scheduled.
    #[serde(default)]
    pub cancel_scheduled_at: Option<Timestamp>,
    /// When it was canceled.
    #[serde(default)]
    pub canceled_at: Option<Timestamp>,
    /// Why it was canceled, for example `upgraded_to_paid`.
    #[serde(default)]
    pub cancellation_reason: Option<String>,
    /// The subscription that replaced it.
    #[serde(default)]
    pub replaced_by_subscription_id: Option<SubscriptionId>,
    /// The metadata that the app attached.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The items of the subscription. Empty outside billing.
    #[serde(default, deserialize_with = "null_as_default")]
    pub subscription_items: Vec<SubscriptionItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    feature_items: Option<Vec<SubscriptionItemFeature>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    usage_meter_balances: Option<Vec<UsageMeterBalance>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    experimental: Option<Experimental>,
    /// The organization that it belongs to.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The pricing model that it belongs to.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
    /// `true` in live mode (real payments), `false` in test mode.
    #[serde(default, deserialize_with = "null_as_default")]
    pub livemode: bool,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The object in which the API puts features and balances while it calls them experimental.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Experimental {
    #[serde(default, deserialize_with = "null_as_default")]
    feature_items: Vec<SubscriptionItemFeature>,
    #[serde(default, deserialize_with = "null_as_default")]
    usage_meter_balances: Vec<UsageMeterBalance>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl Subscription {
    /// The features that this subscription grants. Newer servers put them on the subscription itself, others under
    /// `experimental`; this method reads both.
    #[must_use]
    pub fn feature_items(&self) -> &[SubscriptionItemFeature] {
        let experimental = || self.experimental.as_ref().map(|experimental| &experimental.feature_items);
        self.feature_items.as_ref().or_else(experimental).map_or(&[], Vec::as_slice)
    }

    /// The balances of the usage meters that had credits or usage on this subscription.
    #[must_use]
    pub fn usage_meter_balances(&self) -> &[UsageMeterBalance] {
        let experimental = || self.experimental.as_ref().map(|experimental| &experimental.usage_meter_balances);
        let own = self.usage_meter_balances.as_ref().filter(|balances| !balances.is_empty());
        own.or_else(experimental).map_or(&[], Vec::as_slice)
    }

    /// Whether the subscription grants the toggle feature with this slug.
    #[must_use]
    pub fn has_feature(&self, slug: &str) -> bool {
        self.toggles().any(|feature| feature.slug == slug)
    }

    /// Whether it has ended and cannot become active again.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.status, SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired)
    }

    /// Whether its plan costs nothing: `isFreePlan`, or all its items are free. A paid plan that is free of charge for
    /// this customer (`doNotCharge`) is no free plan.
    #[must_use]
    pub fn is_free(&self) -> bool {
        let items = &self.subscription_items;
        self.is_free_plan == Some(true) || (!items.is_empty() && items.iter().all(|item| item.unit_price == 0))
    }

    /// Whether no renewal is charged, so that none can fail.
    pub(crate) fn owes_nothing(&self) -> bool {
        self.is_free() || self.do_not_charge == Some(true)
    }

    pub(crate) fn toggles(&self) -> impl Iterator<Item = &SubscriptionItemFeature> {
        self.feature_items().iter().filter(|feature| feature.kind == FeatureKind::Toggle)
    }
}

/// The state of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SubscriptionStatus {
    /// In a free trial.
    Trialing,
    /// Active, with a paid or a free plan.
    Active,
    /// A payment failed and is being retried.
    PastDue,
    /// Payments failed and are no longer retried.
    Unpaid,
    /// Ends at the end of its billing period.
    CancellationScheduled,
    /// Waiting for its first payment.
    Incomplete,
    /// The first payment was not made in time.
    IncompleteExpired,
    /// Ended.
    Canceled,
    /// Paused.
    Paused,
    /// A trial that ends when its credits are used up, for subscriptions that do not renew. Flowglad creates no new
    /// ones.
    CreditTrial,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// An item of a subscription: a price with a quantity.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SubscriptionItem {
    /// Flowglad's id.
    pub id: SubscriptionItemId,
    /// The id of the subscription.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
    /// How the amount is determined.
    #[serde(rename = "type", default)]
    pub kind: Option<SubscriptionItemKind>,
    /// The name on invoices.
    #[serde(default)]
    pub name: Option<String>,
    /// The id of the price.
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// The price for a quantity of 1, in the currency's smallest unit.
    pub unit_price: i64,
    /// The quantity.
    pub quantity: i64,
    /// The price record, if the response includes it.
    #[serde(default)]
    pub price: Option<Price>,
    /// When it was added to the subscription.
    #[serde(default)]
    pub added_date: Option<Timestamp>,
    /// When it was removed or will be removed.
    #[serde(default)]
    pub expired_at: Option<Timestamp>,
    /// The app's own id of the item.
    #[serde(default)]
    pub external_id: Option<String>,
    /// Whether it was added manually.
    #[serde(default)]
    pub manually_created: Option<bool>,
    /// The metadata that the app attached.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
    /// The pricing model that it belongs to.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
    /// `true` in live mode (real payments), `false` in test mode.
    #[serde(default, deserialize_with = "null_as_default")]
    pub livemode: bool,
    /// When it was created.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// How the amount of a subscription item is determined.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SubscriptionItemKind {
    /// A price times a quantity.
    Static,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subscription(extra: &str) -> Subscription {
        let json = format!(r#"{{"id":"sub_1","customerId":"cust_1","status":"active","createdAt":1{extra}}}"#);
        serde_json::from_str(&json).unwrap()
    }

    const FEATURE: &str =
        r#"[{"id":"f","livemode":false,"slug":"export","name":"Export","type":"toggle","new":{"field":1}}]"#;

    #[test]
    fn features_are_found_at_the_top_level_and_under_experimental() {
        assert!(subscription(&format!(r#","featureItems":{FEATURE}"#)).has_feature("export"));
        assert!(subscription(&format!(r#","experimental":{{"featureItems":{FEATURE}}}"#)).has_feature("export"));
        assert!(!subscription("").has_feature("export"));
        assert!(!subscription(r#","experimental":null"#).has_feature("export"));
    }

    #[test]
    fn top_level_features_win_even_when_there_are_none() {
        let newer = subscription(&format!(r#","featureItems":[],"experimental":{{"featureItems":{FEATURE}}}"#));
        assert!(!newer.has_feature("export"));
    }

    #[test]
    fn a_status_from_the_future_is_kept() {
        let status: SubscriptionStatus = serde_json::from_str("\"hibernating\"").unwrap();
        assert_eq!(status, SubscriptionStatus::Unknown("hibernating".into()));
        assert_eq!(serde_json::to_string(&status).unwrap(), "\"hibernating\"");
        assert_eq!(serde_json::to_string(&SubscriptionStatus::PastDue).unwrap(), "\"past_due\"");
    }
}
