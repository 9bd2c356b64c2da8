//! A usage event as a caller gives it.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    input::{RequestingCustomer, TransactionId},
    model::{PriceId, Timestamp, UsageMeterId},
};

/// A usage event to record.
#[derive(Clone, Debug, PartialEq)]
pub struct NewUsageEvent {
    /// The usage meter or usage price that counts it.
    pub meter: MeterRef,
    /// The amount of usage, in units of the meter.
    pub amount: NonZeroU64,
    /// Unique per meter **over all customers**: events with the same id count once, and an id that was used for the
    /// subscription of another customer is refused ([`Error::is_conflict`](crate::Error::is_conflict)), or dropped silently in a bulk request. Set
    /// it, best with [`unique_for`](Self::unique_for), if your own request or job can run more than once. Default: a new
    /// id, which stays the same when the client retries.
    pub transaction_id: Option<TransactionId>,
    /// The time of use. Default: now.
    pub usage_date: Option<Timestamp>,
    /// The properties to attach.
    pub properties: Option<Map<String, Value>>,
}

impl NewUsageEvent {
    /// An event for the usage meter with this slug.
    #[must_use]
    pub fn for_meter(usage_meter_slug: impl Into<String>, amount: NonZeroU64) -> Self {
        Self::new(MeterRef::UsageMeterSlug(usage_meter_slug.into()), amount)
    }

    /// An event with every other field at its default.
    #[must_use]
    pub fn new(meter: MeterRef, amount: NonZeroU64) -> Self {
        Self { meter, amount, transaction_id: None, usage_date: None, properties: None }
    }

    /// Sets the transaction id that [`TransactionId::of`] makes from the customer and `key`, for example the id of your
    /// own request, order or job: the same key counts once for a customer.
    ///
    /// ```
    /// use flowglad_core::{RequestingCustomer, api::NewUsageEvent};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let ada = RequestingCustomer::new("user_42", "Ada", "ada@example.com")?;
    /// let used = NewUsageEvent::for_meter("api_calls", 120.try_into()?).unique_for(&ada, "order_17");
    /// # assert!(used.transaction_id.is_some());
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn unique_for(mut self, customer: &RequestingCustomer, key: &str) -> Self {
        self.transaction_id = Some(TransactionId::of(customer, key));
        self
    }
}

/// Names the usage meter of an event, directly or by one of its prices.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MeterRef {
    /// The id of a usage price.
    PriceId(PriceId),
    /// The slug of a usage price.
    PriceSlug(String),
    /// The id of a usage meter, at its default price.
    UsageMeterId(UsageMeterId),
    /// The slug of a usage meter, at its default price.
    UsageMeterSlug(String),
}
