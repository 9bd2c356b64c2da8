//! `/invoices` and `/invoice-line-items`.

use serde_json::json;

use crate::{
    operations::{call::Call, page, reply::Reply},
    records::billing::{Invoice, InvoiceLineItem},
    refusal::Refusal,
    rules::{billing::billing_run, scope},
    store::Store,
};

/// Lists invoices without their lines.
pub(crate) fn list(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let invoices = scope::all::<Invoice>(store).filter(|invoice| billing_run::took_place(store, invoice));
    page::reply(call, invoices, |invoice| invoice)
}

/// Shows an invoice with its lines. As on the real API, an invoice without lines is an error.
pub(crate) fn get(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    let refused = || Refusal::rule_not_found("Output validation failed");
    let invoice: &Invoice = scope::find(store, call.param("id")).ok_or_else(refused)?;
    let lines: Vec<&InvoiceLineItem> = store.tables.invoice_line_items.owned_by(&invoice.meta.id).collect();
    if lines.is_empty() {
        return Err(refused());
    }
    Ok(Reply::json(&json!({ "invoice": invoice, "invoiceLineItems": lines })))
}

pub(crate) fn list_lines(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    page::reply(call, scope::all::<InvoiceLineItem>(store), |line| line)
}

/// Shows a line without a wrapper.
pub(crate) fn get_line(store: &mut Store, call: &Call) -> Result<Reply, Refusal> {
    scope::show::<InvoiceLineItem>(store, call.param("id")).map(Reply::json)
}
