//! The configuration of a client. Wrong settings are refused before any request is made.

use std::{fmt, time::Duration};

use reqwest::{header::HeaderValue, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use tracing::warn;
use url::{Host, Url};

use crate::{
    client::{
        settings::{CallSettings, Limits},
        transport::Transport,
    },
    error::Error,
    flowglad::Flowglad,
};

const SECRET_KEY_VARIABLE: &str = "FLOWGLAD_SECRET_KEY";
const BASE_URL_VARIABLE: &str = "FLOWGLAD_BASE_URL";
const DEFAULT_BASE_URL: &str = "https://app.flowglad.com";
const API_PATH: &str = "/api/v1";
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// Settings of a [`Flowglad`] client, made by [`Flowglad::builder`].
///
/// ```
/// use std::time::Duration;
/// # fn main() -> Result<(), flowglad_core::Error> {
/// let flowglad = flowglad_core::Flowglad::builder()
///     .api_key("sk_test_example")
///     .base_url("http://127.0.0.1:4010")
///     .timeout(Duration::from_secs(10))
///     .build()?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct FlowgladBuilder {
    api_key: Option<SecretString>,
    base_url: String,
    connect_timeout: Duration,
    limits: Limits,
}

impl Default for FlowgladBuilder {
    fn default() -> Self {
        Self {
            api_key: None,
            base_url: DEFAULT_BASE_URL.to_owned(),
            connect_timeout: Duration::from_secs(5),
            limits: Limits {
                attempt: Duration::from_secs(12),
                total: Duration::from_secs(30),
                max_retries: 2,
                retry_delay: Duration::from_millis(200),
            },
        }
    }
}

impl Flowglad {
    /// Returns a builder with the default settings.
    pub fn builder() -> FlowgladBuilder {
        FlowgladBuilder::default()
    }

    /// Makes a client from `FLOWGLAD_SECRET_KEY` and, if set, `FLOWGLAD_BASE_URL`.
    ///
    /// # Errors
    /// [`Error::Config`] names the setting that is missing or wrong.
    pub fn from_env() -> Result<Self, Error> {
        FlowgladBuilder::from_env()?.build()
    }
}

impl FlowgladBuilder {
    /// Reads `FLOWGLAD_SECRET_KEY` (required) and `FLOWGLAD_BASE_URL` (optional).
    ///
    /// # Errors
    /// [`Error::Config`] if the key is not set, or a variable is not Unicode. [`build`](Self::build) checks the values.
    pub fn from_env() -> Result<Self, Error> {
        let key = variable(SECRET_KEY_VARIABLE)?.ok_or_else(|| {
            Error::config(
                SECRET_KEY_VARIABLE,
                "is not set: create a secret key in the Flowglad dashboard and export it",
            )
        })?;
        let builder = Self::default().api_key(key);
        Ok(match variable(BASE_URL_VARIABLE)? {
            Some(url) => builder.base_url(url),
            None => builder,
        })
    }

    /// Sets the secret API key (`sk_test_…` or `sk_live_…`). White space around it is ignored.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(SecretString::from(key.into()));
        self
    }

    /// Sets the base URL of Flowglad, without `/api/v1`; a path prefix is kept. Default: `https://app.flowglad.com`.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Sets the time limit of a whole call, including retries and the waits between them. Default: 30 seconds.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.limits.total = limit;
        self
    }

    /// Sets the time limit for opening a connection. Default: 5 seconds.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// Sets the time limit of one attempt of an idempotent call, so that a hung connection leaves time for a retry.
    /// Other calls may use the whole [`timeout`](Self::timeout). Default: 12 seconds.
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.limits.attempt = limit;
        self
    }

    /// Sets the number of retries after a transient failure, for calls that cannot take effect twice. 0 switches
    /// retries off. Default: 2.
    pub fn max_retries(mut self, retries: usize) -> Self {
        self.limits.max_retries = retries;
        self
    }

    /// Sets the wait before the first retry. It doubles before each further retry, with jitter; a longer `Retry-After`
    /// of the API is respected. Default: 200 milliseconds.
    pub fn retry_delay(mut self, delay: Duration) -> Self {
        self.limits.retry_delay = delay;
        self
    }

    /// Checks the settings and makes the client.
    ///
    /// # Errors
    /// [`Error::Config`] names the setting that is missing or wrong. No request is made.
    pub fn build(self) -> Result<Flowglad, Error> {
        let authorization = authorization(self.api_key.as_ref())?;
        let api_url = api_url(&self.base_url)?;
        if is_open_to_listeners(&api_url) {
            warn!("the base URL is http: the API key crosses the network unencrypted");
        }
        if self.limits.total.is_zero() || self.limits.attempt.is_zero() || self.connect_timeout.is_zero() {
            return Err(Error::config("timeout", "must be longer than zero"));
        }
        let http = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(Policy::none())
            .connect_timeout(self.connect_timeout)
            .build()
            .map_err(|error| Error::config("HTTP client", format!("could not be made: {}", root_cause(&error))))?;
        let transport = Transport::new(http, api_url, authorization);
        Ok(Flowglad::new(transport, CallSettings::new(self.limits)))
    }
}

