//! What can be read and done for one customer. All rules of ownership are here.

mod checkout;
mod profile;
mod reads;
mod resources;
mod subscriptions;
mod usage;

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
    api::{Customers, NewCustomer},
    billing::BillingDocument,
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
}

/// Whether Flowglad knew the customer before we asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before {
    Known,
    Missing,
}

impl CustomerScope {
    pub(crate) fn new(flowglad: Flowglad, who: RequestingCustomer) -> Self {
        Self { flowglad, who }
    }

    /// Gives all that is done by this value together the time that otherwise each single request has.
    pub(crate) fn within_one_call(mut self) -> Self {
        self.flowglad = self.flowglad.within_one_call();
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
            Err(error) if error.is_plain_not_found() => {
                self.create_unless_another_request_did().await?;
                self.read_billing().await
            }
            read => read,
        }
    }

    async fn find_or_create_noting(&self) -> Result<(Answer<Customer>, Before), Error> {
        match self.read_customer().await {
            Err(error) if error.is_plain_not_found() => {
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
        let created = match self.customers().create(&NewCustomer::new(&self.who)).await {
            Err(error) if error.is_conflict() => return Ok(None),
            created => created?,
        };
        let operation = crate::api::customers::CREATE.route().operation;
        created.part(operation, "customer", |created| created.customer).map(Some)
    }

    async fn read_billing(&self) -> Result<BillingDocument, Error> {
        self.customers().billing_document(self.who.external_id()).await
    }

    async fn read_customer(&self) -> Result<Answer<Customer>, Error> {
        self.customers().get(self.who.external_id()).await
    }

    fn customers(&self) -> Customers {
        self.flowglad.customers()
    }
}
