//! Sends the request of an endpoint and reads its response, within the client's time limits.

use std::{borrow::Cow, sync::Arc};

use backon::Retryable as _;
use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument as _, debug, debug_span};

use crate::{
    client::{
        endpoint::{Endpoint, Route},
        error_body,
        failed_response::FailedResponse,
        in_flight::InFlight,
        json::{DecodeError, RawJson, Response, ResponseBody},
        path, retry,
        retry_budget::RetryBudget,
        secret_key::SecretKey,
        settings::{CallSettings, FOREVER, after, deadline},
        subject::Subject,
    },
    error::{Advice, Error, SideEffect, shared},
    observe::{RetryOutcome, observation::Observation},
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const REQUEST_ID: &str = "x-request-id";
const NULL: Bytes = Bytes::from_static(b"null");

/// Far more than any response of the API. The limit keeps a broken or hostile server from using up the memory.
const MAX_RESPONSE_BYTES: usize = 32 * 1024 * 1024;

pub(crate) struct Transport {
    http: reqwest::Client,
    /// The base URL with `/api/v1`, without a trailing slash.
    api_url: String,
    key: SecretKey,
    in_flight: InFlight,
    retry_budget: RetryBudget,
    observation: Arc<Observation>,
}

/// The parts of a request that vary between calls of one endpoint.
pub(crate) struct Call<'a, Body> {
    /// The value of the path's placeholder.
    pub(crate) id: Option<&'a str>,
    pub(crate) query: Vec<(&'static str, Cow<'a, str>)>,
    pub(crate) body: Option<&'a Body>,
    /// Whom a write concerns, where its path does not name them.
    pub(crate) subjects: Vec<Subject<'a>>,
}

impl<'a, Body> Call<'a, Body> {
    pub(crate) fn id(id: &'a str) -> Self {
        Self { id: Some(id), ..Self::empty() }
    }

    pub(crate) fn body(body: &'a Body) -> Self {
        Self { body: Some(body), ..Self::empty() }
    }

    pub(crate) fn empty() -> Self {
        Self { id: None, query: Vec::new(), body: None, subjects: Vec::new() }
    }

    pub(crate) fn and_body(self, body: &'a Body) -> Self {
        Self { body: Some(body), ..self }
    }

    pub(crate) fn about(mut self, subjects: impl IntoIterator<Item = Subject<'a>>) -> Self {
        self.subjects.extend(subjects);
        self
    }

    pub(crate) fn and_query(mut self, name: &'static str, value: Option<impl Into<Cow<'a, str>>>) -> Self {
        self.query.extend(value.map(|value| (name, value.into())));
        self
    }
}

/// A request that is ready to be sent, and to be retried.
pub(crate) struct Prepared<'a> {
    pub(crate) route: Route,
    /// Relative to `/api/v1`, encoded, with the query.
    pub(crate) target: String,
    pub(crate) body: Option<Bytes>,
    /// Whether an empty body is a complete response, as opposed to one that was cut off.
    pub(crate) empty_is_null: bool,
    pub(crate) settings: &'a CallSettings,
    pub(crate) deadline: Instant,
}

impl Transport {
    pub(crate) fn new(
        http: reqwest::Client,
        api_url: String,
        key: SecretKey,
        max_in_flight: usize,
        observation: Arc<Observation>,
    ) -> Self {
        let (in_flight, retry_budget) = (InFlight::new(max_in_flight), RetryBudget::new());
        Self { http, api_url, key, in_flight, retry_budget, observation }
    }

    pub(crate) fn in_flight(&self) -> &InFlight {
        &self.in_flight
    }

    pub(crate) fn api_url(&self) -> &str {
        &self.api_url
    }

    pub(crate) async fn call<Body: Serialize, Record: DeserializeOwned>(
        &self,
        endpoint: &Endpoint<Body, Record>,
        call: Call<'_, Body>,
        settings: &CallSettings,
    ) -> Result<Response<Record>, Error> {
        self.exchange(&prepare(endpoint.route(), &call, settings)?).await
    }

    /// Sends a request and retries it as long as a retry may help and is safe.
    pub(crate) async fn exchange<Record: DeserializeOwned>(
        &self,
        request: &Prepared<'_>,
    ) -> Result<Response<Record>, Error> {
        let Route { operation, idempotent, .. } = request.route;
        let attempt = || async {
            let response = self.send(request).await?.decode(request)?;
            self.key.accepted();
            self.retry_budget.pay_back();
            Ok(response)
        };
        attempt
            .retry(retry::backoff(&request.settings.limits))
            .when(|error| retry::is_worth_another_attempt(error, idempotent))
            .adjust(|error, planned| {
                retry::wait(error, planned, request.deadline).filter(|_| self.pays_for_retry(operation, error))
            })
            .instrument(debug_span!("flowglad", operation))
            .await
    }