impl fmt::Debug for FlowgladBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlowgladBuilder").field("limits", &self.limits).finish_non_exhaustive()
    }
}

fn variable(name: &'static str) -> Result<Option<String>, Error> {
    match std::env::var(name) {
        Ok(value) if value.trim().is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Error::config(name, "is not valid UTF-8")),
    }
}

fn authorization(key: Option<&SecretString>) -> Result<HeaderValue, Error> {
    let key = key.map(|key| key.expose_secret().trim()).unwrap_or_default();
    if key.is_empty() {
        return Err(Error::config("API key", "is missing: set it with `api_key` or FLOWGLAD_SECRET_KEY"));
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::config("API key", "holds a space or another character that no key has: copy it again"));
    }
    let mut value = HeaderValue::try_from(format!("Bearer {key}"))
        .map_err(|_| Error::config("API key", "cannot be sent in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Checks the base URL and appends the API's path. The error never contains the URL: it may hold a password.
fn api_url(base: &str) -> Result<String, Error> {
    let problem = |text: &str| Error::config("base URL", text);
    let url = Url::parse(base.trim()).map_err(|error| problem(&format!("is not a URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(problem("must begin with https:// (or http:// for a server of your own network)"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(problem("must not hold a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(problem("must not have a query or fragment"));
    }
    let base = url.as_str().trim_end_matches('/');
    if base.ends_with(API_PATH) {
        return Err(problem("must not include /api/v1, which is added by the client"));
    }
    Ok(format!("{base}{API_PATH}"))
}

fn is_open_to_listeners(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && !is_local
}

fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(builder: FlowgladBuilder) -> String {
        builder.build().unwrap_err().to_string()
    }

    #[test]
    fn base_url_keeps_a_prefix_and_loses_a_trailing_slash() {
        assert_eq!(api_url("https://example.com/billing/").unwrap(), "https://example.com/billing/api/v1");
        assert_eq!(api_url("http://127.0.0.1:4010").unwrap(), "http://127.0.0.1:4010/api/v1");
    }

    #[test]
    fn every_wrong_setting_has_its_own_message() {
        let with_key = || Flowglad::builder().api_key("sk_test_example");
        insta::assert_snapshot!([
            problem(Flowglad::builder()),
            problem(Flowglad::builder().api_key("  ")),
            problem(Flowglad::builder().api_key("sk test")),
            problem(with_key().base_url("app.flowglad.com")),
            problem(with_key().base_url("ftp://example.com")),
            problem(with_key().base_url("https://me:secret@example.com")),
            problem(with_key().base_url("https://example.com/?a=1")),
            problem(with_key().base_url("https://example.com/api/v1/")),
            problem(with_key().timeout(Duration::ZERO)),
        ].join("\n"), @"
        flowglad client: API key is missing: set it with `api_key` or FLOWGLAD_SECRET_KEY
        flowglad client: API key is missing: set it with `api_key` or FLOWGLAD_SECRET_KEY
        flowglad client: API key holds a space or another character that no key has: copy it again
        flowglad client: base URL is not a URL: relative URL without a base
        flowglad client: base URL must begin with https:// (or http:// for a server of your own network)
        flowglad client: base URL must not hold a user name or password
        flowglad client: base URL must not have a query or fragment
        flowglad client: base URL must not include /api/v1, which is added by the client
        flowglad client: timeout must be longer than zero
        ");
    }

    #[test]
    fn only_plain_http_to_another_machine_is_open_to_listeners() {
        for open in ["http://example.com", "http://10.0.0.7:4010"] {
            assert!(is_open_to_listeners(open), "{open}");
        }
        for closed in ["https://example.com", "http://127.0.0.1:4010", "http://[::1]:4010", "http://localhost"] {
            assert!(!is_open_to_listeners(closed), "{closed}");
        }
    }

    #[test]
    fn debug_and_errors_never_show_the_key() {
        let builder = Flowglad::builder().api_key("sk_live_verysecret");
        assert!(!format!("{builder:?}").contains("verysecret"));
        assert!(!format!("{:?}", builder.clone().build().unwrap()).contains("verysecret"));
        let refused = builder.api_key("sk_live_very secret").build().unwrap_err();
        assert!(!format!("{refused:?} {refused}").contains("very"));
    }
}
