//! The errors of a sandbox itself, as opposed to refusals of API requests.

use std::net::SocketAddr;

use crate::{refusal::Refusal, rules::checkout::completion::CheckoutError, snapshot::SnapshotError};

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The port is taken, or the address or port is not allowed.
    #[error("cannot listen on {address}")]
    #[non_exhaustive]
    Bind {
        /// The requested address and port.
        address: SocketAddr,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// The API key is empty, or has characters other than visible ASCII.
    #[error("the API key must be visible ASCII characters without spaces")]
    ApiKey,
    /// The sandbox cannot deliver to a webhook that it was given.
    #[error("the webhook cannot be used: {reason}")]
    #[non_exhaustive]
    Webhook {
        /// The reason, as a sentence.
        reason: String,
    },
    /// The sandbox cannot go on with the state that it was given.
    #[error("the state cannot be restored")]
    #[non_exhaustive]
    Snapshot {
        /// What is wrong with it.
        source: SnapshotError,
    },
}

/// Why a sandbox cannot do what a test asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// There is no session with this id.
    #[error("there is no checkout session {id}")]
    #[non_exhaustive]
    CheckoutSessionNotFound {
        /// The requested id.
        id: String,
    },
    /// There is no customer with this external id.
    #[error("there is no customer {external_id}")]
    #[non_exhaustive]
    CustomerNotFound {
        /// The requested external id.
        external_id: String,
    },
    /// The session is completed or failed.
    #[error("the checkout session {id} is not open any more")]
    #[non_exhaustive]
    CheckoutSessionNotOpen {
        /// The session.
        id: String,
    },
    /// The session is older than a day.
    #[error("the checkout session {id} has expired")]
    #[non_exhaustive]
    CheckoutSessionExpired {
        /// The session.
        id: String,
    },
    /// Time cannot go back.
    #[error("the time {to} is before now, {now}")]
    #[non_exhaustive]
    TimeInPast {
        /// The requested time, in milliseconds since 1970.
        to: i64,
        /// The sandbox's time.
        now: i64,
    },
    /// Time moves by at most ten years at once, and in all to the end of the year 9998.
    #[error("the time {to} is too far ahead: it can move to {latest} at most")]
    #[non_exhaustive]
    TimeTooFarAhead {
        /// The requested time, in milliseconds since 1970.
        to: i64,
        /// The latest possible time.
        latest: i64,
    },
    /// There is no webhook with this id.
    #[error("there is no webhook {id}")]
    #[non_exhaustive]
    WebhookNotFound {
        /// The requested id.
        id: String,
    },
    /// There is no webhook delivery with this id, or it is not among the newest ones.
    #[error("there is no webhook delivery {id}")]
    #[non_exhaustive]
    WebhookDeliveryNotFound {
        /// The requested id.
        id: String,
    },
    /// The request is invalid, or a billing rule refuses it.
    #[error("{reason}")]
    #[non_exhaustive]
    Refused {
        /// The reason, as a sentence.
        reason: String,
    },
    /// A billing rule refuses it, such as a second paid plan.
    #[error("the checkout session {id} cannot be completed: {reason}")]
    #[non_exhaustive]
    CheckoutRefused {
        /// The session, which stays open.
        id: String,
        /// The API's sentence for the reason.
        reason: String,
    },
}

impl SandboxError {
    pub(crate) fn refused(error: &Refusal) -> Self {
        Self::Refused { reason: error.sentence() }
    }

    pub(crate) fn from_checkout(id: &str, refusal: CheckoutError) -> Self {
        let id = id.to_owned();
        match refusal {
            CheckoutError::NotFound => Self::CheckoutSessionNotFound { id },
            CheckoutError::NotOpen => Self::CheckoutSessionNotOpen { id },
            CheckoutError::Expired => Self::CheckoutSessionExpired { id },
            CheckoutError::Rule(error) => Self::CheckoutRefused { id, reason: error.sentence() },
        }
    }
}
