//! What can go wrong with a sandbox itself, rather than with a request to it.

use std::net::SocketAddr;

use crate::{refusal::Refusal, rules::checkout::completion::CheckoutError};

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The port is taken, or address and port may not be used.
    #[error("cannot listen on {address}")]
    #[non_exhaustive]
    Bind {
        /// The address and port that were asked for.
        address: SocketAddr,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The API key is empty or has characters other than visible ASCII ones.
    #[error("the API key must be visible ASCII characters without spaces")]
    ApiKey,
}

/// Why a sandbox did not do what it was told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// There is no session with this id.
    #[error("there is no checkout session {id}")]
    #[non_exhaustive]
    CheckoutSessionNotFound {
        /// The id that was asked for.
        id: String,
    },
    /// The session was completed before.
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
    /// Time does not go back.
    #[error("the time {to} is before now, {now}")]
    #[non_exhaustive]
    TimeInPast {
        /// The moment that was asked for, in milliseconds since 1970.
        to: i64,
        /// The sandbox's time.
        now: i64,
    },
    /// Time moves by at most ten years at once.
    #[error("the time {to} is more than ten years ahead: it can move to {latest} at most")]
    #[non_exhaustive]
    TimeTooFarAhead {
        /// The moment that was asked for, in milliseconds since 1970.
        to: i64,
        /// The latest possible moment.
        latest: i64,
    },
    /// What was asked for makes no sense, or a billing rule forbids it.
    #[error("{reason}")]
    #[non_exhaustive]
    Refused {
        /// The sentence that says why.
        reason: String,
    },
    /// A billing rule forbids it, such as a second paid plan.
    #[error("the checkout session {id} cannot be completed: {reason}")]
    #[non_exhaustive]
    CheckoutRefused {
        /// The session, which stays open.
        id: String,
        /// The sentence that the API has for it.
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
