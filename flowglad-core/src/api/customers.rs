//! `/customers`: the app's users as the API knows them.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    client::{
        endpoint::{Endpoint, NoFields},
        json::{RawJson, Response},
        list::{List, ListEndpoint, list},
        transport::Call,
    },
    error::Error,
    flowglad::Flowglad,
    input::{Change, EmailAddress, RequestingCustomer},
    model::{CreatedCustomer, Customer, CustomerId, SubscriptionId, UsageMeterBalance},
};

pub(crate) const GET: Endpoint<(), Customer> =
    Endpoint::get("customers.get", "/customers/{externalId}").under("customer");

/// A taken external id is a 409, but a lost answer leaves open whether the customer was made.
pub(crate) const CREATE: Endpoint<CreateCustomer<'_>, CreatedCustomer> =
    Endpoint::post("customers.create", "/customers").under("data");

/// Sets fields to given values, so a second send changes nothing.
pub(crate) const UPDATE: Endpoint<UpdateCustomer<'_>, Customer> =
    Endpoint::put("customers.update", "/customers/{externalId}").under("customer");

/// An archived customer is not found any more, so a second send would turn a success into an error.
pub(crate) const ARCHIVE: Endpoint<NoFields, Customer> =
    Endpoint::post("customers.archive", "/customers/{externalId}/archive").under("customer");

/// Everything about a customer in one document.
pub(crate) const BILLING: Endpoint<(), BillingOwner> =
    Endpoint::get("customers.billing", "/customers/{externalId}/billing");

/// What is left on each usage meter.
pub(crate) const USAGE_BALANCES: Endpoint<(), Vec<UsageMeterBalance>> =
    Endpoint::get("customers.usage_balances", "/customers/{externalId}/usage-balances").under("usageMeterBalances");

pub(crate) const LIST: ListEndpoint<Customer> = list("customers.list", "/customers");

const SUBSCRIPTION_ID: &str = "subscriptionId";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateCustomer<'a> {
    customer: &'a NewCustomer,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpdateCustomer<'a> {
    customer: &'a CustomerChanges,
}

/// The one fact that is read of every billing document: whose it is. The rest is checked to be JSON and kept as bytes.
#[derive(Debug, Deserialize)]
pub(crate) struct BillingOwner {
    customer: Owner,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    external_id: String,
}

/// A customer to create. It is valid, since a [`RequestingCustomer`] is. `Debug` shows the external id only.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewCustomer {
    email: String,
    name: String,
    external_id: String,
    /// Whether it is archived from the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// A large picture of the customer.
    #[serde(rename = "logoURL", skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    /// A small picture of the customer.
    #[serde(rename = "iconURL", skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<String>,
    /// The customer's internet domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The customer's user of Flowglad itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

impl fmt::Debug for NewCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCustomer").field("external_id", &self.external_id).finish_non_exhaustive()
    }
}

impl NewCustomer {
    /// With the id, name and email of one of the app's users.
    #[must_use]
    pub fn new(who: &RequestingCustomer) -> Self {
        Self {
            email: who.email().to_owned(),
            name: who.name().to_owned(),
            external_id: who.external_id().to_owned(),
            archived: None,
            logo_url: None,
            icon_url: None,
            domain: None,
            user_id: None,
        }
    }
}

/// What to change of a customer. A field that is not set stays as it is. `Debug` does not show the values.
///
/// ```
/// use flowglad_core::api::CustomerChanges;
/// let mut changes = CustomerChanges::new();
/// changes.name = Some("Ada Lovelace".into());
/// changes.email = Some("ada@example.com".parse()?);
/// # Ok::<_, flowglad_core::InvalidInput>(())
/// ```
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CustomerChanges {
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where receipts go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// The phone number. The API ignores it today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The billing address, in the API's form. The API ignores it today.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<Map<String, Value>>,
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
}

/// A customer by Flowglad's id or the app's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum CustomerRef {
    /// Flowglad's id.
    #[serde(rename = "customerId")]
    Id(CustomerId),
    /// The app's own id of the user.
    #[serde(rename = "customerExternalId")]
    ExternalId(String),
}

/// The app's users as Flowglad knows them (`/customers`). Made by [`Flowglad::customers`].
///
/// They are named by the app's own id of the user, the external id. What is done for a signed-in user goes through
/// [`Flowglad::customer`] instead, which creates the customer when it is first needed.
#[derive(Clone, Debug)]
pub struct Customers {
    flowglad: Flowglad,
}

impl Flowglad {
    /// The app's users as Flowglad knows them (`/customers`).
    #[must_use]
    pub fn customers(&self) -> Customers {
        Customers { flowglad: self.clone() }
    }
}

