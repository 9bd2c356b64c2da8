//! Which deliveries were handled.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use uuid::Uuid;

use crate::cache::StoreError;

/// Remembers which deliveries are being handled and which were, so that each is handled once. Given to
/// [`WebhookReceiver::log`](crate::webhook::WebhookReceiver::log); [`MemoryDeliveryLog`](crate::webhook::MemoryDeliveryLog)
/// is for one process.
///
/// Flowglad sends a delivery again for about 28 hours, until it is answered with a success: what is remembered for a shorter
/// time may be handled twice.
pub trait DeliveryLog: Send + Sync + 'static {
    /// Claims a delivery. Of several claims at the same time one gets [`Claimed::Now`]. A claim that is neither
    /// [done](Self::done) nor [released](Self::release) ends after [`Claim::expires_in`]: its process has died.
    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>>;

    /// Remembers that a delivery was handled. It does not matter whether the claim has ended meanwhile, as the effect is
    /// there, nor whether it is done already: the handler may have marked it together with its effect.
    fn done<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Gives a delivery back that was not handled, if it is still claimed by this very claim.
    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// The same log for several receivers.
impl<L: DeliveryLog + ?Sized> DeliveryLog for Arc<L> {
    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        (**self).claim(claim)
    }

    fn done<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        (**self).done(claim)
    }

    fn release<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        (**self).release(claim)
    }
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// The delivery is this claim's, and is to be handled.
    Now,
    /// Another claim has it.
    InFlight,
    /// It was handled.
    Done,
}

/// The claim of one attempt to handle a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    delivery_key: Box<str>,
    token: Box<str>,
    expires_in: Duration,
}

impl Claim {
    pub(super) fn new(delivery_key: &str, expires_in: Duration) -> Self {
        Self { delivery_key: delivery_key.into(), token: Uuid::new_v4().to_string().into(), expires_in }
    }

    /// What names the delivery: [`WebhookEvent::delivery_key`](crate::webhook::WebhookEvent::delivery_key).
    #[must_use]
    pub fn delivery_key(&self) -> &str {
        &self.delivery_key
    }

    /// What no other claim has.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// After which time the claim ends by itself. It is longer than a handler may run.
    #[must_use]
    pub fn expires_in(&self) -> Duration {
        self.expires_in
    }
}
