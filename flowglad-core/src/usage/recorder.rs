//! Records usage, and says what became of it.

use std::sync::Arc;

use crate::{
    billing::Billing,
    customer::CustomerScope,
    flowglad::Flowglad,
    input::{InvalidInput, RequestingCustomer, TransactionId},
    model::NewUsageEvent,
    observe::UsageStats,
    outbox::{
        Appended, RecordError, Sequence,
        open_outbox::OpenOutbox,
        record::{Charged, RecordedUsage},
    },
    usage::dead_letter::DeadLetter,
};

/// The largest amount of an event that the API takes.
const MOST: u64 = i32::MAX as u64;

/// Records usage of customers. Returned by [`Flowglad::usage`]. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct UsageRecorder {
    pub(super) flowglad: Flowglad,
}

/// Usage that is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    transaction_id: TransactionId,
    is_repeated: bool,
}

impl Recorded {
    /// The id under which Flowglad counts it once.
    #[must_use]
    pub fn transaction_id(&self) -> &TransactionId {
        &self.transaction_id
    }

    /// Whether usage of the same meter with the same id was recorded before, so that this was not.
    #[must_use]
    pub fn is_repeated(&self) -> bool {
        self.is_repeated
    }
}

/// An event, its id, and the key by which it is recorded once.
pub(super) struct Identified {
    pub(super) event: NewUsageEvent,
    pub(super) id: TransactionId,
    /// `None`: the id is new.
    pub(super) key: Option<Box<[u8]>>,
}

impl Flowglad {
    /// The recorder of usage. Without an [outbox](crate::FlowgladBuilder::usage) it records nothing: its calls fail with
    /// [`RecordError::NoOutbox`].
    #[must_use]
    pub fn usage(&self) -> UsageRecorder {
        UsageRecorder { flowglad: self.clone() }
    }
}

impl CustomerScope {
    /// Records usage of this customer. When it returns, the usage is durable and counts as spent; it is delivered to
    /// Flowglad in the background (`POST /usage-events/bulk`), and counts once.
    ///
    /// Its transaction id is the one given, made the customer's own if it is not, or else a new one. The subscription that
    /// is charged is the current one of the billing in memory, or the current one when it is delivered. Usage that is
    /// delivered after its billing period is booked by Flowglad into the current one.
    ///
    /// # Errors
    /// [`RecordError`]: nothing was recorded.
    ///
    /// # Examples
    /// ```no_run
    /// use std::num::NonZeroU64;
    /// use flowglad_core::{api::NewUsageEvent, usage::RecordError};
    /// # async fn run(me: flowglad_core::CustomerScope) -> Result<(), RecordError> {
    /// let used = NewUsageEvent::for_meter("api_calls", NonZeroU64::MIN);
    /// let recorded = me.record_usage(used.unique_for(me.requesting_customer(), "order_17")).await?;
    /// assert_eq!(recorded.transaction_id().as_str(), "7:user_42:order_17");
    /// # Ok(()) }
    /// ```
    pub async fn record_usage(&self, event: NewUsageEvent) -> Result<Recorded, RecordError> {
        let outbox = self.flowglad().outbox().ok_or(RecordError::NoOutbox)?;
        let identified = identify(self.requesting_customer(), event)?;
        let usage = self.recorded_usage(outbox, &identified, self.known_charged());
        let appended = outbox.record(&usage, identified.key).await?;
        Ok(Recorded { transaction_id: identified.id, is_repeated: appended == Appended::Before })
    }

    pub(super) fn recorded_usage(
        &self,
        outbox: &OpenOutbox,
        identified: &Identified,
        charged: Option<Charged>,
    ) -> RecordedUsage {
        let customer = self.requesting_customer().external_id();
        RecordedUsage::new(customer, charged, identified.event.clone(), &identified.id, outbox.clock.date())
    }

    /// The subscription of the billing in memory.
    fn known_charged(&self) -> Option<Charged> {
        charged(&self.remembered_billing()?)
    }
}

/// The subscription that pays for usage.
pub(super) fn charged(billing: &Billing) -> Option<Charged> {
    let plan = billing.current_subscription()?;
    Some(Charged { subscription: plan.id.clone(), period_end: plan.current_billing_period_end })
}

