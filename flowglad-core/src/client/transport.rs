//! Sends a request for an endpoint and reads the answer, within the limits of the client.

use std::{
    borrow::Cow,
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
        endpoint::{Endpoint, Method, Resend, Route},
        error::{Effect, Error},
        error_body::ErrorBody,
        path, retry,
        settings::CallSettings,
    },
    raw_json::NotAsExpected,
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const REQUEST_ID: &str = "x-request-id";
const NULL: Bytes = Bytes::from_static(b"null");

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
}

/// What varies between calls of one endpoint.
pub(crate) struct Call<'a, Body> {
    /// Fills the path's placeholder.
    pub(crate) id: Option<&'a str>,
    pub(crate) query: Vec<(&'static str, Cow<'a, str>)>,
    pub(crate) body: Option<&'a Body>,
}

impl<'a, Body> Call<'a, Body> {
    pub(crate) fn id(id: &'a str) -> Self {
        Self { id: Some(id), ..Self::empty() }
    }

    pub(crate) fn body(body: &'a Body) -> Self {
        Self { body: Some(body), ..Self::empty() }
    }

    pub(crate) fn empty() -> Self {
        Self { id: None, query: Vec::new(), body: None }
    }

    pub(crate) fn and_body(self, body: &'a Body) -> Self {
        Self { body: Some(body), ..self }
    }

    pub(crate) fn and_query(mut self, name: &'static str, value: Option<impl Into<Cow<'a, str>>>) -> Self {
        self.query.extend(value.map(|value| (name, value.into())));
        self
    }
}

/// A request ready to be sent any number of times.
pub(crate) struct Prepared<'a> {
    pub(crate) route: Route,
    /// Relative to `/api/v1`, encoded, with the query.
    pub(crate) target: String,
    pub(crate) body: Option<Bytes>,
    /// Whether an answer without a body is one, and not the beginning of a cut one.
    pub(crate) empty_is_null: bool,
    pub(crate) settings: &'a CallSettings,
    pub(crate) deadline: Instant,
}

impl Transport {
    pub(crate) fn new(http: reqwest::Client, api_url: String, authorization: HeaderValue) -> Self {
        Self { http, api_url, authorization }
    }

    pub(crate) fn api_url(&self) -> &str {
        &self.api_url
    }

    pub(crate) async fn call<Body: Serialize, Record: DeserializeOwned>(
        &self,
        endpoint: &Endpoint<Body, Record>,
        call: Call<'_, Body>,
        settings: &CallSettings,
    ) -> Result<Answer<Record>, Error> {
        self.exchange(&prepare(endpoint.route(), &call, settings)?).await
    }

    /// Sends a request until it is answered with a record, or another attempt is of no use or not safe.
    pub(crate) async fn exchange<Record: DeserializeOwned>(
        &self,
        request: &Prepared<'_>,
    ) -> Result<Answer<Record>, Error> {
        let Route { operation, resend, .. } = request.route;
        let attempt = || async { self.send(request).await?.decode(request) };
        attempt
            .retry(retry::backoff(&request.settings.limits))
            .when(|error| retry::is_worth_another_attempt(error, resend))
            .adjust(|error, planned| retry::wait(error, planned, request.deadline))
            .notify(|error, wait| debug!(operation, ?wait, "sending again: {error}"))
            .instrument(debug_span!("flowglad", operation))
            .await
    }

    async fn send(&self, request: &Prepared<'_>) -> Result<Received, Error> {
        let Route { operation, resend, .. } = request.route;
        let deadline = match resend {
            Resend::Always => request.deadline.min(after(request.settings.limits.attempt)),
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

    fn request(&self, request: &Prepared<'_>) -> reqwest::RequestBuilder {
        let builder = self
            .http
            .request(request.route.method.of_reqwest(), format!("{}{}", self.api_url, request.target))
            .headers(HeaderMap::clone(&request.settings.headers))
            .header(AUTHORIZATION, &self.authorization)
            .header(ACCEPT, JSON);
        match &request.body {
            Some(body) => builder.header(CONTENT_TYPE, JSON).body(body.clone()),
            None => builder,
        }
    }
}

fn prepare<'a, Body: Serialize>(
    route: Route,
    call: &Call<'_, Body>,
    settings: &'a CallSettings,
) -> Result<Prepared<'a>, Error> {
    let mut target = match call.id {
        Some(id) => path::fill(route.path, id)?,
        None => route.path.to_owned(),
    };
    path::push_query(&mut target, &call.query);
    let body = call.body.map(|body| to_json(route.operation, body)).transpose()?;
    Ok(Prepared { route, target, body, empty_is_null: false, settings, deadline: deadline(settings) })
}

/// When a call that begins now must be over.
pub(crate) fn deadline(settings: &CallSettings) -> Instant {
    let own = after(settings.limits.total);
    settings.deadline.map_or(own, |whole| whole.min(own))
}

/// Writes a body.
pub(crate) fn to_json(operation: &'static str, body: &impl Serialize) -> Result<Bytes, Error> {
    match serde_json::to_vec(body) {
        Ok(body) => Ok(body.into()),
        Err(cause) => Err(Error::decode(operation, ".", cause)),
    }
}

/// The body of a success.
struct Received {
    body: Bytes,
    request_id: Option<Box<str>>,
}

impl Received {
    /// Reads the record. JSON that ends too early is a cut answer, which may be asked for again.
    fn decode<Record: DeserializeOwned>(self, request: &Prepared<'_>) -> Result<Answer<Record>, Error> {
        let Route { operation, key, .. } = request.route;
        let (effect, request_id) = (once_sent(&request.route), self.request_id);
        let is_null = request.empty_is_null && self.body.is_empty();
        let reply = match RawJson::new(if is_null { NULL } else { self.body }) {
            Ok(reply) => reply,
            Err(cause) => {
                return Err(Error::Decode { operation, effect, path: ".".into(), request_id, cause: cause.into() });
            }
        };
        match Answer::read(reply, operation, key) {
            Err(Error::Decode { cause, .. }) if ends_too_early(&*cause) => {
                Err(Error::Transport { operation, effect, timed_out: false, cause })
            }
            Err(Error::Decode { path, cause, .. }) => Err(Error::Decode { operation, effect, path, request_id, cause }),
            answer => answer,
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
    if route.method == Method::Get { Effect::None } else { Effect::Unknown }
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

fn header(headers: &HeaderMap, name: &str) -> Option<Box<str>> {
    headers.get(name)?.to_str().ok().map(Into::into)
}
