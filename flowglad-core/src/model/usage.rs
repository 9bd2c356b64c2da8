//! Usage events and balances.

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::{Map, Number, Value};

use super::{PriceId, SubscriptionId, Timestamp, UsageEventId, UsageMeterId, null_as_default};

/// One use of something that is metered.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageEvent {
    /// Flowglad's id.
    pub id: UsageEventId,
    /// The subscription that pays for it.
    pub subscription_id: SubscriptionId,
    /// The meter that counts it.
    #[serde(default)]
    pub usage_meter_id: Option<UsageMeterId>,
    /// The price that applies.
    #[serde(default)]
    pub price_id: Option<PriceId>,
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
}

/// What is left on one meter of one subscription.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct UsageMeterBalance {
    /// The meter.
    pub id: UsageMeterId,
    /// The meter's name for code.
    pub slug: String,
    /// The meter's name for people.
    #[serde(default)]
    pub name: String,
    /// Credits granted less credits used. Negative when usage went beyond the credits. A fraction, which the API's
    /// description allows, is rounded down.
    #[serde(deserialize_with = "whole_or_rounded_down")]
    pub available_balance: i64,
    /// The subscription whose balance this is.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
}

fn whole_or_rounded_down<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let number = Number::deserialize(deserializer)?;
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, far beyond any balance")]
    let rounded = || number.as_f64().map(|number| number.floor() as i64);
    number.as_i64().or_else(rounded).ok_or_else(|| D::Error::custom("not a number"))
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
