//! The configuration of a client. Wrong settings are refused before any request is made.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use tracing::warn;
use url::{Host, Url};

#[cfg(feature = "usage-recorder")]
use crate::outbox::{Outbox, open_outbox::OpenOutbox};
use crate::{
    cache::{BillingCache, shared_reads::SharedReads},
    client::{
        secret_key::SecretKey,
        settings::{CallSettings, Limits},
        transport::Transport,
    },
    clock::{Clock, SystemClock},
    error::Error,
    flowglad::{Flowglad, Shared, opened_checkouts::OpenedCheckouts, variable::read_variable},
    observe::{Observer, observation::Observation},
};

const SECRET_KEY_VARIABLE: &str = "FLOWGLAD_SECRET_KEY";
const BASE_URL_VARIABLE: &str = "FLOWGLAD_BASE_URL";
const DEFAULT_BASE_URL: &str = "https://app.flowglad.com";
const PUBLISHABLE: &str = "pk_";
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
    max_in_flight: usize,
    limits: Limits,
    clock: Arc<dyn Clock>,
    observers: Vec<Arc<dyn Observer>>,
    cache: Option<BillingCache>,
    #[cfg(feature = "usage-recorder")]
    usage: Option<Outbox>,
    gather: Duration,
}

impl Default for FlowgladBuilder {
    fn default() -> Self {
        Self {
            api_key: None,
            base_url: DEFAULT_BASE_URL.to_owned(),
            connect_timeout: Duration::from_secs(5),
            max_in_flight: 128,
            limits: Limits {
                attempt: Duration::from_secs(12),
                total: Duration::from_secs(30),
                max_retries: 2,
                retry_delay: Duration::from_millis(200),
            },
            clock: Arc::new(SystemClock),
            observers: Vec::new(),
            cache: None,
            #[cfg(feature = "usage-recorder")]
            usage: None,
            gather: Duration::from_millis(5),
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

    /// Sets the secret API key (`sk_test_…` or `sk_live_…`). White space around it is ignored. A publishable key (`pk_…`)
    /// is refused.
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(SecretString::from(key.into()));
        self
    }

    /// Sets the base URL of Flowglad, without `/api/v1`; a path prefix is kept. Default: `https://app.flowglad.com`.
    ///
    /// The variables `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are respected. A proxy for an `https://` URL sees only
    /// the host; one for an `http://` URL reads the API key. A URL of this machine itself (`localhost`, `127.0.0.1`,
    /// `[::1]`) is never requested through a proxy.
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
    ///
    /// All clones of a client also share a budget of a hundred retries, to which every ten successes give back one, so
    /// that lasting failures of the API are not answered with a multiple of the requests.
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

    /// Sets how many requests the client and its clones have in flight at the same time. Further calls wait within
    /// their time limit and then fail with [`Error::Busy`], so that an API that does not answer cannot use up the
    /// sockets of the app. Each takes one: set less where few files may be open (`ulimit -n`). Default: 128.
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.max_in_flight = requests;
        self
    }

    /// Keeps the billing of customers in memory, so that gates and [`CustomerScope::billing`](crate::CustomerScope::billing)
    /// are answered from it. Default: nothing is kept.
    #[cfg(feature = "cache")]
    pub fn cache(mut self, cache: BillingCache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Records usage durably before it is at Flowglad, so that neither an outage nor a crash loses it; see
    /// [`usage`](crate::usage). Nothing is delivered until
    /// [`start_delivery`](crate::usage::UsageRecorder::start_delivery) is called. Default: usage is sent by
    /// [`create_usage_event`](crate::CustomerScope::create_usage_event) only.
    #[cfg(feature = "usage-recorder")]
    pub fn usage(mut self, outbox: Outbox) -> Self {
        self.usage = Some(outbox);
        self
    }

    /// Sets how long a read of billing for a mounted action waits before it begins, so that the other hooks of the same
    /// page share it: ten hooks that ask together cause one request to Flowglad. Reads of server code begin at once.
    /// Zero switches the wait off. Default: 5 milliseconds.
    pub fn gather_reads(mut self, wait: Duration) -> Self {
        self.gather = wait;
        self
    }

    /// Sets the clock by which the ages of cached billing and the dates in it are judged. Default:
    /// [`SystemClock`]. Time limits of calls do not follow it.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Adds an observer, which hears what the client and its clones do; see [`observe`](crate::observe). An app may have
    /// several. Keep an `Arc` of it to read it later.
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }

