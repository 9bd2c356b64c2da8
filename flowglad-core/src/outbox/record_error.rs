//! Why usage was not recorded.

use crate::{
    error::{Cause, printable},
    input::InvalidInput,
};

/// Why usage was not recorded. It does not count then: whoever caused it should be refused, or asked to come again.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The client has no outbox: give it one by [`FlowgladBuilder::usage`](crate::FlowgladBuilder::usage).
    #[error("usage cannot be recorded, because the client was built without an outbox")]
    NoOutbox,
    /// As much waits to be delivered as may.
    #[error("usage cannot be recorded, because the outbox is full: {pending} events wait to be delivered")]
    #[non_exhaustive]
    Full {
        /// How many events wait.
        pending: u64,
    },
    /// The store failed, for example because its disk is full.
    #[error("usage cannot be recorded: {}", printable(&cause.to_string()))]
    #[non_exhaustive]
    Store {
        /// The error of the store.
        #[source]
        cause: Cause,
    },
    /// The app is ending: [`UsageDelivery::shutdown`](crate::usage::UsageDelivery::shutdown) was called.
    #[error("usage cannot be recorded, because the app is ending")]
    Ended,
    /// The event cannot be sent to Flowglad.
    #[error(transparent)]
    InvalidInput(#[from] InvalidInput),
}