    fn pays_for_retry(&self, operation: &'static str, error: &Error) -> bool {
        let paid = self.retry_budget.pay();
        let outcome = if paid { RetryOutcome::Planned } else { RetryOutcome::OverBudget };
        self.observation.retry(operation, error, outcome);
        paid
    }

    async fn send(&self, request: &Prepared<'_>) -> Result<Received, Error> {
        let Route { operation, idempotent, .. } = request.route;
        let _place = self.in_flight.enter(operation, request.deadline).await?;
        let attempt = if idempotent { request.settings.limits.attempt } else { FOREVER };
        let deadline = request.deadline.min(after(attempt));
        let exchange = async {
            let sent = self.request(request).send().await;
            let response = sent.map_err(|cause| broken_connection(&request.route, cause))?;
            debug!(operation, status = response.status().as_u16(), "answered");
            self.read(&request.route, response).await
        };
        // Do not start a request after its deadline.
        if deadline <= Instant::now() {
            return Err(Error::out_of_time(operation, SideEffect::None, Advice::Retry));
        }
        timeout_at(deadline, exchange).await.unwrap_or_else(|_| Err(late(&request.route)))
    }

    fn request(&self, request: &Prepared<'_>) -> reqwest::RequestBuilder {
        let builder = self
            .http
            .request(request.route.method.to_reqwest(), format!("{}{}", self.api_url, request.target))
            .headers(HeaderMap::clone(&request.settings.headers))
            .header(AUTHORIZATION, self.key.authorization())
            .header(ACCEPT, JSON);
        match &request.body {
            Some(body) => builder.header(CONTENT_TYPE, JSON).body(body.clone()),
            None => builder,
        }
    }

    async fn read(&self, route: &Route, response: reqwest::Response) -> Result<Received, Error> {
        let request_id = response.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
        let request_id = request_id.and_then(|id| error_body::name(id, &self.key));
        let status = response.status();
        if status.is_success() {
            return Ok(Received { body: read_body(route, response).await?, request_id });
        }
        let headers = response.headers().clone();
        // Keep the status even if its body was cut off.
        let body = read_body(route, response).await.map(|body| body.bytes()).unwrap_or_default();
        Err(FailedResponse { status, headers, body, request_id }.into_error(route, &self.key))
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

/// Serializes a request body.
pub(crate) fn to_json(operation: &'static str, body: &impl Serialize) -> Result<Bytes, Error> {
    match serde_json::to_vec(body) {
        Ok(body) => Ok(body.into()),
        Err(cause) => Err(Error::unwritable_body(operation, cause)),
    }
}

/// The body of a response with a success status.
struct Received {
    body: ResponseBody,
    request_id: Option<Box<str>>,
}

impl Received {
    /// Reads the record.
    fn decode<Record: DeserializeOwned>(self, request: &Prepared<'_>) -> Result<Response<Record>, Error> {
        let is_null = request.empty_is_null && self.body.bytes().is_empty();
        let body = if is_null { RawJson::new(NULL) } else { RawJson::from_response(&self.body) };
        let response = body.and_then(|body| Response::decode(body, request.route.key));
        response.map_err(|error| error.into_error(&request.route, self.request_id))
    }
}

async fn read_body(route: &Route, mut response: reqwest::Response) -> Result<ResponseBody, Error> {
    // The length is what the server says, so it is only an expectation.
    let expected = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    let mut buffer = ResponseBody::buffer(expected.min(MAX_RESPONSE_BYTES));
    while let Some(chunk) = response.chunk().await.map_err(|cause| broken_connection(route, cause))? {
        if ResponseBody::length_in(&buffer) + chunk.len() > MAX_RESPONSE_BYTES {
            let error = DecodeError::new(".", format!("larger than {MAX_RESPONSE_BYTES} bytes"));
            return Err(error.into_error(route, None));
        }
        buffer.extend_from_slice(&chunk);
    }
    Ok(ResponseBody::new(buffer))
}

fn late(route: &Route) -> Error {
    Error::out_of_time(route.operation, route.side_effect(), route.advice_without_response())
}

fn broken_connection(route: &Route, cause: reqwest::Error) -> Error {
    let (side_effect, advice) = if cause.is_connect() {
        (SideEffect::None, Advice::Retry)
    } else {
        (route.side_effect(), route.advice_without_response())
    };
    // The URL holds customers' ids, which must not be logged.
    let timed_out = cause.is_timeout();
    Error::Transport { operation: route.operation, side_effect, advice, timed_out, cause: shared(cause.without_url()) }
}
