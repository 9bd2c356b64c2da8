//! Invoices with their lines, as rows of a page.

use crate::{
    http::pages::badge::Badge,
    records::{
        billing::{Invoice, InvoiceLineItem},
        money,
    },
    store::Store,
};

/// An invoice.
#[derive(Debug)]
pub(crate) struct InvoiceRow {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) date: String,
    pub(crate) badge: Badge,
    pub(crate) total: String,
    pub(crate) lines: Vec<LineRow>,
}

/// A line of an invoice.
#[derive(Debug)]
pub(crate) struct LineRow {
    pub(crate) description: String,
    pub(crate) quantity: i64,
    pub(crate) price: String,
}

impl InvoiceRow {
    pub(crate) fn new(store: &Store, invoice: &Invoice, date: fn(i64) -> String) -> Self {
        Self {
            id: invoice.meta.id.clone(),
            number: invoice.invoice_number.clone(),
            date: date(invoice.invoice_date),
            badge: Badge::of_invoice(invoice),
            total: money::format(invoice.subtotal, &invoice.currency),
            lines: store
                .tables
                .invoice_line_items
                .owned_by(&invoice.meta.id)
                .map(|line| LineRow::new(line, &invoice.currency))
                .collect(),
        }
    }
}

impl LineRow {
    fn new(line: &InvoiceLineItem, currency: &str) -> Self {
        Self {
            description: line.description.clone(),
            quantity: line.quantity,
            price: money::format(line.price, currency),
        }
    }
}
