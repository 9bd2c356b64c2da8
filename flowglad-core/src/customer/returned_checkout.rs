//! What became of a checkout when the browser comes back from it.

use std::time::Duration;

use futures_util::{
    FutureExt as _,
    future::{OptionFuture, join},
};
use tokio::time::{Instant, timeout_at};
use tracing::info;

use crate::{
    billing::{Billing, Freshness},
    cache::Subject,
    customer::CustomerScope,
    error::Error,
    model::{CheckoutSession, CheckoutSessionId, CheckoutSessionStatus, Subscription, Timestamp},
};

/// What is known of a checkout when the browser comes back from it, from
/// [`CustomerScope::returned_checkout`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReturnedCheckout {
    /// What became of it.
    pub state: CheckoutState,
    /// The session, if it could be read and is this customer's.
    pub session: Option<CheckoutSession>,
    /// The customer's billing after the checkout. `None` if it could not be read in time.
    pub billing: Option<Billing>,
}

/// What became of a checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CheckoutState {
    /// It is complete: paid, or the card is stored. Show what was bought. Credits may follow some moments later.
    Paid,
    /// The payment is being processed, as with a bank debit. Say that it takes some time, and look again later.
    Pending,
    /// It was not completed. Show the plans again.
    Open,
    /// The payment failed, also if that was the first one of a plan. Show the plans again.
    Failed,
    /// It was open for too long. A new one is needed.
    Expired,
    /// It is not known which checkout it was, or Flowglad could not be asked in time. Thank the person, and show what
    /// [`billing`](ReturnedCheckout::billing) says.
    Unknown,
}

impl CheckoutState {
    /// `paid`, `pending`, `open`, `failed`, `expired` or `unknown`, for templates and logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Pending => "pending",
            Self::Open => "open",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
        }
    }

    fn of(session: &CheckoutSession, now: Timestamp) -> Self {
        match session.status {
            CheckoutSessionStatus::Succeeded => Self::Paid,
            CheckoutSessionStatus::Pending => Self::Pending,
            // Flowglad leaves a session `open` that cannot be completed any more.
            CheckoutSessionStatus::Open if session.expires.is_some_and(|end| end <= now) => Self::Expired,
            CheckoutSessionStatus::Open => Self::Open,
            CheckoutSessionStatus::Failed => Self::Failed,
            CheckoutSessionStatus::Expired => Self::Expired,
            CheckoutSessionStatus::Unknown(_) => Self::Unknown,
        }
    }
}

impl CustomerScope {
    /// Finds out what became of a checkout, for the page of its `success_url` or `cancel_url`
    /// (`GET /checkout-sessions/{id}` and `GET /customers/{externalId}/billing`, at the same time and once).
    ///
    /// Flowglad redirects to these URLs as they are: nothing in them says which checkout it was. `session` is the id from
    /// [`create_checkout_session`](Self::create_checkout_session), if the app kept it. Without it, the customer's newest
    /// checkout that was opened through this client or a clone is meant, which another instance of the app does not know.
    /// If there is none, or it is another customer's, the state is [`Unknown`](CheckoutState::Unknown), and
    /// [`billing`](ReturnedCheckout::billing) still shows what the customer has.
    ///
    /// It never fails: what is not known `within` this time is left out. What the cache knows of the customer is
    /// forgotten first, so that gates see the purchase from now on.
    ///
    /// # Examples
    /// ```no_run
    /// use std::time::Duration;
    /// use flowglad_core::customer::CheckoutState;
    /// # async fn run(me: flowglad_core::CustomerScope) {
    /// let checkout = me.returned_checkout(None, Duration::from_secs(3)).await;
    /// match checkout.state {
    ///     CheckoutState::Paid => println!("Thank you! This is yours now."),
    ///     CheckoutState::Open | CheckoutState::Failed | CheckoutState::Expired => println!("Nothing was charged."),
    ///     _ => println!("Thank you! Your payment is on its way."),
    /// }
    /// # }
    /// ```
    pub async fn returned_checkout(&self, session: Option<&CheckoutSessionId>, within: Duration) -> ReturnedCheckout {
        let until = Instant::now() + within;
        let external_id = self.customer.external_id();
        let opened = self.flowglad.opened_checkouts().of(external_id);
        let id = session.cloned().or_else(|| opened.clone());
        // In memory everything is forgotten at once; only a store that instances share may take time.
        let _ = timeout_at(until, self.flowglad.invalidate(Subject::Customer(external_id))).await;
        let (session, billing) = join(
            OptionFuture::from(id.as_ref().map(|id| in_time(until, self.session(id)).boxed())),
            in_time(until, self.billing_with(Freshness::Live)).boxed(),
        )
        .await;
        let is_of_customer = |session: &CheckoutSession| {
            opened.as_ref() == Some(&session.id)
                || billing.as_ref().is_some_and(|billing| session.customer_id.as_ref() == Some(&billing.customer().id))
        };
        let session = session.flatten().filter(is_of_customer);
        let now = self.flowglad.clock().date();
        let state = match &session {
            None => CheckoutState::Unknown,
            Some(session) if billing.as_ref().is_some_and(|billing| first_payment_failed(session, billing)) => {
                CheckoutState::Failed
            }
            Some(session) => CheckoutState::of(session, now),
        };
        ReturnedCheckout { state, session, billing }
    }

    async fn session(&self, id: &CheckoutSessionId) -> Result<CheckoutSession, Error> {
        Ok(self.flowglad.checkout_sessions().get(id).await?.into_record().checkout_session)
    }
}

/// Flowglad completes a checkout of a plan before its first payment. If that is declined, the subscription ends at once, and
/// the session stays as it is.
fn first_payment_failed(session: &CheckoutSession, billing: &Billing) -> bool {
    let is_of_session = |subscription: &&Subscription| {
        subscription.price_id.is_some()
            && subscription.price_id == session.price_id
            && session.created_at.is_some_and(|opened| opened <= subscription.created_at)
    };
    let mut subscriptions = billing.subscriptions().iter().filter(is_of_session).peekable();
    subscriptions.peek().is_some() && subscriptions.all(|one| one.has_ended() && !billing.was_ever_paid(one))
}

async fn in_time<T>(until: Instant, read: impl Future<Output = Result<T, Error>>) -> Option<T> {
    match timeout_at(until, read).await {
        Ok(Ok(record)) => Some(record),
        Ok(Err(error)) => {
            info!("the state of a checkout is not known: {}", error.report());
            None
        }
        Err(_) => {
            info!("the state of a checkout is not known in time");
            None
        }
    }
}
