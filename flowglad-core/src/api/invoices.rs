//! `/invoices`: invoices with their line items.

use crate::{
    client::{endpoint::Endpoint, json::Response, transport::Call},
    error::Error,
    flowglad::{
        Flowglad,
        list::{List, ListEndpoint, list},
    },
    model::{Invoice, InvoiceId, InvoiceWithLineItems},
};

pub(crate) const GET: Endpoint<(), InvoiceWithLineItems> = Endpoint::get("invoices.get", "/invoices/{id}");

pub(crate) const LIST: ListEndpoint<Invoice> = list("invoices.list", "/invoices");

/// Operations on invoices (`/invoices`). Returned by [`Flowglad::invoices`].
#[derive(Clone, Debug)]
pub struct Invoices {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on invoices (`/invoices`).
    #[must_use]
    pub fn invoices(&self) -> Invoices {
        Invoices { flowglad: self.clone() }
    }
}

impl Invoices {
    /// Reads an invoice with its line items (`GET /invoices/{id}`).
    ///
    /// # Errors
    /// The API answers 500 if no invoice has this id, or the invoice has no line items.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let bill = flowglad.invoices().get(&"inv_1".parse()?).await?;
    /// println!("{:?} with {} lines", bill.invoice.status, bill.invoice_line_items.len());
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, id: &InvoiceId) -> Result<Response<InvoiceWithLineItems>, Error> {
        self.flowglad.call(&GET, Call::id(id.as_str())).await
    }

    /// Lists all invoices without their line items (`GET /invoices`), page by page or record by record.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.invoices().list().page().await?;
    /// println!("{} of {}", page.data.len(), page.total);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<Invoice> {
        List::new(&self.flowglad, &LIST)
    }
}
