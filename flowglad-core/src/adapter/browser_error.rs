//! Error responses for the browser. This is the only place that maps situations to statuses and codes.

use std::{borrow::Cow, time::Duration};

use serde::Serialize;

use crate::{
    adapter::{
        issue::{Issue, MAX_ISSUES},
        response::{ActionResponse, RefusalFacts},
    },
    billing::NotEntitled,
    client::json::RawJson,
    error::{Error, SideEffect, without_internal_prefixes},
    gate::{Reason, Refused},
    input::{DetailsError, InvalidCustomer},
    model::SubscriptionStatus,
};

/// The `Retry-After` that is sent if the API's response had none.
const DEFAULT_WAIT: Duration = Duration::from_secs(1);

const UNAVAILABLE: &str = "Billing is not available right now. Please try again in a moment.";

const UNAUTHORIZED: &str = "unauthorized";

const MAX_SENTENCES: usize = 10;

/// An error that can be shown to the user.
#[derive(Debug, PartialEq)]
pub(crate) struct BrowserError {
    status: u16,
    code: Cow<'static, str>,
    message: Cow<'static, str>,
    issues: Vec<Issue>,
    request_id: Option<Box<str>>,
    header: Option<Header>,
    gate: Option<Box<GateFields>>,
}

/// A response header that belongs to a status.
#[derive(Debug, PartialEq)]
enum Header {
    AllowPost,
    ConnectionClose,
    RetryAfter(Duration),
}

impl BrowserError {
    fn new(status: u16, code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        let (code, message) = (code.into(), message.into());
        Self { status, code, message, issues: Vec::new(), request_id: None, header: None, gate: None }
    }

    pub(crate) fn unknown_action() -> Self {
        Self::new(404, "unknown_action", "There is no such action here.")
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self {
            header: Some(Header::AllowPost),
            ..Self::new(405, "method_not_allowed", "This address takes POST requests only.")
        }
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, UNAUTHORIZED, "Please sign in first.")
    }

    pub(crate) fn invalid_customer(reason: &InvalidCustomer) -> Self {
        Self::new(401, "invalid_customer", format!("Billing is not available for this account: {reason}."))
    }

    /// The signed-in user has chosen no organization, and organizations pay.
    pub(crate) fn no_organization() -> Self {
        Self::new(403, "no_organization", "Please choose an organization first.")
    }

    pub(crate) fn not_authorized() -> Self {
        Self::new(403, "forbidden", "You are not allowed to do this.")
    }

    /// It cannot be found out who is signed in. That is no 401, with which a page would sign its user out.
    #[cfg(feature = "auth")]
    pub(crate) fn sign_in_unavailable(wait: Duration) -> Self {
        let unavailable = "Sign-in is not available right now. Please try again in a moment.";
        Self { header: Some(Header::RetryAfter(wait)), ..Self::new(503, "sign_in_unavailable", unavailable) }
    }

    /// The app's own code failed. Its error text is only logged.
    pub(crate) fn internal() -> Self {
        Self::new(500, "internal_error", "Something went wrong on this server.")
    }

    pub(crate) fn unsupported_media_type() -> Self {
        Self::new(415, "unsupported_media_type", "The body must be JSON, sent with Content-Type: application/json.")
    }

    pub(crate) fn payload_too_large() -> Self {
        Self::new(413, "payload_too_large", "The body is too large.")
    }

    pub(crate) fn unreadable_body() -> Self {
        Self::new(400, "invalid_json", "The body did not arrive completely.")
    }

    /// The rest of the body is not wanted any more, so the connection ends with this response.
    pub(crate) fn request_timeout() -> Self {
        Self {
            header: Some(Header::ConnectionClose),
            ..Self::new(408, "request_timeout", "The body took too long to arrive.")
        }
    }

    pub(crate) fn invalid_json() -> Self {
        Self::new(400, "invalid_json", "The body must be a JSON object.")
    }

    /// The message describes the first problems and `issues` lists more. Both are limited, so that no request body
    /// causes a huge response.
    pub(crate) fn validation(mut issues: Vec<Issue>) -> Self {
        issues.truncate(MAX_ISSUES);
        let sentences: Vec<String> = issues.iter().take(MAX_SENTENCES).map(Issue::sentence).collect();
        let more = if issues.len() > MAX_SENTENCES { " There are more problems." } else { "" };
        Self { issues, ..Self::new(400, "validation_error", sentences.join(" ") + more) }
    }

    /// A gate cannot find out whether the customer is entitled.
    pub(crate) fn entitlements_unavailable(error: &Error) -> Self {
        let wait = error.retry_after().unwrap_or(DEFAULT_WAIT);
        Self { header: Some(Header::RetryAfter(wait)), ..Self::new(503, "entitlements_unavailable", UNAVAILABLE) }
    }

    /// A customer who is not entitled, and where the plans are.
    pub(crate) fn refused(refused: &Refused, upgrade_url: Option<&str>) -> Self {
        let (status, code, fields) = gate_refusal(refused.reason());
        let fields = GateFields { upgrade_url: upgrade_url.or(refused.upgrade_url()).map(Into::into), ..fields };
        Self { gate: Some(Box::new(fields)), ..Self::new(status, code, refused.to_string()) }
    }

    /// Usage cannot be recorded now, so the work for it should not be done.
    #[cfg(feature = "usage-recorder")]
    pub(crate) fn usage_unavailable() -> Self {
        Self { header: Some(Header::RetryAfter(DEFAULT_WAIT)), ..Self::new(503, "usage_unavailable", UNAVAILABLE) }
    }

    /// Work with the same key runs.
    #[cfg(any(feature = "usage-recorder", feature = "webhook"))]
    pub(crate) fn request_in_progress() -> Self {
        let busy = "The same request is still in progress. Please try again in a moment.";
        Self { header: Some(Header::RetryAfter(DEFAULT_WAIT)), ..Self::new(409, "request_in_progress", busy) }
    }

    /// A webhook delivery that is not verified.
    #[cfg(feature = "webhook")]
    pub(crate) fn invalid_signature(reason: &impl std::fmt::Display) -> Self {
        Self::new(400, "invalid_signature", format!("This is not a delivery of Flowglad: {reason}."))
    }

    /// A webhook delivery that is verified and cannot be decoded.
    #[cfg(feature = "webhook")]
    pub(crate) fn invalid_event(reason: &impl std::fmt::Display) -> Self {
        Self::new(400, "invalid_event", format!("This delivery cannot be handled: {reason}."))
    }

    pub(crate) fn not_implemented(action: impl std::fmt::Display) -> Self {
        Self::new(501, "not_implemented", format!("The action {action} is not available on this server."))
    }

    pub(crate) fn no_billing_portal() -> Self {
        Self::new(404, "no_billing_portal", "There is no page for managing billing.")
    }

    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// The response for a page: the browser is sent to another one.
    pub(crate) fn into_redirect(self, location: String) -> ActionResponse {
        ActionResponse { code: Some(self.code), ..ActionResponse::see_other(location) }
    }

    pub(crate) fn into_response(self) -> ActionResponse {
        let details = Details {
            message: &self.message,
            error: &self.message,
            issues: &self.issues,
            request_id: self.request_id.as_deref(),
            gate: self.gate.as_deref(),
        };
        let error = WireError { code: &self.code, message: &self.message, json: details };
        let mut response =
            ActionResponse::json(self.status, RawJson::from_value(&Envelope { data: (), error }).bytes());
        response.headers.extend(self.header.map(Header::into_pair));
        response.code = Some(self.code);
        response
    }
}

