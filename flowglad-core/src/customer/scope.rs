//! The customer scope, and the creation of customers that Flowglad does not know yet.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt as _;

use crate::{
    api::customers::{BILLING, CREATE, Customers, NewCustomer},
    billing::{Billing, Freshness, Source, document::BillingDocument},
    cache::{
        Beginning, ReadBilling,
        ask::{Known, Question, UnknownCustomer},
    },
    client::{
        json::{RawJson, Response},
        settings,
    },
    error::Error,
    flowglad::Flowglad,
    input::RequestingCustomer,
    model::Customer,
};

/// A client for the calls of one customer, made by [`Flowglad::customer`].
///
/// A customer that Flowglad does not know yet is created when it is first needed. A customer record or billing document
/// of another customer is refused with [`Error::WrongCustomer`]. Before a subscription is changed, it is checked to be
/// the customer's.
///
/// Cloning is cheap.
#[derive(Clone, Debug)]
pub struct CustomerScope {
    pub(super) flowglad: Flowglad,
    pub(super) customer: RequestingCustomer,
    /// How fresh the billing document must be of which calls return parts.
    pub(super) parts: Freshness,
    /// How long a read lets others join it before it begins.
    pub(super) gather: Duration,
    /// Where the plans are, for refusals.
    pub(crate) upgrade_url: Option<Arc<str>>,
}

impl Flowglad {
    /// Returns a client for the calls of one customer. Sends no request.
    #[must_use]
    pub fn customer(&self, customer: &RequestingCustomer) -> CustomerScope {
        CustomerScope {
            flowglad: self.for_customer(customer.external_id()),
            customer: customer.clone(),
            parts: Freshness::Live,
            gather: Duration::ZERO,
            upgrade_url: None,
        }
    }
}

#[cfg(feature = "usage-recorder")]
impl Flowglad {
    /// The billing of a customer of whom only the external id is known, no older than this. Creates no customer.
    pub(crate) async fn billing_of(&self, external_id: &str, age: Duration) -> Result<Billing, Error> {
        let Some(reads) = self.shared_reads() else { return self.customers().billing(external_id).await };
        let question = Question {
            customer: external_id,
            freshness: Freshness::NoOlderThan(age),
            gather: Duration::ZERO,
            deadline: settings::deadline(self.settings()),
            route: BILLING.route(),
        };
        let customer: Arc<str> = external_id.into();
        let read = |_| -> ReadBilling {
            let (flowglad, customer) = (self.clone(), Arc::clone(&customer));
            Arc::new(move |beginning: Beginning| {
                let (flowglad, customer) = (flowglad.clone(), Arc::clone(&customer));
                let read = async move {
                    beginning.now();
                    flowglad.customers().billing_document(&customer).await
                };
                read.boxed()
            })
        };
        let Known { document, source, age, began } = reads.ask(question, read).await?;
        Ok(document.billing(source, age)?.read_at(began))
    }
}

impl CustomerScope {
    /// Returns the same scope with one deadline for all its requests.
    pub(crate) fn with_shared_deadline(self) -> Self {
        Self { flowglad: self.flowglad.with_shared_deadline(), ..self }
    }

    /// Returns the same scope for a request of a browser that only reads: `age` is how old what it gets may be, and a
    /// read that it starts is shared with the other hooks of its page.
    pub(crate) fn for_browser(self, age: Option<Duration>) -> Self {
        let gather = self.flowglad.gather();
        Self { parts: age.map_or(Freshness::Live, Freshness::NoOlderThan), gather, ..self }
    }

    /// Returns the same scope, whose refusals say where the plans are.
    pub(crate) fn with_upgrade_url(self, upgrade_url: Option<Arc<str>>) -> Self {
        Self { upgrade_url, ..self }
    }

    pub(crate) fn flowglad(&self) -> &Flowglad {
        &self.flowglad
    }

    /// The customer of this scope.
    #[must_use]
    pub fn requesting_customer(&self) -> &RequestingCustomer {
        &self.customer
    }

