//! Sends a request for an endpoint and reads the answer, within the limits of the client.

use std::{error::Error as StdError, time::SystemTime};

use backon::Retryable as _;
use bytes::{Bytes, BytesMut};
use reqwest::{
    Response, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument as _, debug, debug_span, error};

use crate::{
    Answer, RawJson,
    client::{
        config::Limits,
        endpoint::{Endpoint, Resend, Route},
        error::{Delivery, Error},
        error_body::ErrorBody,
        path, retry,
    },
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const REQUEST_ID: &str = "x-request-id";

/// No record of the API comes near this size; more is a broken or hostile server, not a reason to run out of memory.
const MAX_ANSWER_BYTES: usize = 32 * 1024 * 1024;

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
}

impl<'a, Body> Call<'a, Body> {
    pub(crate) fn id(id: &'a str) -> Self {
        Self { id: Some(id), query: None, body: None }
    }

    pub(crate) fn body(body: &'a Body) -> Self {
        Self { id: None, query: None, body: Some(body) }
    }

    pub(crate) fn empty() -> Self {
        Self { id: None, query: None, body: None }
    }

    pub(crate) fn and_body(self, body: &'a Body) -> Self {
        Self { body: Some(body), ..self }
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
        let attempt = || async { decode(&route, self.send(&request).await?) };
        let result = attempt
            .retry(retry::backoff(&self.limits))
            .when(|error| retry::is_worth_another_attempt(error, route.resend))
            .adjust(|error, planned| retry::wait(error, planned, request.deadline))
            .notify(|error, wait| debug!(operation = route.operation, ?wait, "sending again: {error}"))
            .instrument(debug_span!("flowglad", operation = route.operation))
            .await;
        if let Err(failure) = &result {
            report_to_operator(failure);
        }
        result
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
        let deadline = Instant::now() + self.limits.total;
        Ok(Prepared { route, url: format!("{}{path}{query}", self.api_url), body, deadline })
    }

    async fn send(&self, request: &Prepared) -> Result<Bytes, Error> {
        let operation = request.route.operation;
        let deadline = match request.route.resend {
            Resend::Always => request.deadline.min(Instant::now() + self.limits.attempt),
            Resend::IfNotDelivered => request.deadline,
        };
        let exchange = async {
            let response = self.request(request).send().await.map_err(|cause| broken_connection(operation, cause))?;
            debug!(operation, status = response.status().as_u16(), "answered");
            read(operation, response).await
        };
        timeout_at(deadline, exchange).await.unwrap_or_else(|elapsed| {
            Err(Error::Transport { operation, delivery: Delivery::Unknown, timed_out: true, cause: elapsed.into() })
        })
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

async fn read(operation: &'static str, response: Response) -> Result<Bytes, Error> {
    let status = response.status();
    let request_id = header(response.headers(), REQUEST_ID);
    let retry_after =
        header(response.headers(), RETRY_AFTER.as_str()).and_then(|v| retry::parse_retry_after(&v, SystemTime::now()));
    let body = read_body(operation, response).await;
    if status.is_success() {
        return body;
    }
    // The status alone is worth more than the news that its explanation was cut.
    let ErrorBody { code, message, request_id: in_body } = ErrorBody::parse(&body.unwrap_or_default());
    let request_id = in_body.or(request_id);
    Err(Error::Api { operation, status: status.as_u16(), code, message, request_id, retry_after })
}

async fn read_body(operation: &'static str, mut response: Response) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|cause| broken_connection(operation, cause))? {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(Error::decode(operation, ".", None, format!("larger than {MAX_ANSWER_BYTES} bytes")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Reads the record of a complete answer. JSON that ends too early is a cut answer, which may be asked for again.
fn decode<Record: DeserializeOwned>(route: &Route, body: Bytes) -> Result<Answer<Record>, Error> {
    let operation = route.operation;
    let raw = RawJson::new(body).map_err(|cause| Error::decode(operation, ".", None, cause))?;
    match raw.decode(operation) {
        Ok(record) => Ok(Answer::new(record, raw)),
        Err(Error::Decode { cause, .. }) if ends_too_early(&*cause) => {
            Err(Error::Transport { operation, delivery: Delivery::Unknown, timed_out: false, cause })
        }
        Err(error) => Err(error),
    }
}

fn ends_too_early(cause: &(dyn StdError + 'static)) -> bool {
    cause.downcast_ref::<serde_json::Error>().is_some_and(serde_json::Error::is_eof)
}

fn broken_connection(operation: &'static str, cause: reqwest::Error) -> Error {
    let delivery = if cause.is_connect() { Delivery::NotSent } else { Delivery::Unknown };
    // The URL holds customers' ids, which belong in no log.
    Error::Transport { operation, delivery, timed_out: cause.is_timeout(), cause: cause.without_url().into() }
}

fn unsendable(route: Route, cause: serde_json::Error) -> Error {
    Error::decode(route.operation, ".", None, cause)
}

fn header(headers: &HeaderMap, name: &str) -> Option<Box<str>> {
    headers.get(name)?.to_str().ok().map(Into::into)
}

/// A refused key is the operator's business alone: whoever called sees only that billing does not work.
fn report_to_operator(failure: &Error) {
    if let Error::Api { status, .. } = failure
        && matches!(StatusCode::from_u16(*status), Ok(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN))
    {
        error!("{failure}");
    }
}
