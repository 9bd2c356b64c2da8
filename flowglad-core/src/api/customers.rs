//! `/customers`: the app's users as customers of Flowglad.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    billing::{Billing, Source, document::BillingDocument},
    client::{
        endpoint::{Changes, Endpoint, NoFields},
        json::Response,
        json_object::ObjectOnly,
        subject::Subject,
        transport::Call,
    },
    error::Error,
    flowglad::{
        Flowglad,
        list::{List, ListEndpoint, list},
    },
    input::{Change, CheckedDetails, EmailAddress, RequestingCustomer},
    model::{CreatedCustomer, Customer, CustomerId, SubscriptionId, UsageMeterBalance},
};

pub(crate) const GET: Endpoint<(), Customer> =
    Endpoint::get("customers.get", "/customers/{externalId}").under("customer");

/// Not idempotent: if the first request created the customer and its response was lost, a retry fails with 409.
pub(crate) const CREATE: Endpoint<CreateCustomer<'_>, CreatedCustomer> =
    Endpoint::post("customers.create", "/customers").under("data").changes(Changes::Named);

/// Idempotent for a caller to whom a 409 means that there is such a customer now, whoever created it: an external id is
/// unique.
pub(crate) const CREATE_IF_ABSENT: Endpoint<CreateCustomer<'_>, CreatedCustomer> = CREATE.idempotent();

/// Idempotent: it sets fields to given values, so a retry changes nothing.
pub(crate) const UPDATE: Endpoint<UpdateCustomer<'_>, Customer> =
    Endpoint::put("customers.update", "/customers/{externalId}").under("customer").changes(Changes::CustomerInPath);

/// Not idempotent: an archived customer is no longer found, so a retry would turn a success into an error.
pub(crate) const ARCHIVE: Endpoint<NoFields, Customer> =
    Endpoint::post("customers.archive", "/customers/{externalId}/archive")
        .under("customer")
        .changes(Changes::CustomerInPath);

/// Of a billing document only the customer is decoded that it belongs to. The rest is checked to be JSON and kept as
/// bytes. A key on the way to the owner that comes twice is an error.
pub(crate) const BILLING: Endpoint<(), ObjectOnly<BillingOwner>> =
    Endpoint::get("customers.billing", "/customers/{externalId}/billing").under("customer");

pub(crate) const USAGE_BALANCES: Endpoint<(), Vec<UsageMeterBalance>> =
    Endpoint::get("customers.usage_balances", "/customers/{externalId}/usage-balances").under("usageMeterBalances");

pub(crate) const LIST: ListEndpoint<Customer> = list("customers.list", "/customers");

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

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BillingOwner {
    external_id: String,
}

/// A customer to create. Always valid, because it is made from a valid [`RequestingCustomer`]. `Debug` shows the
/// external id only.
#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct NewCustomer {
    email: String,
    name: String,
    external_id: String,
    /// Whether the customer is created as archived. Default: no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// The URL of a large picture of the customer.
    #[serde(rename = "logoURL", skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    /// The URL of a small picture of the customer.
    #[serde(rename = "iconURL", skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<String>,
    /// The customer's internet domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The id of the customer's own user account at Flowglad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

impl fmt::Debug for NewCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCustomer").field("external_id", &self.external_id).finish_non_exhaustive()
    }
}

impl NewCustomer {
    /// Sets the external id, name and email of a user of the app, and leaves the other fields unset. Name and email may have
    /// to be [found](RequestingCustomer::with_details) by the app.
    ///
    /// # Errors
    /// [`Error::Details`] if the app cannot say them.
    pub async fn new(who: &RequestingCustomer) -> Result<Self, Error> {
        let CheckedDetails { name, email } = who.details().await?;
        Ok(Self {
            email: email.as_str().to_owned(),
            name: name.clone(),
            external_id: who.external_id().to_owned(),
            archived: None,
            logo_url: None,
            icon_url: None,
            domain: None,
            user_id: None,
        })
    }
}

/// Changes to a customer. Fields that are not set keep their values. `Debug` does not show the values.
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
    /// The email address for receipts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailAddress>,
    /// The phone number. The API currently ignores it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The billing address, in the API's form. The API currently ignores it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<Map<String, Value>>,
    /// The URL of a large picture of the customer.
    #[serde(rename = "logoURL", skip_serializing_if = "Change::is_keep")]
    pub logo_url: Change<String>,
    /// The URL of a small picture of the customer.
    #[serde(rename = "iconURL", skip_serializing_if = "Change::is_keep")]
    pub icon_url: Change<String>,
    /// The customer's internet domain.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub domain: Change<String>,
    /// The id of the customer's own user account at Flowglad.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub user_id: Change<String>,
}

impl fmt::Debug for CustomerChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomerChanges").finish_non_exhaustive()
    }
}

impl CustomerChanges {
    /// Changes nothing until a field is set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the customer has all the wanted values. The fields that the API ignores are not compared; changes of
    /// these alone can never be seen.
    pub(crate) fn are_made(&self, customer: &Customer) -> bool {
        let ignored = Self { phone: self.phone.clone(), billing_address: self.billing_address.clone(), ..Self::new() };
        *self != ignored
            && self.name.as_ref().is_none_or(|name| *name == customer.name)
            && self.email.as_ref().is_none_or(|email| email.as_str() == customer.email)
            && self.logo_url.is_made(customer.logo_url.as_ref())
            && self.icon_url.is_made(customer.icon_url.as_ref())
            && self.domain.is_made(customer.domain.as_ref())
            && self.user_id.is_made(customer.user_id.as_ref())
    }
}

