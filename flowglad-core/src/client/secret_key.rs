//! The API key, and what the API's responses have shown about it.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use reqwest::header::HeaderValue;
use tracing::warn;

const SCHEME: &str = "Bearer ";
const REDACTED: &str = "[redacted]";

pub(crate) struct SecretKey {
    /// Marked as sensitive, so that no log shows it.
    authorization: HeaderValue,
    has_worked: AtomicBool,
    /// Whether the last response was a refusal of a key that has worked. It keeps an outage to one line in the log.
    is_refused: AtomicBool,
}

impl SecretKey {
    /// # Errors
    /// If the key cannot be sent in a header.
    pub(crate) fn new(key: &str) -> Result<Self, reqwest::header::InvalidHeaderValue> {
        let mut authorization = HeaderValue::try_from(format!("{SCHEME}{key}"))?;
        authorization.set_sensitive(true);
        Ok(Self { authorization, has_worked: AtomicBool::new(false), is_refused: AtomicBool::new(false) })
    }

    pub(crate) fn authorization(&self) -> &HeaderValue {
        &self.authorization
    }

    /// Notes that the API accepted the key.
    pub(crate) fn accepted(&self) {
        // Stores only what changes, since all requests share these values.
        if !self.has_worked.load(Relaxed) {
            self.has_worked.store(true, Relaxed);
        }
        if self.is_refused.load(Relaxed) {
            self.is_refused.store(false, Relaxed);
        }
    }

    /// Notes a 401, and returns whether the key has worked before. The API answers a key whose rate is limited with the
    /// same 401 as an unknown key.
    pub(crate) fn refused(&self) -> bool {
        let has_worked = self.has_worked.load(Relaxed);
        if has_worked && !self.is_refused.swap(true, Relaxed) {
            warn!(
                "Flowglad refuses the API key, which has worked before: its rate is limited, or it was revoked; \
                 further refusals are not logged until it works again"
            );
        }
        has_worked
    }

    /// The text without the key, in case that a server or proxy sends back what it received.
    pub(crate) fn redact(&self, text: &str) -> String {
        match self.authorization.to_str().ok().and_then(|value| value.strip_prefix(SCHEME)) {
            Some(key) => text.replace(key, REDACTED),
            None => text.to_owned(),
        }
    }
}
