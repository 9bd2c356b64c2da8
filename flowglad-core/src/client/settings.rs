//! The settings that may differ between calls of one connection pool.

use std::{sync::Arc, time::Duration};

use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
    TRANSFER_ENCODING,
};

use tokio::time::Instant;

use crate::input::InvalidInput;

/// The headers that the client itself writes into every request.
const OWN_HEADERS: [HeaderName; 7] =
    [ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING];

#[derive(Clone)]
pub(crate) struct CallSettings {
    pub(crate) limits: Limits,
    pub(crate) headers: Arc<HeaderMap>,
    /// The shared deadline of several calls. `None`: each call has only its own time limit.
    pub(crate) deadline: Option<Instant>,
    /// The external id of the customer for whom the calls are made, if it is one only.
    pub(crate) customer: Option<Arc<str>>,
}

/// The time that is kept for reading what became of a change.
const LONGEST_READ: Duration = Duration::from_secs(5);

/// Stands for "no limit": longer than any call waits.
pub(crate) const FOREVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The time limits and retries of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) attempt: Duration,
    pub(crate) total: Duration,
    pub(crate) max_retries: usize,
    pub(crate) retry_delay: Duration,
}

impl CallSettings {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, headers: Arc::default(), deadline: None, customer: None }
    }

    /// Sets the limit of a whole call and of each attempt, since a longer limit is meant for slow responses.
    pub(crate) fn with_timeout(mut self, limit: Duration) -> Self {
        self.limits.total = limit;
        self.limits.attempt = limit;
        self
    }

    pub(crate) fn with_max_retries(mut self, retries: usize) -> Self {
        self.limits.max_retries = retries;
        self
    }

    /// Leaves a part of the time for a request after this call.
    pub(crate) fn with_time_for_a_read(self) -> Self {
        let (deadline, now) = (deadline(&self), Instant::now());
        let left = deadline.saturating_duration_since(now);
        self.with_deadline(deadline - (left / 6).min(LONGEST_READ))
    }

    pub(crate) fn with_deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// Whether these settings differ from others at most in the deadline and the customer.
    pub(crate) fn send_like(&self, other: &Self) -> bool {
        self.limits == other.limits && Arc::ptr_eq(&self.headers, &other.headers)
    }

    /// # Errors
    /// [`InvalidInput`] if HTTP does not allow the name or value, or the client writes this header itself.
    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Result<Self, InvalidInput> {
        let refuse = |problem| InvalidInput::new("header", problem);
        let name: HeaderName = name.parse().map_err(|_| refuse("has a name that HTTP does not allow"))?;
        if OWN_HEADERS.contains(&name) {
            return Err(refuse("is one that the client writes itself"));
        }
        let mut value: HeaderValue = value.parse().map_err(|_| refuse("has a value that HTTP does not allow"))?;
        // The value may be a proxy's password.
        value.set_sensitive(true);
        Arc::make_mut(&mut self.headers).insert(name, value);
        Ok(self)
    }
}

/// The deadline of a call that begins now.
pub(crate) fn deadline(settings: &CallSettings) -> Instant {
    let own = after(settings.limits.total);
    settings.deadline.map_or(own, |whole| whole.min(own))
}

/// The instant after `wait`, without an overflow for a very large `wait`.
pub(crate) fn after(wait: Duration) -> Instant {
    let now = Instant::now();
    now + wait.min(FOREVER)
}
