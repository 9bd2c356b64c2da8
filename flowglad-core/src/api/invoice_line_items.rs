//! `/invoice-line-items`.

use crate::{
    client::{
        endpoint::Endpoint,
        json::Response,
        list::{List, ListEndpoint, list},
        transport::Call,
    },
    error::Error,
    flowglad::Flowglad,
    model::{InvoiceLineItem, InvoiceLineItemId},
};

/// The reply is the record itself.
pub(crate) const GET: Endpoint<(), InvoiceLineItem> =
    Endpoint::get("invoice_line_items.get", "/invoice-line-items/{id}");

pub(crate) const LIST: ListEndpoint<InvoiceLineItem> = list("invoice_line_items.list", "/invoice-line-items");

/// The lines of invoices (`/invoice-line-items`). Made by [`Flowglad::invoice_line_items`].
#[derive(Clone, Debug)]
pub struct InvoiceLineItems {
    flowglad: Flowglad,
}

impl Flowglad {
    /// The lines of invoices (`/invoice-line-items`).
    #[must_use]
    pub fn invoice_line_items(&self) -> InvoiceLineItems {
        InvoiceLineItems { flowglad: self.clone() }
    }
}

impl InvoiceLineItems {
    /// Reads one line of an invoice (`GET /invoice-line-items/{id}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none; else as every call.
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

    /// The lines of all invoices, page by page or one after the other (`GET /invoice-line-items`).
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
