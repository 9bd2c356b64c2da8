//! The customer's own data.

use crate::{api::CustomerChanges, client::json::Response, customer::CustomerScope, error::Error, model::Customer};

impl CustomerScope {
    /// Updates the customer (`PUT /customers/{externalId}`). If Flowglad does not know the customer, it is created
    /// first.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let mut changes = flowglad_core::api::CustomerChanges::new();
    /// changes.name = Some("Ada Lovelace".into());
    /// me.update(&changes).await?;
    /// # Ok(()) }
    /// ```
    pub async fn update(&self, changes: &CustomerChanges) -> Result<Response<Customer>, Error> {
        self.create_if_not_found(|| async { self.customers().update(self.customer.external_id(), changes).await }).await
    }

    /// Archives the customer, which makes the external id available again (`POST /customers/{externalId}/archive`). The
    /// next call for the same user creates a new customer without the subscriptions of this one. Not retried after it
    /// was sent.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is no customer, or it is already archived. Errors common to
    /// [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// assert!(me.archive().await?.archived);
    /// # Ok(()) }
    /// ```
    pub async fn archive(&self) -> Result<Response<Customer>, Error> {
        self.customers().archive(self.customer.external_id()).await
    }
}
