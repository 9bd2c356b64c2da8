//! Failed requests: what is sent to the browser, and what is logged.

use std::fmt;

use tracing::{debug, error};

#[cfg(feature = "usage-recorder")]
use crate::usage::{NotHeld, RecordError};
use crate::{
    adapter::{browser_error::BrowserError, request::BodyError, response::ActionResponse},
    error::Error,
    gate::{NotAdmitted, Refused},
};

/// Why a request failed: the request itself is wrong, or a call to Flowglad failed.
pub(crate) enum Failure {
    Browser(BrowserError),
    Upstream(Error),
}

impl From<BrowserError> for Failure {
    fn from(error: BrowserError) -> Self {
        Self::Browser(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Upstream(error)
    }
}

impl Failure {
    /// Returns the error for the browser, and logs the details that the browser must not see.
    pub(crate) fn into_browser_error(self, action: impl fmt::Display) -> BrowserError {
        let error = match self {
            Self::Browser(error) => return error,
            Self::Upstream(error) => error,
        };
        let browser_error = BrowserError::from(&error);
        let request_id = error.request_id();
        // The API reports many user mistakes as 5xx; do not alert on those.
        if browser_error.status() >= 500 && !error.is_explained_refusal() {
            error!(%action, request_id, "{}", error.report());
        } else {
            debug!(%action, request_id, "{error}");
        }
        browser_error
    }
}

impl From<BodyError> for BrowserError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge => Self::payload_too_large(),
            BodyError::Broken => Self::unreadable_body(),
        }
    }
}

/// Returns the error for the browser where a gate did not let a request pass, and logs what failed.
pub(crate) fn not_admitted(reason: NotAdmitted, upgrade_url: Option<&str>) -> BrowserError {
    match reason {
        NotAdmitted::Refused(refused) => BrowserError::refused(&refused, upgrade_url),
        NotAdmitted::Unavailable(error) => {
            let request_id = error.request_id();
            error!(request_id, "cannot find out whether the customer is entitled: {}", error.report());
            BrowserError::entitlements_unavailable(&error)
        }
    }
}

/// The response to a customer who is not entitled, from a handler of the app.
impl From<Refused> for ActionResponse {
    fn from(refused: Refused) -> Self {
        BrowserError::refused(&refused, None).into_response()
    }
}

/// The response to a customer who was not admitted, from a handler of the app. A failure is logged.
impl From<NotAdmitted> for ActionResponse {
    fn from(reason: NotAdmitted) -> Self {
        not_admitted(reason, None).into_response()
    }
}

/// The response where a call to Flowglad failed in a handler of the app, as a mounted action gives it. The failure is
/// logged.
impl From<Error> for ActionResponse {
    fn from(error: Error) -> Self {
        Failure::Upstream(error).into_browser_error("of the app").into_response()
    }
}

/// Returns the error for the browser where usage was not recorded. A failing store logs its reason itself, once.
#[cfg(feature = "usage-recorder")]
impl From<RecordError> for BrowserError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::NoOutbox => {
                error!("{error}: give it one by `FlowgladBuilder::usage`");
                Self::internal()
            }
            RecordError::InvalidInput(problem) => (&Error::InvalidInput(problem)).into(),
            RecordError::Full { .. } | RecordError::Store { .. } | RecordError::Ended => {
                debug!("{error}");
                Self::usage_unavailable()
            }
        }
    }
}

/// Returns the error for the browser where nothing is held, and logs what failed.
#[cfg(feature = "usage-recorder")]
impl From<NotHeld> for BrowserError {
    fn from(reason: NotHeld) -> Self {
        match reason {
            NotHeld::Refused(refused) => not_admitted(refused.into(), None),
            NotHeld::Unavailable(error) => not_admitted(NotAdmitted::Unavailable(error), None),
            NotHeld::InFlight => Self::request_in_progress(),
            NotHeld::Outbox(error) => error.into(),
        }
    }
}

/// The response where usage was not recorded, from a handler of the app.
#[cfg(feature = "usage-recorder")]
impl From<RecordError> for ActionResponse {
    fn from(error: RecordError) -> Self {
        BrowserError::from(error).into_response()
    }
}

/// The response where nothing is held, from a handler of the app. A failure is logged.
#[cfg(feature = "usage-recorder")]
impl From<NotHeld> for ActionResponse {
    fn from(reason: NotHeld) -> Self {
        BrowserError::from(reason).into_response()
    }
}
