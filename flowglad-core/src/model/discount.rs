//! Discounts that people enter at the checkout.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    DiscountId, OrganizationId, PricingModelId, Timestamp, lenient_number::some_whole_or_rounded_down, null_as_default,
};

/// A discount code.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Discount {
    /// Flowglad's id.
    pub id: DiscountId,
    /// Its name in the dashboard.
    pub name: String,
    /// What people enter, in capitals.
    pub code: String,
    /// How much: percent, or the currency's smallest unit.
    pub amount: i64,
    /// What [`amount`](Self::amount) counts.
    pub amount_type: DiscountAmountType,
    /// Whether it is accepted.
    #[serde(default, deserialize_with = "null_as_default")]
    pub active: bool,
    /// For how many payments it holds.
    pub duration: DiscountDuration,
    /// How many payments, where [`duration`](Self::duration) says that they are counted.
    #[serde(default)]
    pub number_of_payments: Option<i64>,
    /// How often it was used. Only in the answers of get and list.
    #[serde(default, deserialize_with = "some_whole_or_rounded_down")]
    pub redemption_count: Option<i64>,
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

/// What the amount of a discount counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DiscountAmountType {
    /// Hundredths of the price.
    Percent,
    /// The currency's smallest unit.
    Fixed,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// For how many payments a discount holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DiscountDuration {
    /// The first.
    Once,
    /// So many.
    NumberOfPayments,
    /// All.
    Forever,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