    /// Reads all billing data of the customer (`GET /customers/{externalId}/billing`). If Flowglad does not know the
    /// customer, it is created first; no other failure creates one.
    ///
    /// Callers who ask for the same customer at the same time share a read. A client with a cache answers from it
    /// ([`Freshness::Cached`]): what it returns may be some seconds old, but never from before a change that was made
    /// through the same client. [`billing_with`](Self::billing_with) asks for something else.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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
        self.billing_with(Freshness::Cached).await
    }

    /// Reads all billing data of the customer. Short for
    /// [`find_or_create_customer_billing`](Self::find_or_create_customer_billing).
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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

    /// Reads all billing data of the customer, as fresh as it must be (`GET /customers/{externalId}/billing`).
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::billing::Freshness;
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let billing = me.billing_with(Freshness::CachedOrStale).await?;
    /// println!("{} {:?}", billing.source().as_str(), billing.age());
    /// # Ok(()) }
    /// ```
    pub async fn billing_with(&self, freshness: Freshness) -> Result<Billing, Error> {
        let Known { document, source, age, began } = self.known(freshness).await?;
        Ok(document.billing(source, age)?.read_at(began))
    }

    /// What is left of a usage meter of which billing says how much is available: what the recorder has recorded since counts
    /// as spent, and so do open holds.
    #[cfg(feature = "usage-recorder")]
    pub(crate) fn left(&self, billing: &Billing, meter: &str, available: i64) -> i64 {
        let outbox = self.flowglad.outbox();
        outbox.map_or(available, |outbox| outbox.left(self.customer.external_id(), billing, meter, available))
    }

    /// What is left of a usage meter of which billing says how much is available.
    #[cfg(not(feature = "usage-recorder"))]
    #[expect(clippy::unused_self, reason = "the recorder needs it")]
    pub(crate) fn left(&self, _billing: &Billing, _meter: &str, available: i64) -> i64 {
        available
    }

    /// Whether usage of a fleet waits to be delivered, so that billing may show too much.
    #[cfg(feature = "usage-recorder")]
    pub(crate) fn usage_waits_in_fleet(&self) -> bool {
        self.flowglad.outbox().is_some_and(|outbox| outbox.waits_in_fleet())
    }

    /// Whether usage of a fleet waits to be delivered.
    #[cfg(not(feature = "usage-recorder"))]
    #[expect(clippy::unused_self, reason = "the recorder needs it")]
    pub(crate) fn usage_waits_in_fleet(&self) -> bool {
        false
    }

    /// How much a fleet has spent and holds of a meter that this billing may not show. `None` if that cannot be known.
    #[cfg(feature = "usage-recorder")]
    pub(crate) async fn spent_in_fleet(&self, billing: &Billing, meter: &str) -> Option<i64> {
        self.flowglad.outbox()?.spent_in_fleet(self.customer.external_id(), billing, meter).await
    }

    /// How much a fleet has spent and holds of a meter.
    #[cfg(not(feature = "usage-recorder"))]
    #[expect(clippy::unused_async, reason = "the recorder needs it")]
    pub(crate) async fn spent_in_fleet(&self, _billing: &Billing, _meter: &str) -> Option<i64> {
        None
    }

    /// The billing in memory, whatever its age. Nothing is read.
    #[cfg(feature = "usage-recorder")]
    pub(crate) fn remembered_billing(&self) -> Option<Billing> {
        let Known { document, source, age, began } =
            self.flowglad.shared_reads()?.remembered(self.customer.external_id())?;
        Some(document.billing(source, age).ok()?.read_at(began))
    }

    /// Reads the billing document as bytes (`GET /customers/{externalId}/billing`). Only its customer is decoded, to
    /// check that the document is this customer's.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), flowglad_core::Error> {
    /// let bytes = me.billing_json().await?.bytes();
    /// # Ok(()) }
    /// ```
    pub async fn billing_json(&self) -> Result<RawJson, Error> {
        Ok(self.billing_document().await?.raw().clone())
    }

    /// Reads the customer (`GET /customers/{externalId}`), or creates it (`POST /customers`) with the name and email of
    /// the [`RequestingCustomer`]. Two concurrent first calls both succeed with the same customer, and so does a call
    /// whose first attempt to create it failed or was not answered.
    ///
    /// # Errors
    /// Errors common to [all calls](crate::Error#errors-common-to-all-calls).
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

    pub(crate) async fn billing_document(&self) -> Result<Arc<BillingDocument>, Error> {
        Ok(self.known(self.parts).await?.document)
    }

    async fn known(&self, freshness: Freshness) -> Result<Known, Error> {
        let Some(reads) = self.flowglad.shared_reads() else {
            let began = self.flowglad.clock().now();
            let document = Arc::new(self.read_or_create(|| {}).await?);
            return Ok(Known { document, source: Source::Live, age: Duration::ZERO, began });
        };
        let question = Question {
            customer: self.customer.external_id(),
            freshness,
            gather: self.gather,
            deadline: settings::deadline(self.flowglad.settings()),
            route: BILLING.route(),
        };
        reads.ask(question, |unknown| self.shared_read(unknown)).await
    }

    /// A read for all who ask, so it has a time limit of its own.
    fn shared_read(&self, unknown: UnknownCustomer) -> ReadBilling {
        let scope = Self { flowglad: self.flowglad.without_deadline(), ..self.clone() };
        Arc::new(move |beginning: Beginning| {
            let scope = scope.clone().with_shared_deadline();
            let read = async move {
                match unknown {
                    UnknownCustomer::Create => scope.read_or_create(|| beginning.now()).await,
                    UnknownCustomer::Leave => scope.read_document(&|| beginning.now()).await,
                }
            };
            read.boxed()
        })
    }

    async fn read_or_create(&self, begin: impl Fn() + Sync) -> Result<BillingDocument, Error> {
        self.create_if_not_found(|| self.read_document(&begin)).await
    }

    async fn read_document(&self, begin: &(impl Fn() + Sync)) -> Result<BillingDocument, Error> {
        begin();
        self.customers().billing_document(self.customer.external_id()).await
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

    /// Runs `attempt`. If it is refused for a reason that may be a missing customer, finds or creates the customer. If
    /// the customer was missing, runs `attempt` once more, which is safe since the first attempt had no customer to
    /// change.
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
                // A refusal that names the customer is outdated if another request has created the customer in between.
                if created || refusal.mentions_missing_customer() { attempt().await } else { Err(refusal) }
            }
            result => result,
        }
    }

    /// Returns the customer, and whether this call created it.
    pub(super) async fn find_or_create_with_flag(&self) -> Result<(Response<Customer>, bool), Error> {
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

    /// Creates the customer. `None` if it exists by now: another request created it, or this one did and its response was
    /// lost.
    async fn create_if_absent(&self) -> Result<Option<Response<Customer>>, Error> {
        let new = NewCustomer::new(&self.customer).await?;
        let Some(created) = self.customers().create_if_absent(&new).await? else {
            return Ok(None);
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
