//! Invoices.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{
    BillingPeriodId, BillingRunId, Currency, CustomerId, InvoiceId, InvoiceLineItemId, LedgerAccountId, Money,
    OrganizationId, PriceId, PricingModelId, PurchaseId, SubscriptionId, Timestamp,
    lenient_number::some_whole_or_rounded_down, null_as_default,
};

/// An invoice and its lines.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvoiceWithLineItems {
    /// The invoice.
    pub invoice: Invoice,
    /// Its lines.
    #[serde(default, deserialize_with = "null_as_default")]
    pub invoice_line_items: Vec<InvoiceLineItem>,
    /// Fields that this version of the crate does not know.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A bill.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Invoice {
    /// Flowglad's id.
    pub id: InvoiceId,
    /// The number on the paper.
    #[serde(default)]
    pub invoice_number: Option<String>,
    /// Whether it is paid.
    pub status: InvoiceStatus,
    /// What it bills.
    #[serde(rename = "type", default)]
    pub kind: Option<InvoiceKind>,
    /// The currency of all its amounts.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// Sum before tax in the currency's smallest unit.
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
    /// The date on the paper.
    #[serde(default)]
    pub invoice_date: Option<Timestamp>,
    /// When it must be paid.
    #[serde(default)]
    pub due_date: Option<Timestamp>,
    /// Who pays.
    #[serde(default)]
    pub customer_id: Option<CustomerId>,
    /// The subscription that it bills.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
    /// The purchase that it bills.
    #[serde(default)]
    pub purchase_id: Option<PurchaseId>,
    /// The paid period that it bills.
    #[serde(default)]
    pub billing_period_id: Option<BillingPeriodId>,
    /// Start of that period.
    #[serde(default)]
    pub billing_period_start_date: Option<Timestamp>,
    /// End of that period.
    #[serde(default)]
    pub billing_period_end_date: Option<Timestamp>,
    /// The attempt to charge that made it.
    #[serde(default)]
    pub billing_run_id: Option<BillingRunId>,
    /// The member of the organization who answers for it.
    #[serde(default)]
    pub owner_membership_id: Option<String>,
    /// A note on the paper.
    #[serde(default)]
    pub memo: Option<String>,
    /// Whether it can be paid by bank transfer only.
    #[serde(default)]
    pub bank_payment_only: Option<bool>,
    /// The printable invoice.
    #[serde(default, rename = "pdfURL")]
    pub pdf_url: Option<String>,
    /// The printable receipt.
    #[serde(default, rename = "receiptPdfURL")]
    pub receipt_pdf_url: Option<String>,
    /// The payment processor's id of the payment, for an invoice of its own.
    #[serde(default)]
    pub stripe_payment_intent_id: Option<String>,
    /// The payment processor's id of the tax calculation, for an invoice of its own.
    #[serde(default)]
    pub stripe_tax_calculation_id: Option<String>,
    /// The payment processor's id of the tax transaction, for an invoice of its own.
    #[serde(default)]
    pub stripe_tax_transaction_id: Option<String>,
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

impl Invoice {
    /// The sum before tax. `None` if the amount or the currency is not told.
    #[must_use]
    pub fn subtotal_money(&self) -> Option<Money> {
        Money::from_parts(self.subtotal, self.currency.as_ref())
    }
}

/// What an invoice bills.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InvoiceKind {
    /// Something bought once.
    Purchase,
    /// A paid period of a subscription.
    Subscription,
    /// Something of its own.
    Standalone,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// Whether an invoice is paid.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InvoiceStatus {
    /// Not sent yet.
    Draft,
    /// Waits for payment.
    Open,
    /// Paid.
    Paid,
    /// Never to be paid.
    Uncollectible,
    /// Withdrawn.
    Void,
    /// Paid back.
    Refunded,
    /// Paid back in part.
    PartiallyRefunded,
    /// The bank has not confirmed yet.
    AwaitingPaymentConfirmation,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// A kind of tax, named as tax offices do.
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

/// One line of an invoice.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvoiceLineItem {
    /// Flowglad's id.
    pub id: InvoiceLineItemId,
    /// The invoice.
    #[serde(default)]
    pub invoice_id: Option<InvoiceId>,
    /// How its amount came about.
    #[serde(rename = "type", default)]
    pub kind: Option<InvoiceLineItemKind>,
    /// What was sold.
    #[serde(default)]
    pub description: Option<String>,
    /// Price of one, in the currency's smallest unit.
    pub price: i64,
    /// How many.
    pub quantity: i64,
    /// Its price record, if any.
    #[serde(default)]
    pub price_id: Option<PriceId>,
    /// The attempt to charge that counted the usage.
    #[serde(default)]
    pub billing_run_id: Option<BillingRunId>,
    /// The account in the ledger that the usage is booked on.
    #[serde(default)]
    pub ledger_account_id: Option<LedgerAccountId>,
    /// The credits that were set off against the usage.
    #[serde(default, deserialize_with = "some_whole_or_rounded_down")]
    pub ledger_account_credit: Option<i64>,
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

/// How the amount of an invoice's line came about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InvoiceLineItemKind {
    /// A price times a quantity.
    Static,
    /// What was used.
    Usage,
    /// A value that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}
