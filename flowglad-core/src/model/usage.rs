//! Usage meters, events and balances.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    BillingPeriodId, CustomerId, OrganizationId, Price, PriceId, PricingModelId, SubscriptionId, Timestamp,
    UsageEventId, UsageMeterId, lenient_number::whole_or_rounded_down, null_as_default,
};

/// A meter that counts the usage of customers.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageMeter {
    /// Flowglad's id.
    pub id: UsageMeterId,
    /// The display name.
    pub name: String,
    /// The slug: the name used in code.
    pub slug: String,
    /// How the meter aggregates events.
    #[serde(default)]
    pub aggregation_type: Option<AggregationType>,
    /// The active prices of its usage. Empty outside pricing models.
    #[serde(default, deserialize_with = "null_as_default")]
    pub prices: Vec<Price>,
    /// The default price. `None` outside pricing models.
    #[serde(default)]
    pub default_price: Option<Box<Price>>,
    /// The organization that it belongs to.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
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

/// How a usage meter aggregates events.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AggregationType {
    /// The sum of the events' amounts.
    Sum,
    /// The number of distinct properties of the events.
    CountDistinctProperties,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// A recorded usage event.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageEvent {
    /// Flowglad's id.
    pub id: UsageEventId,
    /// The subscription that it is billed to.
    pub subscription_id: SubscriptionId,
    /// The customer who used it.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// The usage meter that counts it.
    #[serde(default)]
    pub usage_meter_id: Option<UsageMeterId>,
    /// The price that applies.
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// The billing period that it belongs to.
    #[serde(default)]
    pub billing_period_id: Option<BillingPeriodId>,
    /// The amount of usage, in units of the meter.
    pub amount: i64,
    /// Unique per meter: events with the same id count once.
    pub transaction_id: String,
    /// The time of use.
    #[serde(default)]
    pub usage_date: Option<Timestamp>,
    /// The properties that the app attached.
    #[serde(default, deserialize_with = "null_as_default")]
    pub properties: Map<String, Value>,
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

/// The balance of one usage meter of one subscription.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageMeterBalance {
    /// The id of the usage meter.
    pub id: UsageMeterId,
    /// The slug of the meter.
    pub slug: String,
    /// The display name of the meter.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// Credits granted minus credits used. Negative when more was used than granted. A fraction, which the API
    /// specification allows, is rounded down.
    #[serde(deserialize_with = "whole_or_rounded_down")]
    pub available_balance: i64,
    /// The subscription that the balance belongs to.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
    /// How the meter aggregates events.
    #[serde(default)]
    pub aggregation_type: Option<AggregationType>,
    /// The organization that it belongs to.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balances_may_have_fractions() {
        for (json, expected) in [("7", 7), ("-3", -3), ("0.5", 0), ("-0.5", -1), ("1e3", 1000)] {
            let json = format!(r#"{{"id":"usage_meter_1","slug":"calls","availableBalance":{json}}}"#);
            assert_eq!(serde_json::from_str::<UsageMeterBalance>(&json).unwrap().available_balance, expected);
        }
    }
}