impl Customers {
    /// Creates a customer, with a subscription to the default product if there is one (`POST /customers`). Never sent
    /// twice.
    ///
    /// # Errors
    /// [`Error::is_conflict`] if there is a customer of this external id; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{RequestingCustomer, api::NewCustomer};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let ada = RequestingCustomer::new("user_42", "Ada", "ada@example.com")?;
    /// let mut new = NewCustomer::new(&ada);
    /// new.domain = Some("example.com".into());
    /// println!("{}", flowglad.customers().create(&new).await?.customer.id);
    /// # Ok(()) }
    /// ```
    pub async fn create(&self, customer: &NewCustomer) -> Result<Response<CreatedCustomer>, Error> {
        let created = self.flowglad.call(&CREATE, Call::body(&CreateCustomer { customer })).await?;
        ensure_same_customer(&customer.external_id, &created.customer.external_id, CREATE.route().operation)?;
        Ok(created)
    }

    /// Reads a customer (`GET /customers/{externalId}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none, or it was archived; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// println!("{}", flowglad.customers().get("user_42").await?.created_at);
    /// # Ok(()) }
    /// ```
    pub async fn get(&self, external_id: &str) -> Result<Response<Customer>, Error> {
        let customer = self.flowglad.call(&GET, Call::id(external_id)).await?;
        ensure_same_customer(external_id, &customer.external_id, GET.route().operation)?;
        Ok(customer)
    }

    /// Changes a customer (`PUT /customers/{externalId}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none, or it was archived; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{api::CustomerChanges, input::Change};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut changes = CustomerChanges::new();
    /// changes.logo_url = Change::Clear;
    /// flowglad.customers().update("user_42", &changes).await?;
    /// # Ok(()) }
    /// ```
    pub async fn update(&self, external_id: &str, changes: &CustomerChanges) -> Result<Response<Customer>, Error> {
        let body = UpdateCustomer { customer: changes };
        let customer = self.flowglad.call(&UPDATE, Call::id(external_id).and_body(&body)).await?;
        ensure_same_customer(external_id, &customer.external_id, UPDATE.route().operation)?;
        Ok(customer)
    }

    /// Archives a customer, which frees its external id for another one (`POST /customers/{externalId}/archive`). Never
    /// sent twice.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none, or it was archived already; else as every call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// assert!(flowglad.customers().archive("user_42").await?.archived);
    /// # Ok(()) }
    /// ```
    pub async fn archive(&self, external_id: &str) -> Result<Response<Customer>, Error> {
        let customer = self.flowglad.call(&ARCHIVE, Call::id(external_id).and_body(&NoFields {})).await?;
        ensure_same_customer(external_id, &customer.external_id, ARCHIVE.route().operation)?;
        Ok(customer)
    }

    /// The billing document as bytes, after checking whose it is.
    pub(crate) async fn billing_json(&self, external_id: &str) -> Result<RawJson, Error> {
        let document = self.flowglad.call(&BILLING, Call::id(external_id)).await?;
        ensure_same_customer(external_id, &document.customer.external_id, BILLING.route().operation)?;
        Ok(document.raw().clone())
    }

    /// Reads what is left on each usage meter of the current subscriptions, or of one subscription of the customer
    /// (`GET /customers/{externalId}/usage-balances`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is no such customer, or the subscription is not the customer's; else as every
    /// call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// for meter in flowglad.customers().usage_balances("user_42", None).await?.iter() {
    ///     println!("{}: {}", meter.name, meter.available_balance);
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn usage_balances(
        &self,
        external_id: &str,
        subscription: Option<&SubscriptionId>,
    ) -> Result<Response<Vec<UsageMeterBalance>>, Error> {
        let call = Call::id(external_id).and_query(SUBSCRIPTION_ID, subscription.map(SubscriptionId::as_str));
        self.flowglad.call(&USAGE_BALANCES, call).await
    }

    /// All customers, archived ones included, page by page or one after the other (`GET /customers`).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::Error> {
    /// let page = flowglad.customers().list().page().await?;
    /// println!("{} of {}", page.data.len(), page.total);
    /// # Ok(()) }
    /// ```
    pub fn list(&self) -> List<Customer> {
        List::new(&self.flowglad, &LIST)
    }
}

/// Refuses a response about another customer, whatever made the API give it.
fn ensure_same_customer(expected: &str, received: &str, operation: &'static str) -> Result<(), Error> {
    if expected == received { Ok(()) } else { Err(Error::WrongCustomer { operation }) }
}
