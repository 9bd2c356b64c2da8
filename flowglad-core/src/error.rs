//! The one error type of the client, and what a caller can learn from it.

use std::{fmt, time::Duration};

use crate::input::InvalidInput;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a call to Flowglad did not give a result.
///
/// `Display` names the operation and what happened; the technical cause is in [`source`](std::error::Error::source).
/// Neither ever holds the API key, a URL or an answer's body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client cannot be built as configured; found before any request.
    #[error("flowglad client: {setting} {problem}")]
    #[non_exhaustive]
    Config {
        /// The builder's setting or the environment variable.
        setting: &'static str,
        /// What is wrong with it and what to do.
        problem: String,
    },
    /// A value given by the caller cannot be sent; found before any request.
    #[error(transparent)]
    InvalidInput(#[from] InvalidInput),
    /// No complete answer came: DNS, TCP, TLS, a timeout, a cut body.
    #[error("{operation}: no answer from Flowglad{}", if *.timed_out { " in time" } else { "" })]
    #[non_exhaustive]
    Transport {
        /// The API operation, for example `customers.billing`.
        operation: &'static str,
        /// Whether the request can have changed something.
        side_effect: SideEffect,
        /// Whether a time limit ended the call.
        timed_out: bool,
        /// The network error.
        #[source]
        cause: Cause,
    },
    /// Flowglad answered with an error status.
    #[error("{operation}: Flowglad answered {status}: {}", message.as_deref().unwrap_or_else(|| hint(*.status)))]
    #[non_exhaustive]
    Api {
        /// The API operation, for example `subscriptions.cancel`.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// Whether the request can have changed something all the same.
        side_effect: SideEffect,
        /// The API's own code, for example `NOT_FOUND`.
        code: Option<Box<str>>,
        /// The API's own sentence. `None` if the body was not the API's JSON (a proxy's page, plain text, nothing).
        message: Option<Box<str>>,
        /// The id by which Flowglad's support finds the request.
        request_id: Option<Box<str>>,
        /// How long the API asks to wait before another try.
        retry_after: Option<Duration>,
    },
    /// The answer was a success, but not the JSON we expected.
    #[error("{operation}: unexpected JSON at `{path}`")]
    #[non_exhaustive]
    Decode {
        /// The API operation.
        operation: &'static str,
        /// Whether the request can have changed something.
        side_effect: SideEffect,
        /// Where in the JSON, for example `customer.externalId`; `.` is the document itself.
        path: Box<str>,
        /// The id by which Flowglad's support finds the request.
        request_id: Option<Box<str>>,
        /// What the decoder said.
        #[source]
        cause: Cause,
    },
    /// The answer was about another customer than the one asked for, and was thrown away.
    #[error("{operation}: the answer belongs to another customer")]
    #[non_exhaustive]
    WrongCustomer {
        /// The API operation.
        operation: &'static str,
    },
    /// What the call names does not exist for this customer.
    #[error("{what} `{name}` not found")]
    #[non_exhaustive]
    NotFound {
        /// What was looked for, for example `subscription` or `price`.
        what: &'static str,
        /// Its id or slug, as given by the caller.
        name: Box<str>,
    },
    /// The subscription named by the caller is not this customer's.
    #[error("subscription `{subscription_id}` does not belong to this customer")]
    #[non_exhaustive]
    Forbidden {
        /// The subscription, as given by the caller.
        subscription_id: Box<str>,
    },
    /// The call needs a current subscription, and the customer has none.
    #[error("the customer has no current subscription")]
    NoCurrentSubscription,
    /// The call needs one current subscription, and the customer has several: name one.
    #[error("the customer has several current subscriptions, and none was named")]
    AmbiguousSubscription,
    /// The subscription is in no state for the call. Known from the record in hand, so nothing was sent.
    #[error("{0}")]
    FailedPrecondition(Precondition),
}

/// Why a subscription cannot be canceled or adjusted as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Precondition {
    /// It is the free plan, which everybody without another has.
    FreePlan,
    /// It has ended.
    AlreadyCanceled,
    /// It has no period that could end.
    NonRenewing,
    /// It is given away, so there is no price to change.
    DoNotCharge,
    /// A change of plan is planned already.
    AdjustmentScheduled,
    /// Its end is planned already.
    CancellationScheduled,
}

impl Precondition {
    /// A name for code, for example `free_plan`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::FreePlan => "free_plan",
            Self::AlreadyCanceled => "already_canceled",
            Self::NonRenewing => "non_renewing",
            Self::DoNotCharge => "do_not_charge",
            Self::AdjustmentScheduled => "adjustment_scheduled",
            Self::CancellationScheduled => "cancellation_scheduled",
        }
    }
}

impl fmt::Display for Precondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FreePlan => "the free plan cannot be canceled or changed; upgrade by checkout instead",
            Self::AlreadyCanceled => "the subscription has ended already",
            Self::NonRenewing => "the subscription does not renew, so it has no period to change",
            Self::DoNotCharge => "the subscription is given away, so it has no price to change",
            Self::AdjustmentScheduled => "a change of plan is scheduled already; take that back first",
            Self::CancellationScheduled => "the subscription is about to end; take the cancellation back first",
        })
    }
}

/// Whether a request without a usable answer can have changed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SideEffect {
    /// It certainly changed nothing: it only read, or the connection was never made.
    None,
    /// The request was sent, or even answered with a success. Read the state before you retry.
    Possible,
}

