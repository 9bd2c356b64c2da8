//! Discount codes.

use serde::{Deserialize, Serialize};

use crate::records::record::{Meta, record};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DiscountAmountType {
    Percent,
    Fixed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DiscountDuration {
    Once,
    Forever,
    NumberOfPayments,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Discount {
    #[serde(flatten)]
    pub(crate) meta: Meta,
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

record!(Discount: "discount");
