//! Payments.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    BillingPeriodId, Currency, CustomerId, InvoiceId, Money, OrganizationId, PaymentId, PaymentMethodId,
    PaymentMethodKind, PricingModelId, PurchaseId, SubscriptionId, TaxType, Timestamp, null_as_default,
};

/// A payment, successful or not.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Payment {
    /// Flowglad's id.
    pub id: PaymentId,
    /// The state of the payment.
    pub status: PaymentStatus,
    /// The amount including tax, in the currency's smallest unit.
    pub amount: i64,
    /// The currency of all amounts.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// The amount before tax, in the currency's smallest unit.
    #[serde(default)]
    pub subtotal: Option<i64>,
    /// The tax, in the currency's smallest unit.
    #[serde(default)]
    pub tax_amount: Option<i64>,
    /// The kind of tax.
    #[serde(default)]
    pub tax_type: Option<TaxType>,
    /// The country of the tax, as two letters of ISO 3166.
    #[serde(default)]
    pub tax_country: Option<String>,
    /// The state or region of the tax.
    #[serde(default)]
    pub tax_state: Option<String>,
    /// The tax rate in percent, as text.
    #[serde(default)]
    pub tax_rate_percentage: Option<String>,
    /// Flowglad's fee, in the currency's smallest unit.
    #[serde(default)]
    pub application_fee: Option<i64>,
    /// The kind of payment method.
    #[serde(default)]
    pub payment_method: Option<PaymentMethodKind>,
    /// The payment method that was charged. `None` for a single purchase.
    #[serde(default)]
    pub payment_method_id: Option<PaymentMethodId>,
    /// The customer who paid.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// The invoice that it pays.
    #[serde(default)]
    pub invoice_id: Option<InvoiceId>,
    /// The purchase that it pays.
    #[serde(default)]
    pub purchase_id: Option<PurchaseId>,
    /// The subscription that it pays.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
    /// The billing period that it pays.
    #[serde(default)]
    pub billing_period_id: Option<BillingPeriodId>,
    /// The description on statements.
    #[serde(default)]
    pub description: Option<String>,
    /// When it was charged.
    #[serde(default)]
    pub charge_date: Option<Timestamp>,
    /// When the money was settled.
    #[serde(default)]
    pub settlement_date: Option<Timestamp>,
    /// The number of the receipt.
    #[serde(default)]
    pub receipt_number: Option<String>,
    /// The URL of the receipt.
    #[serde(rename = "receiptURL", default)]
    pub receipt_url: Option<String>,
    /// Whether it was refunded, in full or in part.
    #[serde(default, deserialize_with = "null_as_default")]
    pub refunded: bool,
    /// The refunded amount, in the currency's smallest unit.
    #[serde(default)]
    pub refunded_amount: Option<i64>,
    /// When it was refunded.
    #[serde(default)]
    pub refunded_at: Option<Timestamp>,
    /// The reason of a failure, as a message for display.
    #[serde(default)]
    pub failure_message: Option<String>,
    /// The reason of a failure, as a code.
    #[serde(default)]
    pub failure_code: Option<String>,
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

impl Payment {
    /// The amount including tax, with its currency. `None` if the record has no currency.
    #[must_use]
    pub fn money(&self) -> Option<Money> {
        Money::from_parts(Some(self.amount), self.currency.as_ref())
    }
}

/// The state of a payment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaymentStatus {
    /// The bank has not confirmed the payment yet.
    Processing,
    /// The payment succeeded.
    Succeeded,
    /// The payment failed.
    Failed,
    /// The payment was canceled.
    Canceled,
    /// The payment was refunded.
    Refunded,
    /// The seller has to confirm the payment.
    RequiresConfirmation,
    /// The buyer has to act, for example on the bank's own page.
    RequiresAction,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
