//! Purchases: what a customer bought through checkout.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    BillingAddress, CustomerId, IntervalUnit, OrganizationId, PriceId, PriceKind, PricingModelId, PurchaseId,
    Timestamp, null_as_default,
};

/// Something bought, once or as a subscription.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
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
    /// Who bought it.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// The price that was bought.
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// How that price is charged.
    #[serde(default)]
    pub price_type: Option<PriceKind>,
    /// How many. Of a subscription the API counts one here, whatever was bought.
    #[serde(default)]
    pub quantity: Option<i64>,
    /// How many days were free.
    #[serde(default)]
    pub trial_period_days: Option<i64>,
    /// What each paid period costs, in the currency's smallest unit. `None` for what was bought once.
    #[serde(default)]
    pub price_per_billing_cycle: Option<i64>,
    /// The unit of a paid period.
    #[serde(default)]
    pub interval_unit: Option<IntervalUnit>,
    /// How many units one paid period has.
    #[serde(default)]
    pub interval_count: Option<i64>,
    /// From when the paid periods are counted.
    #[serde(default)]
    pub billing_cycle_anchor: Option<Timestamp>,
    /// The sum of the first invoice, in the currency's smallest unit.
    #[serde(default)]
    pub first_invoice_value: Option<i64>,
    /// The whole sum, in the currency's smallest unit. `None` for a subscription.
    #[serde(default)]
    pub total_purchase_value: Option<i64>,
    /// Whether it can be paid by bank transfer only.
    #[serde(default)]
    pub bank_payment_only: Option<bool>,
    /// When it was bought.
    #[serde(default)]
    pub purchase_date: Option<Timestamp>,
    /// When it ends.
    #[serde(default)]
    pub end_date: Option<Timestamp>,
    /// An offer that led to it.
    #[serde(default)]
    pub proposal: Option<String>,
    /// Whether it was archived.
    #[serde(default)]
    pub archived: Option<bool>,
    /// The address on its invoice.
    #[serde(default)]
    pub billing_address: Option<BillingAddress>,
    /// What the app attached.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
    /// Its place in the order in which records were made.
    #[serde(default)]
    pub position: Option<f64>,
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

/// Whether a purchase is paid.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
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
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
