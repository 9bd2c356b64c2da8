//! Usage meters, events and balances.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    BillingPeriodId, CustomerId, OrganizationId, Price, PriceId, PricingModelId, SubscriptionId, Timestamp,
    UsageEventId, UsageMeterId, lenient_number::whole_or_rounded_down, null_as_default,
};

/// Counts what customers use.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageMeter {
    /// Flowglad's id.
    pub id: UsageMeterId,
    /// The name that people see.
    pub name: String,
    /// The name that code asks for.
    pub slug: String,
    /// How events become an amount of usage.
    #[serde(default)]
    pub aggregation_type: Option<AggregationType>,
    /// The active prices of its usage. Empty outside pricing models.
    #[serde(default, deserialize_with = "null_as_default")]
    pub prices: Vec<Price>,
    /// The price that applies when none is named. `None` outside pricing models.
    #[serde(default)]
    pub default_price: Option<Box<Price>>,
    /// The organization that sells.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
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

/// How a meter makes an amount of usage out of events.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AggregationType {
    /// The sum of their amounts.
    Sum,
    /// How many different properties they have.
    CountDistinctProperties,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// One use of something that is metered.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageEvent {
    /// Flowglad's id.
    pub id: UsageEventId,
    /// The subscription that pays for it.
    pub subscription_id: SubscriptionId,
    /// Who used it.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// The meter that counts it.
    #[serde(default)]
    pub usage_meter_id: Option<UsageMeterId>,
    /// The price that applies.
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// The paid period that it falls into.
    #[serde(default)]
    pub billing_period_id: Option<BillingPeriodId>,
    /// How much was used.
    pub amount: i64,
    /// Unique per meter: an event that is sent again with the same id counts once.
    pub transaction_id: String,
    /// When it was used.
    #[serde(default)]
    pub usage_date: Option<Timestamp>,
    /// What the app attached.
    #[serde(default, deserialize_with = "null_as_default")]
    pub properties: Map<String, Value>,
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

/// What is left on one meter of one subscription.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageMeterBalance {
    /// The meter.
    pub id: UsageMeterId,
    /// The meter's name for code.
    pub slug: String,
    /// The meter's name for people.
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// Credits granted less credits used. Negative when usage went beyond the credits. A fraction, which the API's
    /// description allows, is rounded down.
    #[serde(deserialize_with = "whole_or_rounded_down")]
    pub available_balance: i64,
    /// The subscription whose balance this is.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
    /// How events become an amount of usage.
    #[serde(default)]
    pub aggregation_type: Option<AggregationType>,
    /// The organization that sells.
    #[serde(default)]
    pub organization_id: Option<OrganizationId>,
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
