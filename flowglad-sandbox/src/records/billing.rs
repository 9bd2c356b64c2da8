//! Money: cards, purchases, invoices and payments.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::records::{
    metadata::Metadata,
    pricing::{IntervalUnit, PriceType},
    record::{Meta, record},
};

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct PostalAddress {
    pub(crate) line1: Cow<'static, str>,
    pub(crate) line2: Option<Cow<'static, str>>,
    pub(crate) city: Cow<'static, str>,
    pub(crate) state: Cow<'static, str>,
    pub(crate) postal_code: Cow<'static, str>,
    pub(crate) country: Cow<'static, str>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct BillingAddress {
    pub(crate) name: String,
    pub(crate) address: PostalAddress,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct BillingDetails {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) address: PostalAddress,
}

/// A card as its processor describes it. Its fields are snake case, unlike all others.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Card {
    pub(crate) brand: Cow<'static, str>,
    pub(crate) last4: Cow<'static, str>,
    pub(crate) exp_month: u8,
    pub(crate) exp_year: u16,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaymentMethod {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) customer_id: String,
    pub(crate) pricing_model_id: String,
    pub(crate) billing_details: BillingDetails,
    #[serde(rename = "type")]
    pub(crate) kind: Cow<'static, str>,
    pub(crate) default: bool,
    pub(crate) payment_method_data: Card,
    pub(crate) metadata: Metadata,
}

record!(PaymentMethod: "pm" of customer_id);

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Purchase {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) name: String,
    pub(crate) status: Cow<'static, str>,
    pub(crate) customer_id: String,
    pub(crate) organization_id: String,
    pub(crate) billing_cycle_anchor: Option<i64>,
    pub(crate) price_id: String,
    pub(crate) quantity: i64,
    pub(crate) price_type: PriceType,
    pub(crate) trial_period_days: Option<i64>,
    pub(crate) price_per_billing_cycle: Option<i64>,
    pub(crate) interval_unit: Option<IntervalUnit>,
    pub(crate) interval_count: Option<i64>,
    pub(crate) first_invoice_value: i64,
    pub(crate) total_purchase_value: Option<i64>,
    pub(crate) bank_payment_only: bool,
    pub(crate) purchase_date: i64,
    pub(crate) end_date: Option<i64>,
    pub(crate) proposal: Option<String>,
    pub(crate) archived: bool,
    pub(crate) billing_address: Option<BillingAddress>,
    pub(crate) metadata: Option<Metadata>,
    pub(crate) pricing_model_id: String,
    pub(crate) position: usize,
}

record!(Purchase: "prch" of customer_id);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InvoiceStatus {
    Draft,
    /// Its payment was declined.
    Open,
    Paid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InvoiceType {
    Subscription,
    Purchase,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invoice {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) purchase_id: Option<String>,
    pub(crate) invoice_number: String,
    pub(crate) invoice_date: i64,
    pub(crate) billing_period_id: Option<String>,
    pub(crate) due_date: i64,
    pub(crate) customer_id: String,
    pub(crate) organization_id: String,
    pub(crate) status: InvoiceStatus,
    pub(crate) subscription_id: Option<String>,
    pub(crate) billing_run_id: Option<String>,
    pub(crate) billing_period_start_date: Option<i64>,
    pub(crate) billing_period_end_date: Option<i64>,
    pub(crate) owner_membership_id: Option<String>,
    #[serde(rename = "pdfURL")]
    pub(crate) pdf_url: Option<String>,
    #[serde(rename = "receiptPdfURL")]
    pub(crate) receipt_pdf_url: Option<String>,
    pub(crate) memo: Option<String>,
    pub(crate) bank_payment_only: bool,
    #[serde(rename = "type")]
    pub(crate) kind: InvoiceType,
    pub(crate) currency: Cow<'static, str>,
    pub(crate) tax_amount: Option<i64>,
    pub(crate) subtotal: i64,
    pub(crate) tax_type: Option<String>,
    pub(crate) tax_country: Option<Cow<'static, str>>,
    pub(crate) tax_state: Option<String>,
    pub(crate) tax_rate_percentage: Option<Cow<'static, str>>,
    pub(crate) application_fee: Option<i64>,
    pub(crate) pricing_model_id: String,
}

record!(Invoice: "inv" of customer_id);

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvoiceLineItem {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) invoice_id: String,
    pub(crate) quantity: i64,
    pub(crate) price_id: Option<String>,
    pub(crate) description: String,
    pub(crate) price: i64,
    #[serde(rename = "type")]
    pub(crate) kind: Cow<'static, str>,
    pub(crate) pricing_model_id: String,
    /// Usage lines have it. In other lines the key is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) billing_run_id: Option<String>,
    pub(crate) ledger_account_id: Option<String>,
    pub(crate) ledger_account_credit: Option<i64>,
}

record!(InvoiceLineItem: "inv_li" of invoice_id);

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Payment {
    #[serde(flatten)]
    pub(crate) meta: Meta,
    pub(crate) invoice_id: String,
    pub(crate) amount: i64,
    pub(crate) payment_method: Cow<'static, str>,
    pub(crate) currency: Cow<'static, str>,
    pub(crate) status: Cow<'static, str>,
    pub(crate) charge_date: i64,
    pub(crate) settlement_date: Option<i64>,
    pub(crate) description: Option<String>,
    pub(crate) receipt_number: Option<String>,
    #[serde(rename = "receiptURL")]
    pub(crate) receipt_url: Option<String>,
    pub(crate) organization_id: String,
    pub(crate) customer_id: String,
    pub(crate) purchase_id: Option<String>,
    pub(crate) subscription_id: Option<String>,
    pub(crate) payment_method_id: Option<String>,
    pub(crate) billing_period_id: Option<String>,
    pub(crate) tax_amount: i64,
    pub(crate) subtotal: i64,
    pub(crate) tax_type: Option<String>,
    pub(crate) tax_country: Cow<'static, str>,
    pub(crate) tax_state: Option<String>,
    pub(crate) tax_rate_percentage: Option<String>,
    pub(crate) application_fee: Option<i64>,
    pub(crate) refunded: bool,
    pub(crate) refunded_amount: Option<i64>,
    pub(crate) refunded_at: Option<i64>,
    pub(crate) failure_message: Option<String>,
    pub(crate) failure_code: Option<String>,
    pub(crate) pricing_model_id: String,
}

record!(Payment: "pym" of customer_id);

/// The retries of one invoice whose payment was declined. The API shows only its id.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct BillingRun {
    pub(crate) meta: Meta,
    pub(crate) subscription_id: String,
    pub(crate) invoice_id: String,
    /// When the card is charged again; none once the invoice is paid or given up.
    pub(crate) next_try_at: Option<i64>,
    pub(crate) retries: usize,
}

record!(BillingRun: "billing_run" of subscription_id);
