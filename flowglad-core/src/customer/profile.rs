//! The customer's own data.

use crate::{api::CustomerChanges, client::json::Response, customer::CustomerScope, error::Error, model::Customer};

impl CustomerScope {
    /// Updates the customer (`PUT /customers/{externalId}`). If Flowglad does not know the customer, it is created
    /// first. If the response is lost, the customer is read once, and returned if it has the wanted values.
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
        let id = self.customer.external_id();
        let update = || {
            self.change_or_look(
                |scope| async move { scope.customers().update(id, changes).await },
                |scope| async move { Ok(Some(scope.read_customer().await?).filter(|now| changes.are_made(now))) },
            )
        };
        self.create_if_not_found(update).await
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
