//! The customer scope, and the creation of a customer that Flowglad does not know yet.

use crate::{
    api::customers::{CREATE, Customers, NewCustomer},
    client::json::{RawJson, Response},
    customer::billing::{Billing, BillingDocument},
    error::Error,
    flowglad::Flowglad,
    input::RequestingCustomer,
    model::Customer,
};

/// Everything that can be read and done for one customer, made by [`Flowglad::customer`].
///
/// A customer that Flowglad does not know yet is created when it is first needed. A customer record or billing document
/// of another customer is refused with [`Error::WrongCustomer`], and a change begins only after the subscription was seen
/// to be the customer's.
///
/// Cloning is cheap.
#[derive(Clone, Debug)]
pub struct CustomerScope {
    pub(super) flowglad: Flowglad,
    pub(super) customer: RequestingCustomer,
}

impl Flowglad {
    /// Everything that can be read and done for one customer. Makes no request by itself.
    #[must_use]
    pub fn customer(&self, customer: &RequestingCustomer) -> CustomerScope {
        CustomerScope { flowglad: self.clone(), customer: customer.clone() }
    }
}

impl CustomerScope {
    /// The same scope, with one deadline for all its requests.
    pub(crate) fn with_shared_deadline(self) -> Self {
        Self { flowglad: self.flowglad.with_shared_deadline(), ..self }
    }

    /// Whose scope it is.
    #[must_use]
    pub fn requesting_customer(&self) -> &RequestingCustomer {
        &self.customer
    }

    /// Reads everything about the customer's billing (`GET /customers/{externalId}/billing`), creating the customer
    /// first if Flowglad does not know it.
    ///
    /// # Errors
    /// As every call; nothing is created on any failure but a real "not found".
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad, ada: flowglad_core::RequestingCustomer)
    /// # -> Result<(), flowglad_core::Error> {
    /// let billing = flowglad.customer(&ada).find_or_create_customer_billing().await?;
    /// println!("{:?}", billing.current_subscription().map(|plan| &plan.name));
    /// # Ok(()) }
    /// ```
    pub async fn find_or_create_customer_billing(&self) -> Result<Billing, Error> {
        self.billing_document().await?.into_billing()
    }

    /// Short for [`find_or_create_customer_billing`](Self::find_or_create_customer_billing).
    ///
    /// # Errors
    /// The same.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// assert!(me.billing().await?.check_feature_access("export_csv"));
    /// # Ok(()) }
    /// ```
    pub async fn billing(&self) -> Result<Billing, Error> {
        self.find_or_create_customer_billing().await
    }

    /// The billing document as bytes, without reading more of it than whose it is.
    ///
    /// # Errors
    /// As [`billing`](Self::billing).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let bytes = me.billing_json().await?.bytes();
    /// # Ok(()) }
    /// ```
    pub async fn billing_json(&self) -> Result<RawJson, Error> {
        Ok(self.billing_document().await?.into_raw())
    }

    /// Reads the customer (`GET /customers/{externalId}`), or creates it (`POST /customers`) with the name and email of
    /// the [`RequestingCustomer`].
    ///
    /// # Errors
    /// As every call. Two first requests at once do not fail on each other.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// println!("{}", me.find_or_create().await?.id);
    /// # Ok(()) }
    /// ```
    pub async fn find_or_create(&self) -> Result<Response<Customer>, Error> {
        Ok(self.find_or_create_with_flag().await?.0)
    }

    pub(crate) async fn billing_document(&self) -> Result<BillingDocument, Error> {
        self.create_if_not_found(|| async { self.customers().billing_document(self.customer.external_id()).await })
            .await
    }

    /// Runs `attempt`. If Flowglad does not know the customer, creates it and runs `attempt` once more.
    pub(super) async fn create_if_not_found<T, Attempt>(&self, attempt: impl Fn() -> Attempt) -> Result<T, Error>
    where
        Attempt: Future<Output = Result<T, Error>>,
    {
        match attempt().await {
            Err(error) if error.is_not_found_code() => {
                self.create_if_absent().await?;
                attempt().await
            }
            result => result,
        }
    }

    /// Runs `attempt`. If it is refused for what may be a missing customer, looks, and if the customer was missing,
    /// creates it and runs `attempt` once more: nothing can have been done for a customer who was not there.
    pub(super) async fn create_if_missing<T, Attempt>(
        &self,
        may_mean_missing: impl Fn(&Error) -> bool,
        attempt: impl Fn() -> Attempt,
    ) -> Result<T, Error>
    where
        Attempt: Future<Output = Result<T, Error>>,
    {
        match attempt().await {
            Err(refusal) if may_mean_missing(&refusal) => {
                let (_, created) = self.find_or_create_with_flag().await?;
                // A refusal that names the customer is outdated if another request has created the customer since.
                if created || refusal.mentions_missing_customer() { attempt().await } else { Err(refusal) }
            }
            result => result,
        }
    }

    /// The customer, and whether Flowglad did not know it before.
    async fn find_or_create_with_flag(&self) -> Result<(Response<Customer>, bool), Error> {
        match self.read_customer().await {
            Err(error) if error.is_not_found_code() => {
                let customer = match self.create_if_absent().await? {
                    Some(created) => created,
                    None => self.read_customer().await?,
                };
                Ok((customer, true))
            }
            result => Ok((result?, false)),
        }
    }

    /// `None` if another request created the customer at the same time.
    async fn create_if_absent(&self) -> Result<Option<Response<Customer>>, Error> {
        let created = match self.customers().create(&NewCustomer::new(&self.customer)).await {
            Err(error) if error.is_conflict() => return Ok(None),
            result => result?,
        };
        let customer = created.project("customer", |created| created.customer);
        customer.map(Some).map_err(|error| error.into_error(&CREATE.route(), None))
    }

    pub(super) async fn read_customer(&self) -> Result<Response<Customer>, Error> {
        self.customers().get(self.customer.external_id()).await
    }

    pub(super) fn customers(&self) -> Customers {
        self.flowglad.customers()
    }
}