impl From<ActionResponse> for RefusalFacts {
    fn from(response: ActionResponse) -> Self {
        let is_signed_out = response.code.as_deref() == Some(UNAUTHORIZED);
        Self::new(response, is_signed_out)
    }
}

impl RefusalFacts {
    /// The statuses with which an extractor or request guard refuses, apart from the app's own.
    pub const STATUSES: [u16; 7] = [400, 401, 402, 403, 408, 413, 503];
}

impl Header {
    fn into_pair(self) -> (&'static str, String) {
        match self {
            Self::AllowPost => ("allow", "POST".to_owned()),
            Self::ConnectionClose => ("connection", "close".to_owned()),
            Self::RetryAfter(wait) => ("retry-after", wait.as_secs().to_string()),
        }
    }
}

/// The body of every error response, with the fields that the React hooks read.
#[derive(Serialize)]
struct Envelope<'a> {
    data: (),
    error: WireError<'a>,
}

#[derive(Serialize)]
struct WireError<'a> {
    code: &'a str,
    message: &'a str,
    json: Details<'a>,
}

#[derive(Serialize)]
struct Details<'a> {
    message: &'a str,
    /// The message again: most of Flowglad's guides read it here.
    error: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    issues: &'a [Issue],
    #[serde(rename = "requestId", skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(flatten)]
    gate: Option<&'a GateFields>,
}

/// What a gate requires, and what would meet it.
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
struct GateFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    feature: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meter: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    available_balance: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<Cow<'static, str>>,
    /// That of the subscription that does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<SubscriptionStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upgrade_url: Option<Box<str>>,
}

