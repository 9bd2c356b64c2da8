//! What the requests of a route cost.

use std::{borrow::Cow, fmt, num::NonZeroU64, sync::Arc, time::Duration};

use crate::{
    customer::CustomerScope,
    gate,
    input::{Headers, InvalidInput},
    outbox::WhenAlone,
    usage::hold_request::HoldRequest,
};

/// The header by which a browser or client names its request.
const KEY_HEADER: &str = "idempotency-key";

const MOST_OF_A_KEY: usize = 255;

const INVALID_KEY: &str = "must have 1 to 255 characters of ASCII";

/// What the requests of a route cost, in units of a usage meter. The adapters put it before a route. Cloning is cheap.
///
/// While a request runs, its cost is [held](CustomerScope::hold); a customer without enough credit is refused before the
/// handler runs. It is charged if the handler succeeds, and durably before the customer has the response. A request that
/// fails, panics, or is given up before its response begins costs nothing.
///
/// A request with the header `Idempotency-Key` costs once for a customer and meter: while it runs, another one with the same
/// key gets a 409; afterwards the handler runs again, and nothing is charged. Keys come from the customer, so a client that
/// gives every request the same key pays once in the time of [`keep_keys_for`](crate::usage::Outbox::keep_keys_for). Where
/// that matters, use [`key_from`](Self::key_from) or [`without_key`](Self::without_key).
///
/// ```
/// use flowglad_core::usage::{Meter, MeteredRequest};
///
/// let call = Meter::new("api_calls");
/// let search = Meter::new("api_calls").cost(5).upgrade_url("/pricing");
/// let import = Meter::new("rows").cost_of_request(|request: &MeteredRequest<'_>| {
///     request.headers.header("x-rows").and_then(|rows| rows.parse().ok()).unwrap_or(1)
/// });
/// let chat = Meter::new("tokens").counted(4_000);
/// ```
#[derive(Clone)]
#[must_use]
pub struct Meter(Arc<Settings>);

/// The parts of a request that a meter can see.
#[derive(Clone, Copy)]
pub struct MeteredRequest<'a> {
    /// The HTTP method, for example `POST`.
    pub method: &'a str,
    /// The raw path as the browser sent it, from the root of the site, with its query.
    pub path_and_query: &'a str,
    /// The headers.
    pub headers: &'a (dyn Headers + Sync),
}

/// The parts of a response that a meter can see.
#[derive(Clone, Copy)]
pub struct MeteredResponse<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: &'a (dyn Headers + Sync),
    /// How long the body is, in bytes. `None` if that is not known before it is sent.
    pub body_bytes: Option<u64>,
}

