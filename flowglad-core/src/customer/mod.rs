//! What can be read and done for one customer. All rules of ownership are here.

mod checkout;
mod profile;
mod reads;
mod resources;
mod subscriptions;
mod usage;

use serde::{Serialize, de::DeserializeOwned};
use tokio::time::Instant;

pub use checkout::{
    ActivateSubscriptionCheckout, AddPaymentMethodCheckout, CheckoutOptions, PriceRef, ProductCheckout,
};
pub use profile::CustomerChanges;
pub use reads::CustomerPaymentMethods;
pub use resources::{ClaimExternalId, ClaimTarget, NewClaim, NewRelease, ReleaseTarget, ResourceRef};
pub use subscriptions::{Adjustment, AdjustmentTiming, CancellationTiming, CustomerSubscriptions, NewSubscriptionItem};
pub use usage::{MeteredBy, NewUsageEvent};

use crate::{
    Answer, Billing, Error, Flowglad, RawJson, RequestingCustomer,
    api::customers::{self, CreateCustomer, CustomerReply},
    billing::BillingDocument,
    client::{endpoint::Endpoint, transport::Call},
    model::Customer,
};

/// Everything that can be read and done for one customer, made by [`Flowglad::customer`].
///
/// A customer that Flowglad does not know yet is created when it is first needed. A customer record or billing document
/// that belongs to somebody else is refused with [`Error::WrongCustomer`], and a change begins only after the subscription
/// was seen to be the customer's.
///
/// Cloning is cheap.
#[derive(Clone, Debug)]
pub struct CustomerScope {
    flowglad: Flowglad,
    who: RequestingCustomer,
    deadline: Option<Instant>,
}

/// Whether Flowglad knew the customer before we asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    Known,
    Missing,
}

impl CustomerScope {
    pub(crate) fn new(flowglad: Flowglad, who: RequestingCustomer) -> Self {
        Self { flowglad, who, deadline: None }
    }

    /// Gives all that is done by this value together the time that otherwise each single request has.
    pub(crate) fn within_one_call(mut self) -> Self {
        self.deadline = Some(self.flowglad.deadline());
        self
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
    pub async fn find_or_create(&self) -> Result<Answer<Customer>, Error> {
        Ok(self.find_or_create_noting().await?.0)
    }

    pub(crate) async fn billing_document(&self) -> Result<BillingDocument, Error> {
        match self.read_billing().await {
            Err(error) if error.is_not_found() => {
                self.create_unless_another_request_did().await?;
                self.read_billing().await
            }
            read => read,
        }
    }

    async fn find_or_create_noting(&self) -> Result<(Answer<Customer>, Before), Error> {
        match self.read_customer().await {
            Err(error) if error.is_not_found() => {
                let customer = match self.create_unless_another_request_did().await? {
                    Some(created) => created,
                    None => self.read_customer().await?,
                };
                Ok((customer, Before::Missing))
            }
            read => Ok((read?, Before::Known)),
        }
    }

    /// `None` if another request created the customer at the same time.
    async fn create_unless_another_request_did(&self) -> Result<Option<Answer<Customer>>, Error> {
        let operation = customers::CREATE.route().operation;
        let body = CreateCustomer::of(&self.who);
        let reply = match self.call(&customers::CREATE, Call::body(&body)).await {
            Err(error) if error.is_conflict() => return Ok(None),
            reply => reply?,
        };
        self.only_if_ours(&reply.data.customer.external_id, operation)?;
        let data = reply.part(operation, "data", |reply| reply.data)?;
        Ok(Some(data.part(operation, "customer", |data| data.customer)?))
    }

    async fn read_billing(&self) -> Result<BillingDocument, Error> {
        let document = self.call(&customers::BILLING, Call::id(self.who.external_id())).await?;
        self.only_if_ours(&document.customer.external_id, customers::BILLING.route().operation)?;
        Ok(BillingDocument::new(document.raw().clone()))
    }

    async fn read_customer(&self) -> Result<Answer<Customer>, Error> {
        let reply: Answer<CustomerReply> = self.call(&customers::GET, Call::id(self.who.external_id())).await?;
        self.only_if_ours(&reply.customer.external_id, customers::GET.route().operation)?;
        reply.part(customers::GET.route().operation, "customer", |reply| reply.customer)
    }

    /// Guards against an answer about somebody else, whatever made the API give it.
    fn only_if_ours(&self, external_id: &str, operation: &'static str) -> Result<(), Error> {
        if external_id == self.who.external_id() { Ok(()) } else { Err(Error::WrongCustomer { operation }) }
    }

    async fn call<Body: Serialize, Record: DeserializeOwned>(
        &self,
        endpoint: &Endpoint<Body, Record>,
        call: Call<'_, Body>,
    ) -> Result<Answer<Record>, Error> {
        self.flowglad.call(endpoint, call.until(self.deadline)).await
    }
}