impl From<&Error> for BrowserError {
    fn from(error: &Error) -> Self {
        match error {
            Error::InvalidInput(refusal) => Self::validation(vec![Issue::at([refusal.field()], refusal.problem())]),
            Error::Details(DetailsError::Invalid(reason)) => Self::invalid_customer(reason),
            Error::Details(DetailsError::Failed(_)) => Self::internal(),
            // The name comes from the browser, so it is logged but not sent back.
            Error::NotFound { what, .. } => Self::new(404, "not_found", format!("There is no such {what} for you.")),
            Error::Forbidden { .. } => Self::new(403, "forbidden", "This subscription is not yours."),
            Error::NoCurrentSubscription => {
                Self::new(404, "no_current_subscription", "You have no current subscription.")
            }
            Error::AmbiguousSubscription => {
                Self::new(409, "ambiguous_subscription", "You have several subscriptions; say which one is meant.")
            }
            Error::FailedPrecondition(refusal) => Self::new(409, refusal.code(), as_sentence(&refusal.to_string())),
            Error::Transport { timed_out: true, side_effect, .. } => timeout(*side_effect),
            Error::Busy { .. } => try_later(503, "flowglad_busy", DEFAULT_WAIT),
            Error::Api { .. } => api_refusal(error),
            Error::Transport { side_effect, .. } => unavailable(*side_effect),
            Error::Decode { side_effect, request_id, .. } => {
                Self { request_id: request_id.clone(), ..unavailable(*side_effect) }
            }
            Error::WrongCustomer { .. } => unavailable(SideEffect::None),
            Error::Config { .. } => Self::new(500, "internal_error", "Billing is not set up correctly on this server."),
        }
    }
}

fn gate_refusal(reason: &Reason) -> (u16, &'static str, GateFields) {
    let nothing = GateFields::default();
    match reason {
        Reason::NoFeature { feature } => {
            (403, "feature_required", GateFields { feature: Some(feature.clone()), ..nothing })
        }
        Reason::OtherPlan { plan } => (403, "plan_required", GateFields { plan: Some(plan.clone()), ..nothing }),
        Reason::NoSeat { resource } => {
            (403, "seat_required", GateFields { resource: Some(resource.clone()), ..nothing })
        }
        Reason::LowBalance { meter, required, available } => {
            let (meter, required, available_balance) = (Some(meter.clone()), Some(*required), Some(*available));
            (402, "insufficient_balance", GateFields { meter, required, available_balance, ..nothing })
        }
        Reason::NotPurchased { product } => {
            (402, "purchase_required", GateFields { product: Some(product.clone()), ..nothing })
        }
        Reason::NoPaidPlan | Reason::NotEntitled(NotEntitled::FreePlan) => (402, "subscription_required", nothing),
        Reason::NotEntitled(NotEntitled::PastDue { status, .. } | NotEntitled::Status { status }) => {
            (402, "subscription_required", GateFields { status: Some(status.clone()), ..nothing })
        }
    }
}

fn api_refusal(error: &Error) -> BrowserError {
    let Error::Api { status, side_effect, code, message, request_id, retry_after, .. } = error else {
        return unavailable(error.side_effect());
    };
    let with_message = |http: u16, code: Cow<'static, str>| match message {
        Some(sentence) => BrowserError::new(http, code, browser_text(sentence)),
        None => unavailable(*side_effect),
    };
    let refusal = match *status {
        _ if error.is_rate_limited() => try_later(429, "rate_limited", retry_after.unwrap_or(DEFAULT_WAIT)),
        401 | 403 => BrowserError::new(500, "flowglad_credentials", "Billing is not set up correctly on this server."),
        400 | 402 | 404 | 409 | 410 | 412 | 422 => with_message(*status, api_code(*status, code.as_deref())),
        408 => timeout(*side_effect),
        // The sentence of a failure may be that of a database, and is only logged.
        500..=599 if error.is_explained_refusal() => with_message(502, "flowglad_error".into()),
        _ => unavailable(*side_effect),
    };
    BrowserError { request_id: request_id.clone(), ..refusal }
}

fn try_later(status: u16, code: &'static str, wait: Duration) -> BrowserError {
    let busy = "Billing is busy right now. Please try again in a moment.";
    BrowserError { header: Some(Header::RetryAfter(wait)), ..BrowserError::new(status, code, busy) }
}

fn api_code(status: u16, code: Option<&str>) -> Cow<'static, str> {
    match (code, status) {
        (Some(code), _) => code.to_lowercase().into(),
        (None, 404) => "not_found".into(),
        (None, 409) => "conflict".into(),
        (None, _) => "bad_request".into(),
    }
}

fn unavailable(side_effect: SideEffect) -> BrowserError {
    let message = match side_effect {
        SideEffect::None => UNAVAILABLE,
        SideEffect::Possible => {
            "Billing gave no usable answer, so this may have gone through. Please reload and look before you try again."
        }
    };
    BrowserError::new(502, "flowglad_unavailable", message)
}

fn timeout(side_effect: SideEffect) -> BrowserError {
    let message = match side_effect {
        SideEffect::None => "Billing took too long to answer. Please try again in a moment.",
        SideEffect::Possible => {
            "Billing took too long to answer, so this may have gone through. Please reload and look before you try again."
        }
    };
    BrowserError::new(504, "flowglad_timeout", message)
}

/// The API's sentence, without internal prefixes and without anything that a page could take for HTML.
fn browser_text(sentence: &str) -> String {
    let text = without_internal_prefixes(sentence).replace(['<', '>'], "");
    if text.trim().is_empty() { "Billing refused this without an explanation.".to_owned() } else { text }
}

/// `the subscription has ended already` becomes `The subscription has ended already.`
fn as_sentence(message: &str) -> String {
    let mut chars = message.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).chain(['.']).collect()
}

#[cfg(test)]
mod tests;
