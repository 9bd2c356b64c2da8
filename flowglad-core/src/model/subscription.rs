//! Subscriptions, with the features and balances that they carry in billing.

use serde::{Deserialize, Serialize};

use super::{CustomerId, Price, PriceId, SubscriptionId, Timestamp, UsageMeterBalance, UsageMeterId, null_as_default};

/// A subscription. In [`Billing`](crate::Billing) it carries its items, features and balances.
#[derive(Clone, Debug, PartialEq, Deserialize)]
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
    #[serde(default)]
    pub current: bool,
    /// Whether it is the free default plan.
    #[serde(default)]
    pub is_free_plan: Option<bool>,
    /// Whether it renews; credit-based default plans may not.
    #[serde(default)]
    pub renews: Option<bool>,
    /// Start of the paid period. `None` if it does not renew.
    #[serde(default)]
    pub current_billing_period_start: Option<Timestamp>,
    /// End of the paid period. `None` if it does not renew.
    #[serde(default)]
    pub current_billing_period_end: Option<Timestamp>,
    /// End of the trial, also after it.
    #[serde(default)]
    pub trial_end: Option<Timestamp>,
    /// Whether it is given away: nothing is charged.
    #[serde(default)]
    pub do_not_charge: Option<bool>,
    /// When a planned change of plan takes effect.
    #[serde(default)]
    pub scheduled_adjustment_at: Option<Timestamp>,
    /// When it will end, if a cancellation is scheduled.
    #[serde(default)]
    pub cancel_scheduled_at: Option<Timestamp>,
    /// When it was canceled.
    #[serde(default)]
    pub canceled_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// What it is made of. Empty outside billing.
    #[serde(default, deserialize_with = "null_as_default")]
    pub subscription_items: Vec<SubscriptionItem>,
    #[serde(default)]
    feature_items: Option<Vec<FeatureItem>>,
    #[serde(default, deserialize_with = "null_as_default")]
    usage_meter_balances: Vec<UsageMeterBalance>,
    #[serde(default, deserialize_with = "null_as_default")]
    experimental: Experimental,
}

/// What a change of plan led to.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Adjusted {
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
}

/// When a change of plan takes effect, as the API resolved it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ResolvedTiming {
    /// It has.
    Immediately,
    /// With the end of the paid period.
    AtEndOfCurrentBillingPeriod,
    /// A timing that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// Where the API keeps features and balances as long as it calls them experimental.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Experimental {
    #[serde(default, deserialize_with = "null_as_default")]
    feature_items: Vec<FeatureItem>,
    #[serde(default, deserialize_with = "null_as_default")]
    usage_meter_balances: Vec<UsageMeterBalance>,
}

impl Subscription {
    /// The features that this subscription grants, wherever the API puts them (newer servers: on the subscription
    /// itself; else under `experimental`).
    #[must_use]
    pub fn feature_items(&self) -> &[FeatureItem] {
        self.feature_items.as_deref().unwrap_or(&self.experimental.feature_items)
    }

    /// The balances of the meters that were ever credited or used on this subscription.
    #[must_use]
    pub fn usage_meter_balances(&self) -> &[UsageMeterBalance] {
        if self.usage_meter_balances.is_empty() {
            &self.experimental.usage_meter_balances
        } else {
            &self.usage_meter_balances
        }
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

    pub(crate) fn toggles(&self) -> impl Iterator<Item = &FeatureItem> {
        self.feature_items().iter().filter(|feature| feature.kind == super::FeatureKind::Toggle)
    }
}

/// Where in its life a subscription is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
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
    /// A status that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// One priced part of a subscription.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SubscriptionItem {
    /// Flowglad's id.
    pub id: String,
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
}

/// A feature as a subscription grants it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FeatureItem {
    /// Flowglad's id of this grant.
    pub id: String,
    /// Whether it belongs to live mode.
    pub livemode: bool,
    /// The name that code asks for.
    pub slug: String,
    /// The name that people see.
    pub name: String,
    /// What sort of feature it is.
    #[serde(rename = "type")]
    pub kind: super::FeatureKind,
    /// Credits or capacity granted. `None` for toggles.
    #[serde(default)]
    pub amount: Option<i64>,
    /// The meter that credits go to.
    #[serde(default)]
    pub usage_meter_id: Option<UsageMeterId>,
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
