//! Sends a request for an endpoint and reads the answer, within the limits of the client.

use std::{
    error::Error as StdError,
    time::{Duration, SystemTime},
};

use backon::Retryable as _;
use bytes::{Bytes, BytesMut};
use reqwest::{
    Response, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument as _, debug, debug_span};

use crate::{
    Answer, RawJson,
    client::{
        config::Limits,
        endpoint::{Endpoint, Resend, Route, Verb},
        error::{Effect, Error},
        error_body::ErrorBody,
        path, retry,
    },
    raw_json::NotAsExpected,
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const REQUEST_ID: &str = "x-request-id";

/// No record of the API comes near this size; more is a broken or hostile server, not a reason to run out of memory.
const MAX_ANSWER_BYTES: usize = 32 * 1024 * 1024;

/// Longer than anybody waits.
const FOREVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

pub(crate) struct Transport {
    http: reqwest::Client,
    /// The base URL with `/api/v1`, without a trailing slash.
    api_url: String,
    /// Marked as sensitive, so that no log shows it.
    authorization: HeaderValue,
    limits: Limits,
}

/// What varies between calls of one endpoint.
pub(crate) struct Call<'a, Body> {
    /// Fills the path's placeholder.
    pub(crate) id: Option<&'a str>,
    pub(crate) query: Option<(&'static str, &'a str)>,
    pub(crate) body: Option<&'a Body>,
    /// When the whole of which this call is a part must be over.
    pub(crate) deadline: Option<Instant>,
}

impl<'a, Body> Call<'a, Body> {
    pub(crate) fn id(id: &'a str) -> Self {
        Self { id: Some(id), ..Self::empty() }
    }

    pub(crate) fn body(body: &'a Body) -> Self {
        Self { body: Some(body), ..Self::empty() }
    }

    pub(crate) fn empty() -> Self {
        Self { id: None, query: None, body: None, deadline: None }
    }

    pub(crate) fn and_body(self, body: &'a Body) -> Self {
        Self { body: Some(body), ..self }
    }

    pub(crate) fn until(self, deadline: Option<Instant>) -> Self {
        Self { deadline, ..self }
    }

    pub(crate) fn and_query(self, query: Option<(&'static str, &'a str)>) -> Self {
        Self { query, ..self }
    }
}

/// A request ready to be sent any number of times.
struct Prepared {
    route: Route,
    url: String,
    body: Option<Bytes>,
    deadline: Instant,
}

impl Transport {
    pub(crate) fn new(http: reqwest::Client, api_url: String, authorization: HeaderValue, limits: Limits) -> Self {
        Self { http, api_url, authorization, limits }
    }

    /// When something that begins now and has the time of one call must be over.
    pub(crate) fn deadline(&self) -> Instant {
        after(self.limits.total)
    }

    pub(crate) fn api_url(&self) -> &str {
        &self.api_url
    }

    pub(crate) async fn call<Body: Serialize, Record: DeserializeOwned>(
        &self,
        endpoint: &Endpoint<Body, Record>,
        call: Call<'_, Body>,
    ) -> Result<Answer<Record>, Error> {
        let route = endpoint.route();
        let request = self.prepare(route, &call)?;
        let attempt = || async { self.send(&request).await?.decode(&route) };
        attempt
            .retry(retry::backoff(&self.limits))
            .when(|error| retry::is_worth_another_attempt(error, route.resend))
            .adjust(|error, planned| retry::wait(error, planned, request.deadline))
            .notify(|error, wait| debug!(operation = route.operation, ?wait, "sending again: {error}"))
            .instrument(debug_span!("flowglad", operation = route.operation))
            .await
    }

    fn prepare<Body: Serialize>(&self, route: Route, call: &Call<'_, Body>) -> Result<Prepared, Error> {
        let path = match call.id {
            Some(id) => path::fill(route.path, id)?,
            None => route.path.to_owned(),
        };
        let query = call.query.map(|(key, value)| format!("?{key}={}", path::encoded(value))).unwrap_or_default();
        let body = match call.body {
            Some(body) => Some(serde_json::to_vec(body).map_err(|cause| unsendable(route, cause))?.into()),
            None => None,
        };
        let deadline = call.deadline.map_or(self.deadline(), |whole| whole.min(self.deadline()));
        Ok(Prepared { route, url: format!("{}{path}{query}", self.api_url), body, deadline })
    }

