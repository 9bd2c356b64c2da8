//! Faults: errors that are injected into responses, to test how an app handles them.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fault_list::Injectable;

pub(crate) const LONGEST_DELAY: Duration = Duration::from_secs(10 * 60);

/// An error that is injected into the next API requests, or into those to one operation.
///
/// # Examples
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use flowglad_sandbox::{Fault, Sandbox};
///
/// let sandbox = Sandbox::start().await?;
/// sandbox.inject_fault(Fault::status(503).times(2).on("POST", "/api/v1/customers"))?;
/// sandbox.inject_fault(Fault::delay(Duration::from_millis(50)))?;
/// assert_eq!(sandbox.faults().len(), 2);
/// sandbox.clear_faults();
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[must_use = "a fault does nothing until it is injected"]
pub struct Fault {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(default = "once")]
    times: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) delay_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<Value>,
    /// Whether the operation is run before the status is answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) after_running: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) rate_limited: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cut: Option<Cut>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) wrong_json: bool,
}

/// When the connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cut {
    /// The operation is not run.
    Before,
    /// The operation is run, and its response is lost.
    After,
}

fn once() -> u32 {
    1
}

impl Fault {
    fn new() -> Self {
        Self {
            method: None,
            path: None,
            times: 1,
            delay_ms: None,
            status: None,
            body: None,
            after_running: false,
            rate_limited: false,
            cut: None,
            wrong_json: false,
        }
    }

    /// Responds with this status instead of running the operation.
    pub fn status(status: u16) -> Self {
        Self { status: Some(status), ..Self::new() }
    }

    /// Responds as the real API does when the key is over its rate limit: with the 401 of an unknown key. The operation is
    /// not run.
    pub fn rate_limited() -> Self {
        Self { rate_limited: true, ..Self::new() }
    }

    /// Waits before the operation is run.
    pub fn delay(delay: Duration) -> Self {
        Self::new().after(delay)
    }

    /// Cuts the connection without running the operation.
    pub fn cut_before() -> Self {
        Self { cut: Some(Cut::Before), ..Self::new() }
    }

    /// Runs the operation, and cuts the connection before the whole response is sent.
    pub fn cut_after() -> Self {
        Self { cut: Some(Cut::After), ..Self::new() }
    }

    /// Responds with 200 and truncated JSON instead of running the operation.
    pub fn wrong_json() -> Self {
        Self { wrong_json: true, ..Self::new() }
    }

    /// Sets the body of the response with a status. Text is sent as it is, anything else as JSON.
    pub fn body(mut self, body: impl Into<Value>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Runs the operation before it responds with the status: what was asked for is done, and the response denies it.
    ///
    /// # Examples
    /// ```
    /// use flowglad_sandbox::Fault;
    ///
    /// let recorded_all_the_same = Fault::status(500).after_running().on("POST", "/api/v1/usage-events/bulk");
    /// # let _ = recorded_all_the_same;
    /// ```
    pub fn after_running(mut self) -> Self {
        self.after_running = true;
        self
    }

    /// Sets how many requests it affects. The default is one.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Adds a delay before the fault.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay_ms = Some(u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Limits it to requests with this method and path, such as `POST` and `/api/v1/customers`. A path that ends with `*`
    /// matches every path with that prefix.
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = Some(method.to_owned());
        self.path = Some(path.to_owned());
        self
    }

    /// Whether it affects a request.
    pub(crate) fn is_for(&self, method: &str, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.path.as_ref().is_none_or(|wanted| match wanted.strip_suffix('*') {
                Some(start) => path.starts_with(start),
                None => path == wanted,
            })
    }
}

impl Injectable for Fault {
    fn problem(&self) -> Option<&'static str> {
        let effects = [self.status.is_some(), self.rate_limited, self.cut.is_some(), self.wrong_json];
        let effects = effects.iter().filter(|chosen| **chosen).count();
        if effects > 1 {
            return Some("only one of status, rateLimited, cut and wrongJson can be given");
        }
        if effects == 0 && self.delay_ms.is_none() {
            return Some("one of status, rateLimited, delayMs, cut and wrongJson must be given");
        }
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Some("status must be from 200 to 599");
        }
        if self.body.is_some() && self.status.is_none() {
            return Some("body goes with a status only");
        }
        if self.after_running && self.status.is_none() {
            return Some("afterRunning goes with a status only");
        }
        if self.delay_ms.is_some_and(|delay| Duration::from_millis(delay) > LONGEST_DELAY) {
            return Some("delayMs must be at most 600000");
        }
        None
    }

    fn times_left(&mut self) -> &mut u32 {
        &mut self.times
    }
}
