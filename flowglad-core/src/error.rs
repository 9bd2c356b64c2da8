//! The error type of the client, and the questions that a caller can ask of an error.

use std::{fmt, time::Duration};

use crate::input::InvalidInput;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a call to Flowglad failed.
///
/// `Display` names the operation and what happened; the technical cause is in [`source`](std::error::Error::source).
/// Neither contains the API key, a URL or a response body.
///
/// # Errors common to all calls
///
/// Every call that sends a request can fail with:
///
/// - [`InvalidInput`](Self::InvalidInput): an id or another value cannot be sent. No request was made.
/// - [`Transport`](Self::Transport): no complete response arrived, for example because of DNS, TLS or a timeout.
/// - [`Api`](Self::Api): Flowglad returned an error status. It refused the API key, limited the rate of requests,
///   refused this request for the reason in `message`, or failed itself.
/// - [`Decode`](Self::Decode): the response has a success status, but not the expected JSON. Or the request body cannot
///   be written as JSON, and no request was made.
///
/// Every call of a [`CustomerScope`](crate::CustomerScope) can also fail with [`WrongCustomer`](Self::WrongCustomer):
/// the response was about another customer and was discarded.
///
/// [`Config`](Self::Config) comes only from building a client. The remaining variants come only from methods whose
/// `# Errors` section names them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The client cannot be built as configured. Found before any request.
    #[error("flowglad client: {setting} {problem}")]
    #[non_exhaustive]
    Config {
        /// The builder setting or the environment variable.
        setting: &'static str,
        /// What is wrong with it and what to do.
        problem: String,
    },
    /// A value from the caller cannot be sent. Found before any request.
    #[error(transparent)]
    InvalidInput(#[from] InvalidInput),
    /// No complete response arrived: DNS, TCP, TLS, a timeout, or a body that was cut off.
    #[error("{operation}: no answer from Flowglad{}", if *.timed_out { " in time" } else { "" })]
    #[non_exhaustive]
    Transport {
        /// The API operation, for example `customers.billing`.
        operation: &'static str,
        /// Whether the request may have changed something.
        side_effect: SideEffect,
        /// Whether a time limit ended the call.
        timed_out: bool,
        /// The network error.
        #[source]
        cause: Cause,
    },
    /// Flowglad returned an error status.
    #[error("{operation}: Flowglad answered {status}: {}", message.as_deref().unwrap_or_else(|| hint(*.status)))]
    #[non_exhaustive]
    Api {
        /// The API operation, for example `subscriptions.cancel`.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// Whether the request may have changed something although it failed.
        side_effect: SideEffect,
        /// The API's error code, for example `NOT_FOUND`.
        code: Option<Box<str>>,
        /// The API's error message. `None` if the body was not the API's JSON (a proxy's page, plain text, nothing).
        message: Option<Box<str>>,
        /// The id by which Flowglad's support finds the request.
        request_id: Option<Box<str>>,
        /// How long the API asks to wait before a retry.
        retry_after: Option<Duration>,
    },
    /// The response has a success status, but not the expected JSON.
    #[error("{operation}: unexpected JSON at `{path}`")]
    #[non_exhaustive]
    Decode {
        /// The API operation.
        operation: &'static str,
        /// Whether the request may have changed something.
        side_effect: SideEffect,
        /// Where in the JSON, for example `customer.externalId`; `.` is the document itself.
        path: Box<str>,
        /// The id by which Flowglad's support finds the request.
        request_id: Option<Box<str>>,
        /// The decoder's error.
        #[source]
        cause: Cause,
    },
    /// The response was about another customer than the requested one, and was discarded.
    #[error("{operation}: the answer belongs to another customer")]
    #[non_exhaustive]
    WrongCustomer {
        /// The API operation.
        operation: &'static str,
    },
    /// The record that the call names does not exist for this customer.
    #[error("{what} `{name}` not found")]
    #[non_exhaustive]
    NotFound {
        /// The kind of record, for example `subscription` or `price`.
        what: &'static str,
        /// Its id or slug, as passed by the caller.
        name: Box<str>,
    },
    /// The subscription that the caller named belongs to another customer.
    #[error("subscription `{subscription_id}` does not belong to this customer")]
    #[non_exhaustive]
    Forbidden {
        /// The id of the subscription, as passed by the caller.
        subscription_id: Box<str>,
    },
    /// The call requires a current subscription, and the customer has none.
    #[error("the customer has no current subscription")]
    NoCurrentSubscription,
    /// The call requires exactly one current subscription, and the customer has several. Name one of them.
    #[error("the customer has several current subscriptions, and none was named")]
    AmbiguousSubscription,
    /// The subscription's state does not allow the call. Found by reading the subscription; the change was not sent.
    #[error("{0}")]
    FailedPrecondition(Precondition),
}

