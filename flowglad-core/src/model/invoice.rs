//! Invoices.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    BillingPeriodId, BillingRunId, Currency, CustomerId, InvoiceId, InvoiceLineItemId, LedgerAccountId, Money,
    OrganizationId, PriceId, PricingModelId, PurchaseId, SubscriptionId, Timestamp,
    lenient_number::some_whole_or_rounded_down, null_as_default,
};

/// An invoice with its line items.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvoiceWithLineItems {
    /// The invoice.
    pub invoice: Invoice,
    /// The line items.
    #[serde(default, deserialize_with = "null_as_default")]
    pub invoice_line_items: Vec<InvoiceLineItem>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// An invoice.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Invoice {
    /// Flowglad's id.
    pub id: InvoiceId,
    /// The invoice number.
    #[serde(default)]
    pub invoice_number: Option<String>,
    /// The payment status.
    pub status: InvoiceStatus,
    /// What the invoice is for.
    #[serde(rename = "type", default)]
    pub kind: Option<InvoiceKind>,
    /// The currency of all amounts.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// The sum before tax, in the currency's smallest unit.
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
    /// The date of the invoice.
    #[serde(default)]
    pub invoice_date: Option<Timestamp>,
    /// When it is due.
    #[serde(default)]
    pub due_date: Option<Timestamp>,
    /// The customer who pays.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// The subscription that it is for.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
    /// The purchase that it is for.
    #[serde(default)]
    pub purchase_id: Option<PurchaseId>,
    /// The billing period that it is for.
    #[serde(default)]
    pub billing_period_id: Option<BillingPeriodId>,
    /// The start of that billing period.
    #[serde(default)]
    pub billing_period_start_date: Option<Timestamp>,
    /// The end of that billing period.
    #[serde(default)]
    pub billing_period_end_date: Option<Timestamp>,
    /// The billing run that created it.
    #[serde(default)]
    pub billing_run_id: Option<BillingRunId>,
    /// The organization member responsible for it.
    #[serde(default)]
    pub owner_membership_id: Option<String>,
    /// A note on the invoice.
    #[serde(default)]
    pub memo: Option<String>,
    /// Whether it can be paid by bank transfer only.
    #[serde(default)]
    pub bank_payment_only: Option<bool>,
    /// The URL of the printable invoice.
    #[serde(default, rename = "pdfURL")]
    pub pdf_url: Option<String>,
    /// The URL of the printable receipt.
    #[serde(default, rename = "receiptPdfURL")]
    pub receipt_pdf_url: Option<String>,
    /// The payment processor's id of the payment, for a standalone invoice.
    #[serde(default)]
    pub stripe_payment_intent_id: Option<String>,
    /// The payment processor's id of the tax calculation, for a standalone invoice.
    #[serde(default)]
    pub stripe_tax_calculation_id: Option<String>,
    /// The payment processor's id of the tax transaction, for a standalone invoice.
    #[serde(default)]
    pub stripe_tax_transaction_id: Option<String>,
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

impl Invoice {
    /// The sum before tax with its currency. `None` if the record has no amount or no currency.
    #[must_use]
    pub fn subtotal_money(&self) -> Option<Money> {
        Money::from_parts(self.subtotal, self.currency.as_ref())
    }
}

/// What an invoice is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InvoiceKind {
    /// A single purchase.
    Purchase,
    /// A billing period of a subscription.
    Subscription,
    /// Neither a purchase nor a subscription.
    Standalone,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// The payment status of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InvoiceStatus {
    /// Not sent to the customer yet.
    Draft,
    /// Open for payment.
    Open,
    /// Paid.
    Paid,
    /// Not collectible: payment is no longer expected.
    Uncollectible,
    /// Void: no longer valid.
    Void,
    /// Refunded in full.
    Refunded,
    /// Refunded in part.
    PartiallyRefunded,
    /// The bank has not confirmed the payment yet.
    AwaitingPaymentConfirmation,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// A kind of tax.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TaxType {
    /// Amusement tax.
    AmusementTax,
    /// Communications tax.
    CommunicationsTax,
    /// Goods and services tax.
    Gst,
    /// Harmonized sales tax.
    Hst,
    /// Integrated goods and services tax.
    Igst,
    /// Japanese consumption tax.
    Jct,
    /// Lease tax.
    LeaseTax,
    /// Provincial sales tax.
    Pst,
    /// Quebec sales tax.
    Qst,
    /// Retail sales tax.
    Rst,
    /// Sales tax.
    SalesTax,
    /// Value added tax.
    Vat,
    /// No tax.
    None,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// A line item of an invoice.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvoiceLineItem {
    /// Flowglad's id.
    pub id: InvoiceLineItemId,
    /// The invoice.
    #[serde(default)]
    pub invoice_id: Option<InvoiceId>,
    /// How the amount was determined.
    #[serde(rename = "type", default)]
    pub kind: Option<InvoiceLineItemKind>,
    /// A description of what was sold.
    #[serde(default)]
    pub description: Option<String>,
    /// The price for a quantity of 1, in the currency's smallest unit.
    pub price: i64,
    /// The quantity.
    pub quantity: i64,
    /// The price record, if any.
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// The billing run that counted the usage.
    #[serde(default)]
    pub billing_run_id: Option<BillingRunId>,
    /// The ledger account of the usage.
    #[serde(default)]
    pub ledger_account_id: Option<LedgerAccountId>,
    /// The credits that were subtracted from the usage.
    #[serde(default, deserialize_with = "some_whole_or_rounded_down")]
    pub ledger_account_credit: Option<i64>,
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

/// How the amount of a line item was determined.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InvoiceLineItemKind {
    /// A price times a quantity.
    Static,
    /// Metered usage.
    Usage,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
