//! Failed requests: what is sent to the browser, and what is logged.

use std::fmt;

use tracing::{debug, error};

use crate::{adapter::browser_error::BrowserError, error::Error};

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