/// Why a subscription cannot be canceled or adjusted in its current state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Precondition {
    /// The subscription is the free plan, which every customer without another plan has.
    FreePlan,
    /// The subscription has ended.
    AlreadyCanceled,
    /// The subscription does not renew, so it has no billing period to change.
    NonRenewing,
    /// The subscription is free of charge (`doNotCharge`), so it has no price to change.
    DoNotCharge,
    /// A change of plan is already scheduled.
    AdjustmentScheduled,
    /// The subscription's cancellation is already scheduled.
    CancellationScheduled,
}

impl Precondition {
    /// The machine-readable name, for example `free_plan`. It is the browser's `error.code`.
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
            Self::DoNotCharge => "the subscription is free of charge, so it has no price to change",
            Self::AdjustmentScheduled => "a change of plan is scheduled already; take that back first",
            Self::CancellationScheduled => "the subscription is about to end; take the cancellation back first",
        })
    }
}

/// Whether a failed request may have changed something at Flowglad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SideEffect {
    /// It changed nothing: it only read, was refused, or never reached Flowglad.
    None,
    /// It may have taken effect: it was sent, and no usable response arrived. Read the current state before you retry.
    Possible,
}

impl Error {
    /// Whether the same call can succeed later without a change by the caller.
    ///
    /// It does **not** mean that a retry is safe: a payment may have been made although its response was lost; see
    /// [`side_effect`](Self::side_effect). The client itself retries only calls that cannot take effect twice.
    ///
    /// A 500 with the API's error JSON is a refusal, which stays the same on a retry, so it is not retryable. A 500
    /// without the API's JSON is a server failure, so it is retryable.
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

    /// Whether the requested record does not exist: [`NotFound`](Self::NotFound), a 404 with `code: NOT_FOUND`, or what
    /// the API returns for most ids, a 500 with the message "No … found with id".
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

    /// Whether the API returned a 404 with `code: NOT_FOUND`, its response for an unknown customer. Only this response
    /// may lead to the creation of a customer.
    pub(crate) fn is_not_found_code(&self) -> bool {
        matches!(self, Self::Api { status: 404, code: Some(code), .. } if &**code == "NOT_FOUND")
    }

    /// Whether the error message says that the customer was not found, as opposed to another record of the same
    /// request.
    pub(crate) fn mentions_missing_customer(&self) -> bool {
        matches!(self, Self::Api { message: Some(message), .. } if message.contains("ustomer") && message.contains("not found"))
    }

    /// Whether the API refused to create something because it exists already (409).
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Api { status: 409, message: Some(_), .. })
    }

    /// The id by which Flowglad's support finds the request, if the response had one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Api { request_id, .. } | Self::Decode { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    /// Whether the API refused with a message, for another reason than the API key.
    pub(crate) fn is_explained_refusal(&self) -> bool {
        matches!(self, Self::Api { status, message: Some(_), .. } if !matches!(status, 401 | 403))
    }

    pub(crate) fn config(setting: &'static str, problem: impl Into<String>) -> Self {
        Self::Config { setting, problem: problem.into() }
    }

    pub(crate) fn not_found(what: &'static str, name: impl Into<Box<str>>) -> Self {
        Self::NotFound { what, name: name.into() }
    }

    /// A request body that cannot be written as JSON, so that nothing was sent.
    pub(crate) fn unwritable_body(operation: &'static str, cause: impl Into<Cause>) -> Self {
        let (side_effect, cause) = (SideEffect::None, cause.into());
        Self::Decode { operation, side_effect, path: ".".into(), request_id: None, cause }
    }

    /// Whether the request may have changed something although it failed.
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

/// What an operator should check when the response has no error message.
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
    fn a_missing_record_is_not_found_for_every_form_of_the_response() {
        let error = |sentence| api(500, Some("INTERNAL_SERVER_ERROR"), Some(sentence));
        assert!(error("No products found with id: prod_1").is_not_found());
        assert!(error("Unwrap called on Err: NotFoundError: No invoices found with id: inv_1").is_not_found());
        assert!(!error("No products found with id: prod_1").is_not_found_code());
        for other in ["An unexpected error occurred. Please try again.", "found with id No ", "No card"] {
            assert!(!error(other).is_not_found(), "{other}");
        }
    }

    #[test]
    fn a_500_with_a_message_is_not_retryable_but_one_without_is() {
        assert!(!api(500, Some("INTERNAL_SERVER_ERROR"), Some("Invalid subscription: free plan")).is_retryable());
        assert!(api(500, None, None).is_retryable());
        assert!(api(502, None, None).is_retryable());
        assert!(!api(409, Some("CONFLICT"), Some("taken")).is_retryable());
    }

    #[test]
    fn display_without_a_message_says_what_the_operator_should_check() {
        let message = api(401, None, None).to_string();
        assert_eq!(
            message,
            "customers.billing: Flowglad answered 401: the API key was not accepted; check FLOWGLAD_SECRET_KEY"
        );
    }
}