    async fn send(&self, request: &Prepared) -> Result<Received, Error> {
        let Route { operation, resend, .. } = request.route;
        let deadline = match resend {
            Resend::Always => request.deadline.min(after(self.limits.attempt)),
            Resend::IfNotDelivered => request.deadline,
        };
        let exchange = async {
            let sent = self.request(request).send().await;
            let response = sent.map_err(|cause| broken_connection(&request.route, cause))?;
            debug!(operation, status = response.status().as_u16(), "answered");
            read(&request.route, response).await
        };
        // Nothing is begun that no time is left for.
        if deadline <= Instant::now() {
            return Err(out_of_time(operation, Effect::None));
        }
        timeout_at(deadline, exchange).await.unwrap_or_else(|_| Err(out_of_time(operation, once_sent(&request.route))))
    }

    fn request(&self, request: &Prepared) -> reqwest::RequestBuilder {
        let builder = self
            .http
            .request(request.route.method.as_method(), &request.url)
            .header(AUTHORIZATION, &self.authorization)
            .header(ACCEPT, JSON);
        match &request.body {
            Some(body) => builder.header(CONTENT_TYPE, JSON).body(body.clone()),
            None => builder,
        }
    }
}

/// The body of a success.
struct Received {
    body: Bytes,
    request_id: Option<Box<str>>,
}

impl Received {
    /// Reads the record. JSON that ends too early is a cut answer, which may be asked for again.
    fn decode<Record: DeserializeOwned>(self, route: &Route) -> Result<Answer<Record>, Error> {
        let Route { operation, .. } = *route;
        let (effect, request_id) = (once_sent(route), self.request_id);
        let raw = match RawJson::new(self.body) {
            Ok(raw) => raw,
            Err(cause) => {
                return Err(Error::Decode { operation, effect, path: ".".into(), request_id, cause: cause.into() });
            }
        };
        match raw.decode(operation) {
            Ok(record) => Ok(Answer::new(record, raw)),
            Err(Error::Decode { cause, .. }) if ends_too_early(&*cause) => {
                Err(Error::Transport { operation, effect, timed_out: false, cause })
            }
            Err(Error::Decode { path, cause, .. }) => Err(Error::Decode { operation, effect, path, request_id, cause }),
            Err(error) => Err(error),
        }
    }
}

async fn read(route: &Route, response: Response) -> Result<Received, Error> {
    let status = response.status();
    let request_id = header(response.headers(), REQUEST_ID);
    let retry_after =
        header(response.headers(), RETRY_AFTER.as_str()).and_then(|v| retry::parse_retry_after(&v, SystemTime::now()));
    let body = read_body(route, response).await;
    if status.is_success() {
        return body.map(|body| Received { body, request_id });
    }
    // The status alone is worth more than the news that its explanation was cut.
    let ErrorBody { code, message, request_id: in_body } = ErrorBody::parse(&body.unwrap_or_default());
    let request_id = in_body.or(request_id);
    // A refusal changes nothing. A server that broke down, or gave up waiting for the charge, may have changed something.
    let gave_up = status == StatusCode::REQUEST_TIMEOUT || (status.is_server_error() && message.is_none());
    let effect = if gave_up { once_sent(route) } else { Effect::None };
    let operation = route.operation;
    Err(Error::Api { operation, status: status.as_u16(), effect, code, message, request_id, retry_after })
}

async fn read_body(route: &Route, mut response: Response) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|cause| broken_connection(route, cause))? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            let (operation, effect) = (route.operation, once_sent(route));
            let cause = format!("larger than {MAX_ANSWER_BYTES} bytes").into();
            return Err(Error::Decode { operation, effect, path: ".".into(), request_id: None, cause });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// What a request may have changed once it left.
fn once_sent(route: &Route) -> Effect {
    if route.method == Verb::Get { Effect::None } else { Effect::Unknown }
}

/// A moment so far ahead, without the overflow that an absurd setting would bring.
fn after(wait: Duration) -> Instant {
    let now = Instant::now();
    now + wait.min(FOREVER)
}

fn out_of_time(operation: &'static str, effect: Effect) -> Error {
    Error::Transport { operation, effect, timed_out: true, cause: "the time limit of the call is over".into() }
}

fn ends_too_early(cause: &(dyn StdError + 'static)) -> bool {
    cause.downcast_ref::<NotAsExpected>().is_some_and(|cause| cause.ends_too_early)
}

fn broken_connection(route: &Route, cause: reqwest::Error) -> Error {
    let effect = if cause.is_connect() { Effect::None } else { once_sent(route) };
    // The URL holds customers' ids, which belong in no log.
    let timed_out = cause.is_timeout();
    Error::Transport { operation: route.operation, effect, timed_out, cause: cause.without_url().into() }
}

fn unsendable(route: Route, cause: serde_json::Error) -> Error {
    Error::decode(route.operation, ".", cause)
}

fn header(headers: &HeaderMap, name: &str) -> Option<Box<str>> {
    headers.get(name)?.to_str().ok().map(Into::into)
}
