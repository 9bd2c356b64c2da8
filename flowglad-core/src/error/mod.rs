//! The error type of the client, and the questions that a caller can ask of an error.

mod advice;
mod capacity;
mod precondition;
mod printable;
mod wording;

use std::{sync::Arc, time::Duration};

pub use advice::{Advice, SideEffect};
pub use precondition::Precondition;
pub(crate) use printable::printable;
pub(crate) use wording::{is_refusal, without_internal_prefixes};

use crate::input::{DetailsError, InvalidInput};

/// Shared, so that one failed read can be the error of all who asked for it.
pub(crate) type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// Makes a cause of any error.
pub(crate) fn shared(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Cause {
    error.into().into()
}

/// Why a call to Flowglad failed.
///
/// `Display` names the operation and what happened; the technical causes are in
/// [`source`](std::error::Error::source), and [`report`](Self::report) adds the first of them. None of these contains the
/// API key, a URL, a response body, or a character that could begin a log line of its own.
///
/// # Errors common to all calls
///
/// Every call that sends a request can fail with:
///
/// - [`InvalidInput`](Self::InvalidInput): an id or another value cannot be sent. No request was made.
/// - [`Transport`](Self::Transport): no complete response arrived, for example because of DNS, TLS or a timeout.
/// - [`Api`](Self::Api): Flowglad returned an error status. It refused the API key, limited the rate of requests,
///   refused this request for the reason in `message`, or failed itself.
/// - [`Busy`](Self::Busy): too many requests of this client waited for Flowglad. No request was made.
/// - [`Decode`](Self::Decode): the response has a success status, but not the expected JSON. Or the request body cannot
///   be written as JSON, and no request was made.
///
/// Every call of a [`CustomerScope`](crate::CustomerScope) can also fail with [`WrongCustomer`](Self::WrongCustomer):
/// the response was about another customer and was discarded.
///
/// [`Config`](Self::Config) comes only from building a client. The remaining variants come only from methods whose
/// `# Errors` section names them.
#[derive(Clone, Debug, thiserror::Error)]
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
    /// The app did not say name and email of a customer who must be created. Found before that request.
    #[error("the customer cannot be created: {}", printable(&.0.to_string()))]
    Details(#[from] DetailsError),
    /// No complete response arrived: DNS, TCP, TLS, a timeout, or a body that was cut off.
    #[error("{operation}: no answer from Flowglad{}", if *.timed_out { " in time" } else { "" })]
    #[non_exhaustive]
    Transport {
        /// The API operation, for example `customers.billing`.
        operation: &'static str,
        /// Whether the request may have changed something.
        side_effect: SideEffect,
        /// What the sender should do.
        advice: Advice,
        /// Whether a time limit ended the call.
        timed_out: bool,
        /// The network error.
        #[source]
        cause: Cause,
    },
    /// Flowglad returned an error status.
    #[error("{operation}: Flowglad answered {status}: {}", message.as_deref().unwrap_or_else(|| hint(*.status, *.rate_limited)))]
    #[non_exhaustive]
    Api {
        /// The API operation, for example `subscriptions.cancel`.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// Whether the request may have changed something although it failed.
        side_effect: SideEffect,
        /// What the sender should do.
        advice: Advice,
        /// Whether the API limits the rate of requests: it answered 429, or 401 to a key that has worked before.
        rate_limited: bool,
        /// The API's error code, for example `NOT_FOUND`.
        code: Option<Box<str>>,
        /// The API's error message. `None` if the body was not the API's JSON (a proxy's page, plain text, nothing).
        message: Option<Box<str>>,
        /// The id by which Flowglad's support finds the request.
        request_id: Option<Box<str>>,
        /// How long the API asks to wait before a retry, at most an hour.
        retry_after: Option<Duration>,
    },
    /// Too many requests of this client wait for Flowglad, and none of them ended before the time limit of this call. See
    /// [`max_in_flight`](crate::FlowgladBuilder::max_in_flight).
    #[error("{operation}: not sent, because too many requests wait for Flowglad")]
    #[non_exhaustive]
    Busy {
        /// The API operation, for example `customers.billing`.
        operation: &'static str,
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
    #[error("{what} `{}` not found", printable(name))]
    #[non_exhaustive]
    NotFound {
        /// The kind of record, for example `subscription` or `price`.
        what: &'static str,
        /// Its id or slug, as passed by the caller.
        name: Box<str>,
    },
    /// The subscription that the caller named belongs to another customer.
    #[error("subscription `{}` does not belong to this customer", printable(subscription_id))]
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

impl Error {
    /// What the sender should do after the client has made its own retries: retry, give up, or look.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Transport { advice, .. } | Self::Api { advice, .. } => *advice,
            Self::Busy { .. } => Advice::Retry,
            Self::Decode { side_effect: SideEffect::Possible, .. } => Advice::Look,
            Self::Decode { .. }
            | Self::Config { .. }
            | Self::InvalidInput(_)
            | Self::Details(_)
            | Self::WrongCustomer { .. }
            | Self::NotFound { .. }
            | Self::Forbidden { .. }
            | Self::NoCurrentSubscription
            | Self::AmbiguousSubscription
            | Self::FailedPrecondition(_) => Advice::GiveUp,
        }
    }

    /// The error and its first cause in one line for a log or a person, for example `customers.billing: no answer from
    /// Flowglad: Connection refused (os error 111)`.
    ///
    /// ```no_run
    /// # async fn run(me: flowglad_core::CustomerScope) {
    /// if let Err(error) = me.billing().await {
    ///     eprintln!("{}", error.report());
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn report(&self) -> String {
        let causes = std::iter::successors(std::error::Error::source(self), |cause| cause.source());
        match (self, causes.last()) {
            (Self::Transport { .. } | Self::Decode { .. }, Some(first)) => {
                format!("{self}: {}", printable(&first.to_string()))
            }
            _ => self.to_string(),
        }
    }

    /// Whether a record that the request names does not exist: [`NotFound`](Self::NotFound), a 404 with
    /// `code: NOT_FOUND`, or what the API returns for most ids, a 500 with a message such as "No … found with id" or
    /// "Subscription not found".
    ///
    /// For an unknown product or invoice the API answers as for a failure of its own, which does not count.
    ///
    /// A plain-text 404 does not count: it means a wrong base URL.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        match self {
            Self::NotFound { .. } => true,
            Self::Api { status: 500, message: Some(message), .. } => wording::is_missing_record(message),
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
        matches!(self, Self::Api { message: Some(message), .. } if wording::is_missing_customer(message))
    }

    /// Whether the API refused the request because something exists already or is in the way: a 409, or a 500 whose
    /// message says so, for example `UsageEvent conflict: …`.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        match self {
            Self::Api { status: 409, message, .. } => message.is_some(),
            Self::Api { status: 500, message: Some(message), .. } => wording::is_conflict(message),
            _ => false,
        }
    }

    /// Whether the API limits the rate of requests: it answered 429, or 401 to a key that has worked before.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        matches!(self, Self::Api { rate_limited: true, .. })
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
        let explained = matches!(self, Self::Api { status, message: Some(_), .. } if !matches!(status, 401 | 403));
        explained && self.advice() == Advice::GiveUp
    }

    /// The same error after a look has shown that the change was not made. A 500 comes after the API has ended its work;
    /// after a lost response or an error of a proxy in between, the change may still be made.
    pub(crate) fn without_effect(mut self) -> Self {
        if let Self::Api { status: 500, side_effect, advice, .. } = &mut self {
            (*side_effect, *advice) = (SideEffect::None, Advice::Retry);
        }
        self
    }

    pub(crate) fn config(setting: &'static str, problem: impl Into<String>) -> Self {
        Self::Config { setting, problem: problem.into() }
    }

    pub(crate) fn not_found(what: &'static str, name: impl Into<Box<str>>) -> Self {
        Self::NotFound { what, name: name.into() }
    }

    /// The time limit of a call is over.
    pub(crate) fn out_of_time(operation: &'static str, side_effect: SideEffect, advice: Advice) -> Self {
        let cause = shared("the time limit of the call is over");
        Self::Transport { operation, side_effect, advice, timed_out: true, cause }
    }

    /// A request body that cannot be written as JSON, so that nothing was sent.
    pub(crate) fn unwritable_body(operation: &'static str, error: serde_json::Error) -> Self {
        let (side_effect, cause) = (SideEffect::None, shared(error));
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
fn hint(status: u16, rate_limited: bool) -> &'static str {
    match status {
        401 if rate_limited => "the API key has worked before, so its rate is limited, or it was revoked",
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
            advice: Advice::GiveUp,
            rate_limited: status == 429,
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
    fn a_conflict_is_a_409_or_a_500_that_says_so() {
        for sentence in [
            "UsageEvent conflict: A usage event already exists for transactionid t, but does not belong to you",
            "Unwrap called on Err: ConflictError: Subscription conflict: Customer has an active subscription",
            "Unwrap called on Err: ConflictError: resource conflict: Cannot reduce capacity to 1",
        ] {
            assert!(api(500, Some("INTERNAL_SERVER_ERROR"), Some(sentence)).is_conflict(), "{sentence}");
        }
        assert!(api(409, Some("CONFLICT"), Some("taken")).is_conflict());
        assert!(!api(409, None, None).is_conflict());
        assert!(!api(500, Some("INTERNAL_SERVER_ERROR"), Some("Invalid subscription: free plan")).is_conflict());
    }

    #[test]
    fn names_from_the_caller_cannot_begin_a_log_line() {
        let error = Error::not_found("price", "gold\n2026-11-26 ERROR all is lost\u{1b}[2J");
        assert_eq!(error.to_string(), "price `gold\u{fffd}2026-11-26 ERROR all is lost\u{fffd}[2J` not found");
        let error = Error::Forbidden { subscription_id: "sub\r\n1".into() };
        assert_eq!(error.to_string(), "subscription `sub\u{fffd}\u{fffd}1` does not belong to this customer");
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
