//! Payments.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    BillingPeriodId, Currency, CustomerId, InvoiceId, Money, OrganizationId, PaymentId, PaymentMethodId,
    PaymentMethodKind, PricingModelId, PurchaseId, SubscriptionId, TaxType, Timestamp, null_as_default,
};

/// Money that was charged, or was to be.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Payment {
    /// Flowglad's id.
    pub id: PaymentId,
    /// Whether it came through.
    pub status: PaymentStatus,
    /// How much, tax included, in the currency's smallest unit.
    pub amount: i64,
    /// The currency of all its amounts.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// How much before tax, in the currency's smallest unit.
    #[serde(default)]
    pub subtotal: Option<i64>,
    /// Tax in the currency's smallest unit.
    #[serde(default)]
    pub tax_amount: Option<i64>,
    /// The kind of tax.
    #[serde(default)]
    pub tax_type: Option<TaxType>,
    /// The country that taxes, as two letters of ISO 3166.
    #[serde(default)]
    pub tax_country: Option<String>,
    /// The state that taxes.
    #[serde(default)]
    pub tax_state: Option<String>,
    /// The rate of the tax in percent, as text.
    #[serde(default)]
    pub tax_rate_percentage: Option<String>,
    /// Flowglad's share in the currency's smallest unit.
    #[serde(default)]
    pub application_fee: Option<i64>,
    /// How it was paid.
    #[serde(default)]
    pub payment_method: Option<PaymentMethodKind>,
    /// The card that was charged. `None` for what was bought once.
    #[serde(default)]
    pub payment_method_id: Option<PaymentMethodId>,
    /// Who paid.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// What it pays.
    #[serde(default)]
    pub invoice_id: Option<InvoiceId>,
    /// The purchase that it pays.
    #[serde(default)]
    pub purchase_id: Option<PurchaseId>,
    /// The subscription that it pays.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
    /// The paid period that it pays.
    #[serde(default)]
    pub billing_period_id: Option<BillingPeriodId>,
    /// What it is called on statements.
    #[serde(default)]
    pub description: Option<String>,
    /// When it was charged.
    #[serde(default)]
    pub charge_date: Option<Timestamp>,
    /// When the money arrived.
    #[serde(default)]
    pub settlement_date: Option<Timestamp>,
    /// The number on the receipt.
    #[serde(default)]
    pub receipt_number: Option<String>,
    /// The receipt.
    #[serde(rename = "receiptURL", default)]
    pub receipt_url: Option<String>,
    /// Whether it was paid back, in full or in part.
    #[serde(default, deserialize_with = "null_as_default")]
    pub refunded: bool,
    /// How much was paid back, in the currency's smallest unit.
    #[serde(default)]
    pub refunded_amount: Option<i64>,
    /// When it was paid back.
    #[serde(default)]
    pub refunded_at: Option<Timestamp>,
    /// Why it failed, for people.
    #[serde(default)]
    pub failure_message: Option<String>,
    /// Why it failed, for code.
    #[serde(default)]
    pub failure_code: Option<String>,
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

impl Payment {
    /// How much, tax included. `None` if the currency is not told.
    #[must_use]
    pub fn money(&self) -> Option<Money> {
        Money::from_parts(Some(self.amount), self.currency.as_ref())
    }
}

/// Whether a payment came through.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaymentStatus {
    /// The bank has not confirmed yet.
    Processing,
    /// It came through.
    Succeeded,
    /// It did not.
    Failed,
    /// It was given up.
    Canceled,
    /// It was paid back.
    Refunded,
    /// It waits for the seller's confirmation.
    RequiresConfirmation,
    /// It waits for the buyer, for example at the bank's own page.
    RequiresAction,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
