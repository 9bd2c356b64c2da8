//! What makes a checkout cheaper.

use serde::{Deserialize, Serialize};

use super::Head;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DiscountAmountType {
    Percent,
    Fixed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DiscountDuration {
    Once,
    Forever,
    NumberOfPayments,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Discount {
    #[serde(flatten)]
    pub(crate) head: Head,
    pub(crate) organization_id: String,
    pub(crate) pricing_model_id: String,
    pub(crate) name: String,
    pub(crate) code: String,
    pub(crate) amount: i64,
    pub(crate) amount_type: DiscountAmountType,
    pub(crate) active: bool,
    pub(crate) duration: DiscountDuration,
    pub(crate) number_of_payments: Option<i64>,
}