/// Fixes the id of an event.
pub(super) fn identify(customer: &RequestingCustomer, mut event: NewUsageEvent) -> Result<Identified, RecordError> {
    if event.amount.get() > MOST {
        return Err(InvalidInput::new("usage amount", format!("must be at most {MOST}")).into());
    }
    let (id, key) = match event.transaction_id.take() {
        Some(given) => {
            let id = given.owned_by(customer);
            let key = RecordedUsage::key(&event.meter, &id);
            (id, Some(key))
        }
        None => (TransactionId::fresh(), None),
    };
    Ok(Identified { event, id, key })
}

impl UsageRecorder {
    /// Records usage of a customer, as [`CustomerScope::record_usage`] does.
    ///
    /// # Errors
    /// [`RecordError`]: nothing was recorded.
    ///
    /// # Examples
    /// ```no_run
    /// use std::num::NonZeroU64;
    /// use flowglad_core::{Flowglad, RequestingCustomer, api::NewUsageEvent, usage::RecordError};
    /// # async fn run(flowglad: Flowglad, ada: RequestingCustomer) -> Result<(), RecordError> {
    /// flowglad.usage().record(&ada, NewUsageEvent::for_meter("api_calls", NonZeroU64::MIN)).await?;
    /// # Ok(()) }
    /// ```
    pub async fn record(&self, customer: &RequestingCustomer, event: NewUsageEvent) -> Result<Recorded, RecordError> {
        self.flowglad.customer(customer).record_usage(event).await
    }

    /// Counters and sizes. No request is made.
    ///
    /// ```
    /// use flowglad_core::{Flowglad, usage::Outbox};
    /// # fn main() -> Result<(), flowglad_core::Error> {
    /// let flowglad = Flowglad::builder().api_key("sk_test_example").usage(Outbox::in_memory()).build()?;
    /// assert_eq!(flowglad.usage().stats().pending, 0);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn stats(&self) -> UsageStats {
        self.flowglad.outbox().map(|outbox| outbox.stats()).unwrap_or_default()
    }

    /// The first dead letters after one, oldest first, `limit` of them at most: usage that Flowglad has refused for good.
    /// Each waits for a decision: [`replay`](Self::replay) it when its reason is gone, or [`discard`](Self::discard) it.
    ///
    /// # Errors
    /// [`RecordError::Store`].
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::usage::RecordError> {
    /// for letter in flowglad.usage().dead_letters(None, 100).await? {
    ///     println!("{} of {}: {}", letter.transaction_id(), letter.customer(), letter.reason());
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn dead_letters(&self, after: Option<Sequence>, limit: usize) -> Result<Vec<DeadLetter>, RecordError> {
        let outbox = self.outbox()?;
        let dead = outbox.dead(after.unwrap_or(0), limit).await?;
        Ok(dead.into_iter().map(DeadLetter::from).collect())
    }

    /// Delivers dead letters again, with the transaction ids that they have, so that they still count once. The customer's
    /// current subscription is charged. Returns how many of them there were.
    ///
    /// # Errors
    /// [`RecordError::Store`].
    ///
    /// # Examples
    /// ```no_run
    /// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), flowglad_core::usage::RecordError> {
    /// let dead = flowglad.usage().dead_letters(None, 100).await?;
    /// flowglad.usage().replay(dead.iter().map(|letter| letter.sequence())).await?;
    /// # Ok(()) }
    /// ```
    pub async fn replay(&self, dead: impl IntoIterator<Item = Sequence>) -> Result<u64, RecordError> {
        let mut replayed = 0;
        for sequence in dead {
            replayed += u64::from(self.outbox()?.replay(sequence).await?);
        }
        Ok(replayed)
    }

    /// Removes dead letters: their usage is never charged. Returns how many of them there were.
    ///
    /// # Errors
    /// [`RecordError::Store`].
    ///
    /// # Examples
    /// As for [`replay`](Self::replay).
    pub async fn discard(&self, dead: impl IntoIterator<Item = Sequence>) -> Result<u64, RecordError> {
        self.outbox()?.discard(dead.into_iter().collect()).await
    }

    pub(super) fn outbox(&self) -> Result<&Arc<OpenOutbox>, RecordError> {
        self.flowglad.outbox().ok_or(RecordError::NoOutbox)
    }
}