type OfRequest<T> = Arc<dyn Fn(&MeteredRequest<'_>) -> T + Send + Sync>;

#[derive(Clone)]
struct Settings {
    meter: Cow<'static, str>,
    cost: Cost,
    /// What is held if the cost is not known before the response.
    reserve: u64,
    key: Key,
    wait_for_key: Duration,
    is_charged: Arc<dyn Fn(u16) -> bool + Send + Sync>,
    credit: Credit,
    when_alone: WhenAlone,
    upgrade_url: Option<Arc<str>>,
}

/// What a request costs.
#[derive(Clone)]
pub(crate) enum Cost {
    Fixed(u64),
    OfRequest(OfRequest<u64>),
    OfResponse(Arc<dyn Fn(&MeteredResponse<'_>) -> u64 + Send + Sync>),
    PerBytes(NonZeroU64),
    Counted,
}

#[derive(Clone)]
enum Key {
    None,
    Header,
    OfRequest(OfRequest<Option<String>>),
}

#[derive(Clone, Copy)]
enum Credit {
    AsTheMeter,
    Only,
    NotNeeded,
}

/// From the slug of a usage meter: each request costs one unit.
impl From<&'static str> for Meter {
    fn from(slug: &'static str) -> Self {
        Self::new(slug)
    }
}

/// From a usage meter that is a type: each request costs one unit.
impl<M: gate::Meter> From<M> for Meter {
    fn from(_: M) -> Self {
        Self::new(M::SLUG)
    }
}

impl Meter {
    /// Makes a meter by the slug of the usage meter. Each request costs one unit.
    pub fn new(slug: impl Into<Cow<'static, str>>) -> Self {
        Self(Arc::new(Settings {
            meter: slug.into(),
            cost: Cost::Fixed(1),
            reserve: 0,
            key: Key::Header,
            wait_for_key: Duration::ZERO,
            is_charged: Arc::new(|status| matches!(status, 200..=299)),
            credit: Credit::AsTheMeter,
            when_alone: WhenAlone::default(),
            upgrade_url: None,
        }))
    }

    /// Sets what each request costs. Zero is free.
    pub fn cost(self, units: u64) -> Self {
        self.costing(Cost::Fixed(units), 0)
    }

    /// Sets what a request costs by its method, path and headers. Zero is free.
    pub fn cost_of_request<F>(self, cost: F) -> Self
    where
        F: Fn(&MeteredRequest<'_>) -> u64 + Send + Sync + 'static,
    {
        self.costing(Cost::OfRequest(Arc::new(cost)), 0)
    }

    /// Sets what a request costs by its response. While the handler runs, `reserve` is held: a customer who has less is
    /// refused. A cost above it is charged all the same, since the work is done.
    pub fn cost_of_response<F>(self, reserve: u64, cost: F) -> Self
    where
        F: Fn(&MeteredResponse<'_>) -> u64 + Send + Sync + 'static,
    {
        self.costing(Cost::OfResponse(Arc::new(cost)), reserve)
    }

    /// Sets that each begun `bytes` of the response body cost one unit. If the client leaves in the middle, what was handed to
    /// its connection is charged. `reserve` units are held until the body ends.
    pub fn per_bytes(self, bytes: NonZeroU64, reserve: u64) -> Self {
        self.costing(Cost::PerBytes(bytes), reserve)
    }

    /// Sets that the handler counts what is used, by a [`UsageCounter`](crate::usage::UsageCounter), until the response body
    /// ends or the client leaves. `reserve` units are held until then.
    pub fn counted(self, reserve: u64) -> Self {
        self.costing(Cost::Counted, reserve)
    }

    /// Sets by the status of the response whether it is charged. Default: if it is a 2xx.
    pub fn charge_if(mut self, is_charged: impl Fn(u16) -> bool + Send + Sync + 'static) -> Self {
        self.settings_mut().is_charged = Arc::new(is_charged);
        self
    }

    /// Takes the key of a request from elsewhere than the header `Idempotency-Key`. Requests of a customer with the same key
    /// cost once.
    pub fn key_from<F>(mut self, key: F) -> Self
    where
        F: Fn(&MeteredRequest<'_>) -> Option<String> + Send + Sync + 'static,
    {
        self.settings_mut().key = Key::OfRequest(Arc::new(key));
        self
    }

    /// Charges for each request, whatever its `Idempotency-Key`.
    pub fn without_key(mut self) -> Self {
        self.settings_mut().key = Key::None;
        self
    }

    /// Lets a request wait this long while one with the same key runs. Default: it gets a 409 at once.
    pub fn wait_for_key(mut self, limit: Duration) -> Self {
        self.settings_mut().wait_for_key = limit;
        self
    }

    /// Refuses requests without credit, whatever the meter. By default usage that is paid afterwards is not refused: see
    /// [`hold`](CustomerScope::hold).
    pub fn credits_only(mut self) -> Self {
        self.settings_mut().credit = Credit::Only;
        self
    }

    /// Lets requests without credit pass, whatever the meter.
    pub fn allow_overdraft(mut self) -> Self {
        self.settings_mut().credit = Credit::NotNeeded;
        self
    }

    /// Sets what happens to requests in a fleet (feature `redis`) whose server is away. Default: their cost is held by this
    /// instance alone.
    pub fn when_alone(mut self, when_alone: WhenAlone) -> Self {
        self.settings_mut().when_alone = when_alone;
        self
    }

    /// Sets the URL in `error.json.upgradeUrl` of a refusal. Without it, that of
    /// [`RequestHandler::upgrade_url`](crate::action::RequestHandler::upgrade_url) is there.
    pub fn upgrade_url(mut self, url: &str) -> Self {
        self.settings_mut().upgrade_url = Some(url.into());
        self
    }

    pub(crate) fn own_upgrade_url(&self) -> Option<&str> {
        self.0.upgrade_url.as_deref()
    }

    pub(crate) fn how_it_costs(&self) -> &Cost {
        &self.0.cost
    }

    pub(crate) fn is_charged(&self, status: u16) -> bool {
        (self.0.is_charged)(status)
    }

    /// What is held while the handler runs.
    pub(crate) fn reserve(&self, request: &MeteredRequest<'_>) -> u64 {
        match &self.0.cost {
            Cost::Fixed(units) => *units,
            Cost::OfRequest(cost) => cost(request),
            Cost::OfResponse(_) | Cost::PerBytes(_) | Cost::Counted => self.0.reserve,
        }
    }

    /// Whether a request costs nothing, which is known before it runs.
    pub(crate) fn is_free(&self, reserve: u64) -> bool {
        reserve == 0 && matches!(self.0.cost, Cost::Fixed(_) | Cost::OfRequest(_))
    }

    /// The key of a request, if it has one.
    pub(crate) fn key(&self, request: &MeteredRequest<'_>) -> Result<Option<String>, InvalidInput> {
        let key = match &self.0.key {
            Key::None => None,
            Key::Header => request.headers.header(KEY_HEADER).map(str::to_owned),
            Key::OfRequest(key) => key(request),
        };
        if key.as_deref().is_none_or(is_key) { Ok(key) } else { Err(InvalidInput::new(KEY_HEADER, INVALID_KEY)) }
    }

    pub(crate) fn hold(&self, customer: &CustomerScope, reserve: u64, key: Option<String>) -> HoldRequest {
        let settings = &self.0;
        let hold = customer.hold(settings.meter.clone(), reserve).wait_for_key(settings.wait_for_key);
        let hold = hold.when_alone(settings.when_alone);
        let hold = match settings.credit {
            Credit::AsTheMeter => hold,
            Credit::Only => hold.credits_only(),
            Credit::NotNeeded => hold.allow_overdraft(),
        };
        match key {
            Some(key) => hold.key(key),
            None => hold,
        }
    }

    fn costing(mut self, cost: Cost, reserve: u64) -> Self {
        let settings = self.settings_mut();
        (settings.cost, settings.reserve) = (cost, reserve);
        self
    }

    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.0)
    }
}

/// ASCII only, since not every framework gives the others.
fn is_key(text: &str) -> bool {
    let is_plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    text.len() <= MOST_OF_A_KEY && !text.trim().is_empty() && text.bytes().all(is_plain)
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").field("meter", &self.0.meter).finish_non_exhaustive()
    }
}

/// Without the headers and the query, which may hold secrets.
impl fmt::Debug for MeteredRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeteredRequest").field("method", &self.method).finish_non_exhaustive()
    }
}

/// Without the headers.
impl fmt::Debug for MeteredResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeteredResponse").field("status", &self.status).finish_non_exhaustive()
    }
}
