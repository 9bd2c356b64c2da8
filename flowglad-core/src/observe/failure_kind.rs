//! The kinds of failures, few enough for a label of a metric.

use crate::error::Error;

/// Why a request to Flowglad failed, in few enough words for a label of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureKind {
    /// No complete response arrived: DNS, TCP, TLS, or a body that was cut off.
    Unreachable,
    /// A time limit ended the request.
    TimedOut,
    /// Too many requests of this client waited for Flowglad; this one was not sent.
    Busy,
    /// Flowglad limits the rate of requests.
    RateLimited,
    /// Flowglad refused the API key.
    KeyRefused,
    /// Flowglad failed: a status of 500 or more.
    ServerError,
    /// The request was refused, by Flowglad or before it was sent.
    Refused,
    /// The response could not be read, or was about another customer.
    UnreadableResponse,
}

impl FailureKind {
    /// The name in metrics and logs, for example `timed_out`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed_out",
            Self::Busy => "busy",
            Self::RateLimited => "rate_limited",
            Self::KeyRefused => "key_refused",
            Self::ServerError => "server_error",
            Self::Refused => "refused",
            Self::UnreadableResponse => "unreadable_response",
        }
    }

    /// Whether other customers' requests would fail in the same way, as opposed to a failure of this request alone.
    pub(super) fn concerns_everyone(self) -> bool {
        match self {
            Self::Unreachable
            | Self::TimedOut
            | Self::Busy
            | Self::RateLimited
            | Self::KeyRefused
            | Self::ServerError => true,
            Self::Refused | Self::UnreadableResponse => false,
        }
    }
}

impl From<&Error> for FailureKind {
    fn from(error: &Error) -> Self {
        match error {
            Error::Transport { timed_out: true, .. } => Self::TimedOut,
            Error::Transport { .. } => Self::Unreachable,
            Error::Busy { .. } => Self::Busy,
            Error::Api { rate_limited: true, .. } => Self::RateLimited,
            Error::Api { status: 401 | 403, .. } => Self::KeyRefused,
            Error::Api { status: 500.., .. } => Self::ServerError,
            Error::Decode { .. } | Error::WrongCustomer { .. } => Self::UnreadableResponse,
            Error::Api { .. }
            | Error::Config { .. }
            | Error::InvalidInput(_)
            | Error::Details(_)
            | Error::NotFound { .. }
            | Error::Forbidden { .. }
            | Error::NoCurrentSubscription
            | Error::AmbiguousSubscription
            | Error::FailedPrecondition(_) => Self::Refused,
        }
    }
}
