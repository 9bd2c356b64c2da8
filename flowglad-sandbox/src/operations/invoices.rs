//! `/invoices` and `/invoice-line-items`: what customers owe or have paid.

use serde_json::json;

use crate::http::api_error::ApiError;
use crate::http::call::Call;
use crate::http::page;
use crate::http::reply::Reply;
use crate::records::InvoiceLineItem;
use crate::store::Store;

/// Lists bare invoices, without their lines.
pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let invoices = store.tables.invoices.iter().filter(|invoice| invoice.pricing_model_id == store.key_model_id);
    page::reply(call, invoices, |invoice| invoice)
}

/// Shows an invoice with its lines. Like the real API, it fails on an invoice that has none.
pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let refused = || ApiError::internal("Output validation failed");
    let invoice = store.tables.invoices.find(call.param("id"));
    let invoice = invoice.filter(|invoice| invoice.pricing_model_id == store.key_model_id).ok_or_else(refused)?;
    let lines: Vec<&InvoiceLineItem> = store.tables.invoice_line_items.of(&invoice.head.id).collect();
    if lines.is_empty() {
        return Err(refused());
    }
    Ok(Reply::json(&json!({ "invoice": invoice, "invoiceLineItems": lines })))
}

pub(crate) fn list_lines(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let lines = store.tables.invoice_line_items.iter().filter(|line| line.pricing_model_id == store.key_model_id);
    page::reply(call, lines, |line| line)
}

/// Shows a line as it is, without anything around it.
pub(crate) fn get_line(store: &mut Store, call: &Call) -> Result<Reply, ApiError> {
    let id = call.param("id");
    let line = store.tables.invoice_line_items.find(id).filter(|line| line.pricing_model_id == store.key_model_id);
    line.map(Reply::json).ok_or_else(|| ApiError::no_row("invoice line items", id))
}
