//! Prices.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{Currency, Money, PriceId, PricingModelId, ProductId, Timestamp, UsageMeterId, null_as_default};

/// What a product or a unit of usage costs.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Price {
    /// Flowglad's id.
    pub id: PriceId,
    /// The name that people see.
    #[serde(default)]
    pub name: Option<String>,
    /// The name that code asks for.
    #[serde(default)]
    pub slug: Option<String>,
    /// How it is charged.
    #[serde(rename = "type")]
    pub kind: PriceKind,
    /// In the currency's smallest unit.
    pub unit_price: i64,
    /// The organization's currency.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// How long one paid period is, with [`interval_count`](Self::interval_count).
    #[serde(default)]
    pub interval_unit: Option<IntervalUnit>,
    /// How many units one paid period has.
    #[serde(default)]
    pub interval_count: Option<i64>,
    /// How many days of a new subscription are free.
    #[serde(default)]
    pub trial_period_days: Option<i64>,
    /// The product that it buys. `None` for usage.
    #[serde(default)]
    pub product_id: Option<ProductId>,
    /// The meter that it prices. `None` but for usage.
    #[serde(default)]
    pub usage_meter_id: Option<UsageMeterId>,
    /// How many units of usage [`unit_price`](Self::unit_price) pays.
    #[serde(default)]
    pub usage_events_per_unit: Option<i64>,
    /// Whether it is the one that applies when none is named.
    #[serde(default)]
    pub is_default: Option<bool>,
    /// Whether it can be bought.
    #[serde(default)]
    pub active: Option<bool>,
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

impl Price {
    /// What one costs. `None` if the currency is not told.
    #[must_use]
    pub fn money(&self) -> Option<Money> {
        Money::from_parts(Some(self.unit_price), self.currency.as_ref())
    }
}

/// How a price is charged.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PriceKind {
    /// Again every period.
    Subscription,
    /// Once.
    SinglePayment,
    /// By what was used.
    Usage,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// The unit of a paid period.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IntervalUnit {
    /// Days.
    Day,
    /// Weeks.
    Week,
    /// Calendar months.
    Month,
    /// Calendar years.
    Year,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
