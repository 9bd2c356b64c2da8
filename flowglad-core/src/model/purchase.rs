//! Purchases: what a customer bought through checkout.

use serde::{Deserialize, Serialize};

use super::{PriceId, PurchaseId, Timestamp};

/// Something bought, once or as a subscription.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Purchase {
    /// Flowglad's id.
    pub id: PurchaseId,
    /// What it is called on receipts.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether it is paid.
    pub status: PurchaseStatus,
    /// The price that was bought.
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// How many.
    #[serde(default)]
    pub quantity: Option<i64>,
    /// When it was bought.
    #[serde(default)]
    pub purchase_date: Option<Timestamp>,
}

/// Whether a purchase is paid.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PurchaseStatus {
    /// Not paid yet.
    Open,
    /// The payment is on its way.
    Pending,
    /// The payment failed.
    Failed,
    /// Paid.
    Paid,
    /// Paid back.
    Refunded,
    /// Paid back in part.
    PartialRefund,
    /// Found to be a fraud.
    Fraudulent,
    /// A status that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
