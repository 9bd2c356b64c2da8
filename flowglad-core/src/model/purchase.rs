//! Purchases made at the checkout.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    BillingAddress, CustomerId, IntervalUnit, OrganizationId, PriceId, PriceKind, PricingModelId, PurchaseId,
    Timestamp, null_as_default,
};

/// A purchase: a single payment or a subscription.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Purchase {
    /// Flowglad's id.
    pub id: PurchaseId,
    /// The name on receipts.
    #[serde(default)]
    pub name: Option<String>,
    /// The payment status.
    pub status: PurchaseStatus,
    /// The customer who bought it.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// The price that was bought.
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// How that price is charged.
    #[serde(default)]
    pub price_type: Option<PriceKind>,
    /// The quantity. The API reports 1 for a subscription, whatever quantity was bought.
    #[serde(default)]
    pub quantity: Option<i64>,
    /// The length of the free trial, in days.
    #[serde(default)]
    pub trial_period_days: Option<i64>,
    /// The price of one billing period, in the currency's smallest unit. `None` for a single payment.
    #[serde(default)]
    pub price_per_billing_cycle: Option<i64>,
    /// The unit of the billing period.
    #[serde(default)]
    pub interval_unit: Option<IntervalUnit>,
    /// The length of one billing period, in interval units.
    #[serde(default)]
    pub interval_count: Option<i64>,
    /// The date that the billing periods are counted from.
    #[serde(default)]
    pub billing_cycle_anchor: Option<Timestamp>,
    /// The total of the first invoice, in the currency's smallest unit.
    #[serde(default)]
    pub first_invoice_value: Option<i64>,
    /// The total of the purchase, in the currency's smallest unit. `None` for a subscription.
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
    /// The proposal that led to the purchase.
    #[serde(default)]
    pub proposal: Option<String>,
    /// Whether it was archived.
    #[serde(default)]
    pub archived: Option<bool>,
    /// The billing address on its invoice.
    #[serde(default)]
    pub billing_address: Option<BillingAddress>,
    /// The metadata that the app attached.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
    /// The position in the order of creation.
    #[serde(default)]
    pub position: Option<f64>,
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

/// The payment status of a purchase.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PurchaseStatus {
    /// Not paid yet.
    Open,
    /// The payment is being processed.
    Pending,
    /// The payment failed.
    Failed,
    /// Paid.
    Paid,
    /// Refunded in full.
    Refunded,
    /// Refunded in part.
    PartialRefund,
    /// Found to be fraudulent.
    Fraudulent,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