/// Names a customer by Flowglad's id or by the app's own id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum CustomerRef {
    /// Flowglad's id.
    #[serde(rename = "customerId")]
    Id(CustomerId),
    /// The app's own id of the user.
    #[serde(rename = "customerExternalId")]
    ExternalId(String),
}

impl CustomerRef {
    pub(crate) fn subject(&self) -> Subject<'_> {
        match self {
            Self::Id(id) => Subject::CustomerId(id.as_str()),
            Self::ExternalId(id) => Subject::Customer(id),
        }
    }
}

/// Operations on customers (`/customers`). Returned by [`Flowglad::customers`].
///
/// These operations name a customer by its external id, which is the app's own id of the user. For a signed-in user,
/// use [`Flowglad::customer`] instead, which creates the customer when it is first needed.
#[derive(Clone, Debug)]
pub struct Customers {
    flowglad: Flowglad,
}

impl Flowglad {
    /// Returns the operations on customers (`/customers`).
    #[must_use]
    pub fn customers(&self) -> Customers {
        Customers { flowglad: self.clone() }
    }
}

impl Customers {
    /// Creates a customer, with a subscription to the default product if there is one (`POST /customers`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// [`Error::is_conflict`] if a customer has this external id already.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{RequestingCustomer, api::NewCustomer};
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let ada = RequestingCustomer::new("user_42", "Ada", "ada@example.com")?;
    /// let mut new = NewCustomer::new(&ada).await?;
    /// new.domain = Some("example.com".into());
    /// println!("{}", flowglad.customers().create(&new).await?.customer.id);
    /// # Ok(()) }
    /// ```
    pub async fn create(&self, customer: &NewCustomer) -> Result<Response<CreatedCustomer>, Error> {
        self.create_by(&CREATE, customer).await
    }

    /// Creates a customer, with retries. `None` if there is one with this external id already, which an earlier attempt
    /// may have created.
    pub(crate) async fn create_if_absent(
        &self,
        customer: &NewCustomer,
    ) -> Result<Option<Response<CreatedCustomer>>, Error> {
        match self.create_by(&CREATE_IF_ABSENT, customer).await {
            Err(error) if error.is_conflict() => Ok(None),
            created => created.map(Some),
        }
    }

    async fn create_by(
        &self,
        endpoint: &Endpoint<CreateCustomer<'_>, CreatedCustomer>,
        customer: &NewCustomer,
    ) -> Result<Response<CreatedCustomer>, Error> {
        let created = self
            .flowglad
            .call(endpoint, Call::body(&CreateCustomer { customer }).about([Subject::Customer(&customer.external_id)]))
            .await?;
        ensure_same_customer(&customer.external_id, &created.customer.external_id, endpoint.route().operation)?;
        Ok(created)
    }

    /// Reads a customer (`GET /customers/{externalId}`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no customer has this external id, or the customer was archived.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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
    /// [`Error::is_not_found`] if no customer has this external id, or the customer was archived.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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

    /// Archives a customer, so that its external id can be used for a new customer
    /// (`POST /customers/{externalId}/archive`).
    /// Not retried after it was sent.
    ///
    /// # Errors
    /// [`Error::is_not_found`] if no customer has this external id, or the customer was archived already.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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

    /// Reads all billing data of a customer (`GET /customers/{externalId}/billing`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is no such customer; [`Error::WrongCustomer`] if the response is about another
    /// one. Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
    /// let billing = flowglad.customers().billing("user_42").await?;
    /// println!("{} invoices", billing.invoices().len());
    /// # Ok(()) }
    /// ```
    pub async fn billing(&self, external_id: &str) -> Result<Billing, Error> {
        self.billing_document(external_id).await?.billing(Source::Live, Duration::ZERO)
    }

    /// Reads the billing document as bytes and checks that it belongs to this customer.
    pub(crate) async fn billing_document(&self, external_id: &str) -> Result<BillingDocument, Error> {
        let document = self.flowglad.call(&BILLING, Call::id(external_id)).await?;
        let ObjectOnly(owner) = &*document;
        ensure_same_customer(external_id, &owner.external_id, BILLING.route().operation)?;
        Ok(BillingDocument::new(document.body().clone(), BILLING.route()))
    }

    /// Reads the balance of each usage meter, for all current subscriptions of a customer or for one of them
    /// (`GET /customers/{externalId}/usage-balances`).
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is no such customer, or the subscription belongs to another customer.
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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
        let call = Call::id(external_id).and_query("subscriptionId", subscription.map(SubscriptionId::as_str));
        self.flowglad.call(&USAGE_BALANCES, call).await
    }

    /// Lists all customers, including archived ones (`GET /customers`), page by page or record by record.
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

/// Returns an error if a response is about another customer than the requested one.
fn ensure_same_customer(expected: &str, received: &str, operation: &'static str) -> Result<(), Error> {
    if expected == received { Ok(()) } else { Err(Error::WrongCustomer { operation }) }
}