    /// Checks the settings and makes the client.
    ///
    /// # Errors
    /// [`Error::Config`] names the setting that is missing or wrong. No request is made.
    pub fn build(self) -> Result<Flowglad, Error> {
        let key = secret_key(self.api_key.as_ref())?;
        let api_url = api_url(&self.base_url)?;
        let is_local = is_local(&api_url);
        if api_url.starts_with("http:") && !is_local {
            warn!("the base URL is http: the API key crosses the network unencrypted");
        }
        if self.limits.total.is_zero() || self.limits.attempt.is_zero() || self.connect_timeout.is_zero() {
            return Err(Error::config("timeout", "must be longer than zero"));
        }
        if self.max_in_flight == 0 {
            return Err(Error::config("max_in_flight", "must be at least 1"));
        }
        let http = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(Policy::none())
            .connect_timeout(self.connect_timeout);
        // A proxy would receive the key unencrypted, and cannot reach this machine's own address.
        let http = if is_local { http.no_proxy() } else { http };
        let http = http
            .build()
            .map_err(|error| Error::config("HTTP client", format!("could not be made: {}", root_cause(&error))))?;
        let observation = Arc::new(Observation::new(Arc::clone(&self.clock), self.observers));
        let transport = Transport::new(http, api_url, key, self.max_in_flight, Arc::clone(&observation));
        #[cfg(feature = "usage-recorder")]
        let outbox = self.usage.map(|settings| {
            let oldest_read = self.cache.as_ref().map_or(Duration::ZERO, BillingCache::oldest) + self.limits.total;
            Arc::new(OpenOutbox::new(settings, Arc::clone(&self.clock), Arc::clone(&observation), oldest_read))
        });
        let reads = Arc::new(SharedReads::new(Arc::clone(&self.clock), self.cache, Arc::clone(&observation)));
        reads.connect();
        let settings = CallSettings::new(self.limits);
        let shared = Shared {
            transport,
            reads,
            clock: self.clock,
            observation,
            own_settings: settings.clone(),
            gather: self.gather,
            opened_checkouts: OpenedCheckouts::default(),
            #[cfg(feature = "usage-recorder")]
            outbox,
        };
        Ok(Flowglad { shared: Arc::new(shared), settings })
    }
}

impl fmt::Debug for FlowgladBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlowgladBuilder").field("limits", &self.limits).finish_non_exhaustive()
    }
}

fn variable(name: &'static str) -> Result<Option<String>, Error> {
    Ok(read_variable(name)?.filter(|value| !value.trim().is_empty()))
}

fn secret_key(key: Option<&SecretString>) -> Result<SecretKey, Error> {
    let key = key.map(|key| key.expose_secret().trim()).unwrap_or_default();
    if key.is_empty() {
        return Err(Error::config("API key", "is missing: set it with `api_key` or FLOWGLAD_SECRET_KEY"));
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::config("API key", "holds a space or another character that no key has: copy it again"));
    }
    if key.starts_with(PUBLISHABLE) {
        return Err(Error::config("API key", "is a publishable key (pk_…): use the secret key, which begins with sk_"));
    }
    SecretKey::new(key).map_err(|_| Error::config("API key", "cannot be sent in a header"))
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

/// Whether a URL is one of this machine itself, so that requests to it never leave the machine.
pub(crate) fn is_local(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
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
            problem(Flowglad::builder().api_key("pk_test_example")),
            problem(with_key().base_url("app.flowglad.com")),
            problem(with_key().base_url("ftp://example.com")),
            problem(with_key().base_url("https://me:secret@example.com")),
            problem(with_key().base_url("https://example.com/?a=1")),
            problem(with_key().base_url("https://example.com/api/v1/")),
            problem(with_key().timeout(Duration::ZERO)),
            problem(with_key().max_in_flight(0)),
        ].join("\n"), @"
        flowglad client: API key is missing: set it with `api_key` or FLOWGLAD_SECRET_KEY
        flowglad client: API key is missing: set it with `api_key` or FLOWGLAD_SECRET_KEY
        flowglad client: API key holds a space or another character that no key has: copy it again
        flowglad client: API key is a publishable key (pk_…): use the secret key, which begins with sk_
        flowglad client: base URL is not a URL: relative URL without a base
        flowglad client: base URL must begin with https:// (or http:// for a server of your own network)
        flowglad client: base URL must not hold a user name or password
        flowglad client: base URL must not have a query or fragment
        flowglad client: base URL must not include /api/v1, which is added by the client
        flowglad client: timeout must be longer than zero
        flowglad client: max_in_flight must be at least 1
        ");
    }

    #[test]
    fn only_loopback_urls_are_local() {
        for elsewhere in ["http://example.com", "http://10.0.0.7:4010", "https://example.com"] {
            assert!(!is_local(elsewhere), "{elsewhere}");
        }
        for local in ["http://127.0.0.1:4010", "http://[::1]:4010", "http://localhost", "https://localhost"] {
            assert!(is_local(local), "{local}");
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
