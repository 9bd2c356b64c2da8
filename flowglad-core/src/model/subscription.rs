//! Subscriptions, with the features and balances that they carry in billing.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    CustomerId, FeatureKind, IntervalUnit, OrganizationId, PaymentMethodId, Price, PriceId, PricingModelId,
    SubscriptionId, SubscriptionItemFeature, SubscriptionItemId, Timestamp, UsageMeterBalance, null_as_default,
};

/// A subscription. In [`Billing`](crate::Billing) it carries its items, features and balances.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Subscription {
    /// Flowglad's id.
    pub id: SubscriptionId,
    /// Whose it is.
    pub customer_id: CustomerId,
    /// Where in its life it is.
    pub status: SubscriptionStatus,
    /// The plan's name, as shown to people.
    #[serde(default)]
    pub name: Option<String>,
    /// The price of the plan (of the dearest item, if there are several).
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// Whether the API counts it among the current ones.
    #[serde(default, deserialize_with = "null_as_default")]
    pub current: bool,
    /// Whether it is the free default plan.
    #[serde(default)]
    pub is_free_plan: Option<bool>,
    /// Whether it renews; credit-based default plans may not.
    #[serde(default)]
    pub renews: Option<bool>,
    /// When it began.
    #[serde(default)]
    pub start_date: Option<Timestamp>,
    /// The unit of a paid period. `None` if it does not renew.
    #[serde(default)]
    pub interval: Option<IntervalUnit>,
    /// How many units one paid period has. `None` if it does not renew.
    #[serde(default)]
    pub interval_count: Option<i64>,
    /// From when the paid periods are counted.
    #[serde(default)]
    pub billing_cycle_anchor_date: Option<Timestamp>,
    /// Start of the paid period. `None` if it does not renew.
    #[serde(default)]
    pub current_billing_period_start: Option<Timestamp>,
    /// End of the paid period. `None` if it does not renew.
    #[serde(default)]
    pub current_billing_period_end: Option<Timestamp>,
    /// Whether a period is charged when it begins.
    #[serde(default)]
    pub run_billing_at_period_start: Option<bool>,
    /// End of the trial, also after it.
    #[serde(default)]
    pub trial_end: Option<Timestamp>,
    /// Whether it is given away: nothing is charged.
    #[serde(default)]
    pub do_not_charge: Option<bool>,
    /// The card that is charged. `None`: the customer's default.
    #[serde(default)]
    pub default_payment_method_id: Option<PaymentMethodId>,
    /// The card that is charged when the first one fails.
    #[serde(default)]
    pub backup_payment_method_id: Option<PaymentMethodId>,
    /// When a planned change of plan takes effect.
    #[serde(default)]
    pub scheduled_adjustment_at: Option<Timestamp>,
    /// When it will end, if a cancellation is scheduled.
    #[serde(default)]
    pub cancel_scheduled_at: Option<Timestamp>,
    /// When it was canceled.
    #[serde(default)]
    pub canceled_at: Option<Timestamp>,
    /// Why it was canceled, for example `upgraded_to_paid`.
    #[serde(default)]
    pub cancellation_reason: Option<String>,
    /// The subscription that took its place.
    #[serde(default)]
    pub replaced_by_subscription_id: Option<SubscriptionId>,
    /// What the app attached.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
    /// When it was created.
    pub created_at: Timestamp,
    /// What it is made of. Empty outside billing.
    #[serde(default, deserialize_with = "null_as_default")]
    pub subscription_items: Vec<SubscriptionItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    feature_items: Option<Vec<SubscriptionItemFeature>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    usage_meter_balances: Option<Vec<UsageMeterBalance>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    experimental: Option<Experimental>,
    /// The organization that sells.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
    /// The pricing model that it belongs to.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
    /// Whether it belongs to live mode, where real money moves.
    #[serde(default, deserialize_with = "null_as_default")]
    pub livemode: bool,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Where the API keeps features and balances as long as it calls them experimental.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// The features that this subscription grants, wherever the API puts them (newer servers: on the subscription
    /// itself; else under `experimental`).
    #[must_use]
    pub fn feature_items(&self) -> &[SubscriptionItemFeature] {
        let below = || self.experimental.as_ref().map(|experimental| &experimental.feature_items);
        self.feature_items.as_ref().or_else(below).map_or(&[], Vec::as_slice)
    }

    /// The balances of the meters that were ever credited or used on this subscription.
    #[must_use]
    pub fn usage_meter_balances(&self) -> &[UsageMeterBalance] {
        let below = || self.experimental.as_ref().map(|experimental| &experimental.usage_meter_balances);
        let own = self.usage_meter_balances.as_ref().filter(|balances| !balances.is_empty());
        own.or_else(below).map_or(&[], Vec::as_slice)
    }

    /// Whether a yes/no feature of this slug is granted.
    #[must_use]
    pub fn has_feature(&self, slug: &str) -> bool {
        self.toggles().any(|feature| feature.slug == slug)
    }

    /// Whether it is over for good.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.status, SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired)
    }

    pub(crate) fn toggles(&self) -> impl Iterator<Item = &SubscriptionItemFeature> {
        self.feature_items().iter().filter(|feature| feature.kind == FeatureKind::Toggle)
    }
}

/// Where in its life a subscription is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SubscriptionStatus {
    /// In a free trial.
    Trialing,
    /// Paid, or free.
    Active,
    /// A payment failed and is tried again.
    PastDue,
    /// Payments failed for good.
    Unpaid,
    /// Ends with its paid period.
    CancellationScheduled,
    /// Waits for its first payment.
    Incomplete,
    /// Its first payment never came.
    IncompleteExpired,
    /// Ended.
    Canceled,
    /// Paused.
    Paused,
    /// A trial that lasts as long as its credits; only of subscriptions that do not renew. Flowglad makes no new ones.
    CreditTrial,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// One priced part of a subscription.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SubscriptionItem {
    /// Flowglad's id.
    pub id: SubscriptionItemId,
    /// The subscription.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
    /// How its amount comes about.
    #[serde(rename = "type", default)]
    pub kind: Option<SubscriptionItemKind>,
    /// What it is called on invoices.
    #[serde(default)]
    pub name: Option<String>,
    /// Its price.
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// Price of one, in the currency's smallest unit.
    pub unit_price: i64,
    /// How many.
    pub quantity: i64,
    /// The price record, where the API includes it.
    #[serde(default)]
    pub price: Option<Price>,
    /// When it became a part.
    #[serde(default)]
    pub added_date: Option<Timestamp>,
    /// When it stopped, or will stop, to be one.
    #[serde(default)]
    pub expired_at: Option<Timestamp>,
    /// The app's own id of it.
    #[serde(default)]
    pub external_id: Option<String>,
    /// Whether it was added by hand.
    #[serde(default)]
    pub manually_created: Option<bool>,
    /// What the app attached.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
    /// The pricing model that it belongs to.
    #[serde(default)]
    pub pricing_model_id: Option<PricingModelId>,
    /// Whether it belongs to live mode, where real money moves.
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

/// How the amount of a part of a subscription comes about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
