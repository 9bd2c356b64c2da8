//! The customer's own data.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Answer, Change, CustomerScope, Error, InvalidCustomer, model::Customer, requesting_customer::check_email};

/// What to change of a customer. What is not set stays as it is. `Debug` does not show what is set.
///
/// ```
/// use flowglad_core::CustomerChanges;
/// let changes = CustomerChanges::new().name("Ada Lovelace").email("ada@example.com")?;
/// # Ok::<_, flowglad_core::InvalidCustomer>(())
/// ```
#[derive(Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CustomerChanges {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) billing_address: Option<Map<String, Value>>,
    /// A large picture of the customer.
    #[serde(rename = "logoURL", skip_serializing_if = "Change::is_keep")]
    pub logo_url: Change<String>,
    /// A small picture of the customer.
    #[serde(rename = "iconURL", skip_serializing_if = "Change::is_keep")]
    pub icon_url: Change<String>,
    /// The customer's internet domain.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub domain: Change<String>,
    /// The customer's user of Flowglad itself.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub user_id: Change<String>,
}

impl fmt::Debug for CustomerChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomerChanges").finish_non_exhaustive()
    }
}

impl CustomerChanges {
    /// No change.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the display name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets where receipts go.
    ///
    /// # Errors
    /// If it is not an email address.
    pub fn email(mut self, email: impl Into<String>) -> Result<Self, InvalidCustomer> {
        let email = email.into();
        check_email(&email)?;
        self.email = Some(email);
        Ok(self)
    }

    /// Sets the phone number. The API passes it over today.
    #[must_use]
    pub fn phone(mut self, phone: impl Into<String>) -> Self {
        self.phone = Some(phone.into());
        self
    }

    /// Sets the billing address, in the API's form. The API passes it over today.
    #[must_use]
    pub fn billing_address(mut self, address: Map<String, Value>) -> Self {
        self.billing_address = Some(address);
        self
    }
}

impl CustomerScope {
    /// Changes the customer (`PUT /customers/{externalId}`), which is created first if Flowglad does not know it.
    ///
    /// # Errors
    /// As every call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// me.update(&flowglad_core::CustomerChanges::new().name("Ada Lovelace")).await?;
    /// # Ok(()) }
    /// ```
    pub async fn update(&self, changes: &CustomerChanges) -> Result<Answer<Customer>, Error> {
        let update = || async { self.customers().update(self.who.external_id(), changes).await };
        match update().await {
            Err(error) if error.is_plain_not_found() => {
                self.find_or_create().await?;
                update().await
            }
            answer => answer,
        }
    }

    /// Archives the customer, which frees the external id for another one (`POST /customers/{externalId}/archive`). The
    /// next thing that is done for the same user creates a new customer, without the subscriptions of this one.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is no customer, or it was archived already; else as every call. Never sent twice.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// assert!(me.archive().await?.archived);
    /// # Ok(()) }
    /// ```
    pub async fn archive(&self) -> Result<Answer<Customer>, Error> {
        self.customers().archive(self.who.external_id()).await
    }
}
