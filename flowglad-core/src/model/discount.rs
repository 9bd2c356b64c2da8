//! Discount codes for the checkout.

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
    /// The name shown in the dashboard.
    pub name: String,
    /// The code to enter at the checkout, in capitals.
    pub code: String,
    /// The amount of the discount: a percentage, or an amount in the currency's smallest unit.
    pub amount: i64,
    /// The unit of [`amount`](Self::amount).
    pub amount_type: DiscountAmountType,
    /// Whether it is accepted.
    #[serde(default, deserialize_with = "null_as_default")]
    pub active: bool,
    /// The number of payments that the discount applies to.
    pub duration: DiscountDuration,
    /// The number of payments, if [`duration`](Self::duration) is
    /// [`NumberOfPayments`](DiscountDuration::NumberOfPayments).
    #[serde(default)]
    pub number_of_payments: Option<i64>,
    /// The number of redemptions. Only in the responses of get and list.
    #[serde(default, deserialize_with = "some_whole_or_rounded_down")]
    pub redemption_count: Option<i64>,
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

/// The unit of a discount's amount.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DiscountAmountType {
    /// A percentage of the price.
    Percent,
    /// A fixed amount in the currency's smallest unit.
    Fixed,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// The number of payments that a discount applies to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DiscountDuration {
    /// The first payment only.
    Once,
    /// A fixed number of payments.
    NumberOfPayments,
    /// All payments.
    Forever,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