impl Error {
    /// Whether the same call can succeed later without a change by the caller.
    ///
    /// It does **not** say that sending it again is safe: a lost answer to a payment may hide a payment that was made.
    /// The client itself repeats only calls that cannot take effect twice.
    ///
    /// A 500 in which the API explains itself is a refusal and comes back the same, so it is not retryable; a 500
    /// without the API's JSON is a breakdown and is.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Transport { .. } => true,
            Self::Api { status: 500, message, .. } => message.is_none(),
            Self::Api { status, .. } => matches!(status, 408 | 429 | 502..=504),
            Self::Config { .. }
            | Self::InvalidInput(_)
            | Self::Decode { .. }
            | Self::WrongCustomer { .. }
            | Self::NotFound { .. }
            | Self::Forbidden { .. }
            | Self::NoCurrentSubscription
            | Self::AmbiguousSubscription
            | Self::FailedPrecondition(_) => false,
        }
    }

    /// Whether Flowglad itself said that the thing asked for does not exist: a 404 with `code: NOT_FOUND` or, as the API
    /// words it for most ids, a 500 with the sentence "No … found with id".
    ///
    /// A plain-text 404 does not count: it means a wrong base URL.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::NotFound { .. } => true,
            Self::Api { status: 500, message: Some(message), .. } => {
                message.split_once("No ").is_some_and(|(_, rest)| rest.contains(" found with id"))
            }
            _ => self.is_not_found_code(),
        }
    }

    /// Whether the API answered with 404 and `code: NOT_FOUND`, which is how it says that a customer is unknown. Nothing
    /// less may lead to a new customer.
    pub(crate) fn is_not_found_code(&self) -> bool {
        matches!(self, Self::Api { status: 404, code: Some(code), .. } if &**code == "NOT_FOUND")
    }

    /// Whether a refusal says that there is no such customer, among other things that there could be none of.
    pub(crate) fn mentions_missing_customer(&self) -> bool {
        matches!(self, Self::Api { message: Some(message), .. } if message.contains("ustomer") && message.contains("not found"))
    }

    /// Whether the API refused to create something because it exists already (409).
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Api { status: 409, message: Some(_), .. })
    }

    /// The id by which Flowglad's support finds the request, if an answer carried one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Api { request_id, .. } | Self::Decode { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    /// Whether the API refused in its own words, but for our key.
    pub(crate) fn is_explained_refusal(&self) -> bool {
        matches!(self, Self::Api { status, message: Some(_), .. } if !matches!(status, 401 | 403))
    }

    pub(crate) fn config(setting: &'static str, problem: impl Into<String>) -> Self {
        Self::Config { setting, problem: problem.into() }
    }

    pub(crate) fn not_found(what: &'static str, name: impl Into<Box<str>>) -> Self {
        Self::NotFound { what, name: name.into() }
    }

    /// A body that cannot be written as JSON, so that nothing was sent.
    pub(crate) fn unwritable_body(operation: &'static str, cause: impl Into<Cause>) -> Self {
        let (side_effect, cause) = (SideEffect::None, cause.into());
        Self::Decode { operation, side_effect, path: ".".into(), request_id: None, cause }
    }

    /// Whether the request can have changed something although it failed.
    #[must_use]
    pub fn side_effect(&self) -> SideEffect {
        match self {
            Self::Transport { side_effect, .. } | Self::Api { side_effect, .. } | Self::Decode { side_effect, .. } => {
                *side_effect
            }
            _ => SideEffect::None,
        }
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Api { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// What an operator should look at when an answer explains nothing itself.
fn hint(status: u16) -> &'static str {
    match status {
        300..=399 => "a redirect, which is not followed; check the base URL",
        401 | 403 => "the API key was not accepted; check FLOWGLAD_SECRET_KEY",
        404 => "no such route; check the base URL",
        _ => "without an explanation",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(status: u16, code: Option<&str>, message: Option<&str>) -> Error {
        Error::Api {
            operation: "customers.billing",
            status,
            side_effect: SideEffect::None,
            code: code.map(Into::into),
            message: message.map(Into::into),
            request_id: None,
            retry_after: None,
        }
    }

    #[test]
    fn error_stays_small_enough_to_return_by_value() {
        assert!(size_of::<Error>() <= 128, "{}", size_of::<Error>());
    }

    #[test]
    fn plain_text_404_is_not_a_missing_customer() {
        assert!(api(404, Some("NOT_FOUND"), Some("Customer with externalId x not found")).is_not_found());
        assert!(!api(404, None, None).is_not_found());
        assert!(!api(404, Some("OTHER"), Some("no")).is_not_found());
    }

    #[test]
    fn a_missing_record_is_not_found_however_the_api_words_it() {
        let error = |sentence| api(500, Some("INTERNAL_SERVER_ERROR"), Some(sentence));
        assert!(error("No products found with id: prod_1").is_not_found());
        assert!(error("Unwrap called on Err: NotFoundError: No invoices found with id: inv_1").is_not_found());
        assert!(!error("No products found with id: prod_1").is_not_found_code());
        for other in ["An unexpected error occurred. Please try again.", "found with id No ", "No card"] {
            assert!(!error(other).is_not_found(), "{other}");
        }
    }

    #[test]
    fn refusal_by_500_is_not_retryable_but_a_breakdown_is() {
        assert!(!api(500, Some("INTERNAL_SERVER_ERROR"), Some("Invalid subscription: free plan")).is_retryable());
        assert!(api(500, None, None).is_retryable());
        assert!(api(502, None, None).is_retryable());
        assert!(!api(409, Some("CONFLICT"), Some("taken")).is_retryable());
    }

    #[test]
    fn display_without_a_message_tells_the_operator_where_to_look() {
        let message = api(401, None, None).to_string();
        assert_eq!(
            message,
            "customers.billing: Flowglad answered 401: the API key was not accepted; check FLOWGLAD_SECRET_KEY"
        );
    }
}
