//! Invoices.

use serde::{Deserialize, Serialize};

use super::{InvoiceId, PriceId, SubscriptionId, Timestamp, null_as_default};

/// An invoice and its lines, as billing shows them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvoiceWithLineItems {
    /// The invoice.
    pub invoice: Invoice,
    /// Its lines.
    #[serde(default, deserialize_with = "null_as_default")]
    pub invoice_line_items: Vec<InvoiceLineItem>,
}

/// A bill.
#[derive(Clone, Debug, PartialEq, Deserialize)]
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
    /// ISO 4217, for example `USD`.
    #[serde(default)]
    pub currency: Option<String>,
    /// Sum before tax in the currency's smallest unit.
    #[serde(default)]
    pub subtotal: Option<i64>,
    /// Tax in the currency's smallest unit.
    #[serde(default)]
    pub tax_amount: Option<i64>,
    /// The date on the paper.
    #[serde(default)]
    pub invoice_date: Option<Timestamp>,
    /// The subscription that it bills.
    #[serde(default)]
    pub subscription_id: Option<SubscriptionId>,
    /// The printable invoice.
    #[serde(default, rename = "pdfURL")]
    pub pdf_url: Option<String>,
}

/// Whether an invoice is paid.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
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
    /// A status that this version of the crate does not know.
    #[serde(untagged)]
    Unknown(String),
}

/// One line of an invoice.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvoiceLineItem {
    /// Flowglad's id.
    pub id: String,
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
}
