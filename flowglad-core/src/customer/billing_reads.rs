//! Reads that return a part of the billing document. Each sends one request, plus one if the customer must be created.

use crate::{
    billing::CustomerPaymentMethods,
    client::json::Response,
    customer::CustomerScope,
    error::Error,
    input::{InvalidInput, ListPage},
    model::{Customer, InvoiceWithLineItems, PricingModel, Purchase, SubscriptionId, SubscriptionItemFeature},
};

impl CustomerScope {
    /// Reads the customer's invoices with their line items (from `GET /customers/{externalId}/billing`).
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if `page.starting_after` is not an invoice of the customer. Errors common to
    /// [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// for bill in me.invoices(&flowglad_core::input::ListPage::default()).await? {
    ///     println!("{:?}", bill.invoice.invoice_number);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn invoices(&self, page: &ListPage) -> Result<Vec<Response<InvoiceWithLineItems>>, Error> {
        let invoices = self.billing_document().await?.invoices()?;
        Ok(select_page(invoices, page, |bill| bill.invoice.id.as_str())?)
    }

    /// Reads what the customer bought through checkout (from `GET /customers/{externalId}/billing`).
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if `page.starting_after` is not a purchase of the customer. Errors common to
    /// [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let bought = me.purchases(&flowglad_core::input::ListPage::default()).await?.len();
    /// # Ok(()) }
    /// ```
    pub async fn purchases(&self, page: &ListPage) -> Result<Vec<Response<Purchase>>, Error> {
        let purchases = self.billing_document().await?.purchases()?;
        Ok(select_page(purchases, page, |purchase| purchase.id.as_str())?)
    }

    /// Reads the products and prices that apply to the customer (from `GET /customers/{externalId}/billing`). It never
    /// falls back to the default pricing model.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// println!("{}", me.pricing_model().await?.name);
    /// # Ok(()) }
    /// ```
    pub async fn pricing_model(&self) -> Result<Response<PricingModel>, Error> {
        self.billing_document().await?.pricing_model()
    }

    /// Reads the customer's own data, such as name and email (from `GET /customers/{externalId}/billing`).
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// println!("customer since {}", me.details().await?.created_at);
    /// # Ok(()) }
    /// ```
    pub async fn details(&self) -> Result<Response<Customer>, Error> {
        self.billing_document().await?.customer()
    }

    /// Reads the payment methods, and the URL of the page where the customer manages them (from
    /// `GET /customers/{externalId}/billing`).
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// println!("{} cards", me.payment_methods().await?.methods.len());
    /// # Ok(()) }
    /// ```
    pub async fn payment_methods(&self) -> Result<CustomerPaymentMethods, Error> {
        self.billing_document().await?.payment_methods()
    }

    /// Reads the toggle features of all current subscriptions, or of the named one (from `GET
    /// /customers/{externalId}/billing`). If several subscriptions grant the same slug, the first one is returned. For
    /// a subscription that is not current the list is empty.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let can_export = me.feature_access(None).await?.iter().any(|feature| feature.slug == "export_csv");
    /// # Ok(()) }
    /// ```
    pub async fn feature_access(
        &self,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Vec<SubscriptionItemFeature>, Error> {
        let current = self.subscriptions().await?.current;
        let subscriptions = current.iter().filter(|current| subscription.is_none_or(|id| *id == current.id));
        let mut features: Vec<SubscriptionItemFeature> = Vec::new();
        for toggle in subscriptions.flat_map(|subscription| subscription.toggles()) {
            if !features.iter().any(|feature| feature.slug == toggle.slug) {
                features.push(toggle.clone());
            }
        }
        Ok(features)
    }
}

/// Returns the records of one page of a list.
///
/// # Errors
/// If `starting_after` names none of the records. Returning the start of the list would be wrong.
fn select_page<T>(
    mut records: Vec<Response<T>>,
    page: &ListPage,
    id: impl Fn(&T) -> &str,
) -> Result<Vec<Response<T>>, InvalidInput> {
    if let Some(after) = &page.starting_after {
        let at = records.iter().position(|record| id(record) == after);
        let at = at.ok_or_else(|| InvalidInput::new("startingAfter", "is not the id of a record in this list"))?;
        records.drain(..=at);
    }
    if let Some(limit) = page.limit {
        records.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    Ok(records)
}
