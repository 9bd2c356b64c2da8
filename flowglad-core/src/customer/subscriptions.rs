//! Subscriptions of the customer, and the check that a subscription is the customer's.

use serde::Serialize;

use crate::{
    Answer, CustomerScope, Error,
    api::subscriptions::{self, Cancel, Cancellation, Uncancel},
    client::transport::Call,
    model::{Subscription, SubscriptionId, SubscriptionStatus},
};

/// When a canceled subscription ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CancellationTiming {
    /// With the paid period; the customer keeps access until then.
    AtEndOfCurrentBillingPeriod,
    /// Now.
    Immediately,
}

/// A customer's subscriptions, each with its raw JSON.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CustomerSubscriptions {
    /// Every subscription the customer ever had.
    pub all: Vec<Answer<Subscription>>,
    /// Those in force, in the API's order.
    pub current: Vec<Answer<Subscription>>,
    /// The most recent of those in force, as the API chose it.
    pub most_recent: Option<Answer<Subscription>>,
}

impl CustomerScope<'_> {
    /// The customer's subscriptions (from `GET /customers/{externalId}/billing`).
    ///
    /// # Errors
    /// As every call.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope<'_>) -> Result<(), flowglad_core::Error> {
    /// println!("{} in force", me.subscriptions().await?.current.len());
    /// # Ok(()) }
    /// ```
    pub async fn subscriptions(&self) -> Result<CustomerSubscriptions, Error> {
        let document = self.billing_document().await?;
        Ok(CustomerSubscriptions {
            all: document.subscriptions()?,
            current: document.current_subscriptions()?,
            most_recent: document.current_subscription()?,
        })
    }

    /// Cancels a subscription of this customer (`POST /subscriptions/{id}/cancel`).
    ///
    /// It is checked first that the subscription is the customer's.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such subscription, [`Error::Forbidden`] if it is another customer's,
    /// [`Error::Api`] if Flowglad refuses, for example for a free plan.
    ///
    /// # Examples
    /// ```no_run
    /// use flowglad_core::CancellationTiming;
    /// # async fn run(me: flowglad_core::CustomerScope<'_>) -> Result<(), Box<dyn std::error::Error>> {
    /// me.cancel(&"sub_1".parse()?, CancellationTiming::AtEndOfCurrentBillingPeriod).await?;
    /// # Ok(()) }
    /// ```
    pub async fn cancel(
        &self,
        subscription: &SubscriptionId,
        timing: CancellationTiming,
    ) -> Result<Answer<Subscription>, Error> {
        self.owned(subscription).await?;
        let body = Cancel { cancellation: Cancellation { timing } };
        let call = Call::id(subscription.as_str()).and_body(&body);
        Ok(self.call(&subscriptions::CANCEL, call).await?.map(|reply| reply.subscription))
    }

    /// Takes back a scheduled cancellation (`POST /subscriptions/{id}/uncancel`). A subscription without one is given
    /// back as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such subscription, [`Error::Forbidden`] if it is another customer's,
    /// [`Error::Api`] if Flowglad refuses, for example without a card to charge.
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope<'_>) -> Result<(), Box<dyn std::error::Error>> {
    /// me.uncancel(&"sub_1".parse()?).await?;
    /// # Ok(()) }
    /// ```
    pub async fn uncancel(&self, subscription: &SubscriptionId) -> Result<Answer<Subscription>, Error> {
        let owned = self.owned(subscription).await?;
        if owned.status != SubscriptionStatus::CancellationScheduled {
            return Ok(owned);
        }
        let call = Call::id(subscription.as_str()).and_body(&Uncancel {});
        Ok(self.call(&subscriptions::UNCANCEL, call).await?.map(|reply| reply.subscription))
    }

    /// Reads a subscription and the customer at the same time, and gives the subscription only if it is the customer's.
    pub(super) async fn owned(&self, id: &SubscriptionId) -> Result<Answer<Subscription>, Error> {
        let (subscription, customer) = tokio::join!(self.read_subscription(id), self.read_customer());
        let subscription = subscription?;
        let customer = customer.map_err(|error| if error.is_not_found() { missing(id) } else { error })?;
        if subscription.customer_id == customer.id {
            Ok(subscription)
        } else {
            Err(Error::Forbidden { subscription_id: id.as_str().into() })
        }
    }

    async fn read_subscription(&self, id: &SubscriptionId) -> Result<Answer<Subscription>, Error> {
        let reply = self.call(&subscriptions::GET, Call::id(id.as_str())).await;
        let subscription = match reply {
            Err(error) if is_no_such_subscription(&error) => return Err(missing(id)),
            reply => reply?.map(|reply| reply.subscription),
        };
        // The API's routes are lenient; a record of another id is not the one that was asked for.
        if subscription.id == *id { Ok(subscription) } else { Err(missing(id)) }
    }
}

fn missing(id: &SubscriptionId) -> Error {
    Error::not_found("subscription", id.as_str())
}

/// The API words this as 404, or as a 500 that says so.
fn is_no_such_subscription(error: &Error) -> bool {
    let says_so = |message: &str| message.contains("No subscriptions found with id");
    error.is_not_found() || matches!(error, Error::Api { status: 500, message: Some(message), .. } if says_so(message))
}
