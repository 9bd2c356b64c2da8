//! `/invoice-line-items`: the line items of invoices.

use crate::{
    client::{endpoint::Endpoint, json::Response, transport::Call},
    error::Error,
    flowglad::{
        Flowglad,
        list::{List, ListEndpoint, list},
    },
    model::{InvoiceLineItem, InvoiceLineItemId},
};

/// The response is the record itself, without a key around it.
pub(crate) const GET: Endpoint<(), InvoiceLineItem> =
    Endpoint::get("invoice_line_items.get", "/invoice-line-items/{id}");

pub(crate) const LIST: ListEndpoint<InvoiceLineItem> = list("invoice_line_items.list", "/invoice-line-items");

/// Operations on the line items of invoices (`/invoice-line-items`). Returned by [`Flowglad::invoice_line_items`].
#[derive(Clone, Debug)]
pub struct InvoiceLineItems {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on the line items of invoices (`/invoice-line-items`).
    #[must_use]
    pub fn invoice_line_items(&self) -> InvoiceLineItems {
        InvoiceLineItems { flowglad: self.clone() }
    }
}

impl InvoiceLineItems {
    /// Reads a line item of an invoice (`GET /invoice-line-items/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no line item has this id.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let line = flowglad.invoice_line_items().get(&"inv_li_1".parse()?).await?;
    /// println!("{} × {}", line.quantity, line.price);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &InvoiceLineItemId) -> Result<Response<InvoiceLineItem>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Lists the line items of all invoices (`GET /invoice-line-items`), page by page or record by record.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.invoice_line_items().list().page().await?;
    /// println!("{} of {}", page.data.len(), page.total);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<InvoiceLineItem> {
        List::new(&self.flowglad, &LIST)
    }
}
