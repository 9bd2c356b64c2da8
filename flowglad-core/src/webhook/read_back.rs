//! From an event to the record that it is about.

use crate::{
    cache::Subject,
    client::json::Response,
    error::Error,
    flowglad::Flowglad,
    input::InvalidInput,
    model::{Customer, CustomerId, Payment, Purchase, Subscription},
    webhook::event::{WebhookEvent, WebhookObject},
};

/// The record that an event is about, as it is now.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WebhookRecord {
    /// A customer.
    Customer(Box<Response<Customer>>),
    /// A subscription.
    Subscription(Box<Response<Subscription>>),
    /// A payment.
    Payment(Box<Response<Payment>>),
    /// A purchase.
    Purchase(Box<Response<Purchase>>),
    /// An object that this version of the crate does not know, so that nothing was read.
    Unknown,
}

impl WebhookRecord {
    /// Flowglad's id of the customer whose record it is.
    #[must_use]
    pub fn customer_id(&self) -> Option<&CustomerId> {
        match self {
            Self::Customer(customer) => Some(&customer.id),
            Self::Subscription(subscription) => Some(&subscription.customer_id),
            Self::Payment(payment) => payment.customer_id.as_ref(),
            Self::Purchase(purchase) => purchase.customer_id.as_ref(),
            Self::Unknown => None,
        }
    }
}

impl WebhookEvent {
    /// Reads the record that the event is about (`GET /customers/{externalId}`, `/subscriptions/{id}`, `/payments/{id}`,
    /// `/purchases/{id}`). It is the record of now, so that it does not matter in which order events arrive.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] if the id cannot be one, or if the event is about a customer and has no external id, by which
    /// alone the API finds customers. Errors common to [all calls](crate::Error#errors-common-to-all-calls).
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::{Error, Flowglad, webhook::{WebhookEvent, WebhookRecord}};
    ///
    /// async fn on_event(event: WebhookEvent, flowglad: &Flowglad) -> Result<(), Error> {
    ///     if let WebhookRecord::Payment(payment) = event.read_back(flowglad).await? {
    ///         println!("{:?} of {:?}", payment.status, event.external_id());
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub async fn read_back(&self, flowglad: &Flowglad) -> Result<WebhookRecord, Error> {
        Ok(match &self.object {
            WebhookObject::Customer => {
                let unknown = || InvalidInput::new("customer", "has no external id in the event, so it cannot be read");
                let external_id = self.external_id().ok_or_else(unknown)?;
                WebhookRecord::Customer(flowglad.customers().get(external_id).await?.into())
            }
            WebhookObject::Subscription => {
                WebhookRecord::Subscription(flowglad.subscriptions().get(&self.id.parse()?).await?.into())
            }
            WebhookObject::Payment => WebhookRecord::Payment(flowglad.payments().get(&self.id.parse()?).await?.into()),
            WebhookObject::Purchase => {
                WebhookRecord::Purchase(flowglad.purchases().get(&self.id.parse()?).await?.into())
            }
            WebhookObject::Unknown(_) => WebhookRecord::Unknown,
        })
    }

    /// Whom it concerns, if it says so.
    pub(super) fn subject(&self) -> Option<Subject<'_>> {
        if let Some(external_id) = self.external_id() {
            return Some(Subject::Customer(external_id));
        }
        let id = self.customer.as_ref().and_then(|customer| customer.id.as_ref());
        match (id, &self.object) {
            (Some(id), _) => Some(Subject::CustomerId(id.as_str())),
            (None, WebhookObject::Customer) => Some(Subject::CustomerId(&self.id)),
            (None, _) => None,
        }
    }
}
