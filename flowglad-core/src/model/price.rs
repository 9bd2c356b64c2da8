//! Prices.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{Currency, Money, PriceId, PricingModelId, ProductId, Timestamp, UsageMeterId, null_as_default};

/// The price of a product or of usage.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Price {
    /// Flowglad's id.
    pub id: PriceId,
    /// The display name.
    #[serde(default)]
    pub name: Option<String>,
    /// The slug: the name used in code.
    #[serde(default)]
    pub slug: Option<String>,
    /// How the price is charged.
    #[serde(rename = "type")]
    pub kind: PriceKind,
    /// The amount in the currency's smallest unit.
    pub unit_price: i64,
    /// The organization's currency.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// The unit of the billing period; its length is [`interval_count`](Self::interval_count).
    #[serde(default)]
    pub interval_unit: Option<IntervalUnit>,
    /// The length of one billing period, in interval units.
    #[serde(default)]
    pub interval_count: Option<i64>,
    /// The length of the free trial of a new subscription, in days.
    #[serde(default)]
    pub trial_period_days: Option<i64>,
    /// The product that it belongs to. `None` for usage.
    #[serde(default)]
    pub product_id: Option<ProductId>,
    /// The usage meter that it belongs to. `None` except for usage.
    #[serde(default)]
    pub usage_meter_id: Option<UsageMeterId>,
    /// The number of units of usage that [`unit_price`](Self::unit_price) pays for.
    #[serde(default)]
    pub usage_events_per_unit: Option<i64>,
    /// Whether it is the default price.
    #[serde(default)]
    pub is_default: Option<bool>,
    /// Whether it can be bought.
    #[serde(default)]
    pub active: Option<bool>,
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

impl Price {
    /// The unit price with its currency. `None` if the record has no currency.
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
    /// Charged once per billing period.
    Subscription,
    /// Charged once.
    SinglePayment,
    /// Charged by metered usage.
    Usage,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// The unit of the billing period.
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
