//! A running app under test, and its responses.

use std::{fmt, pin::Pin, time::Duration};

use bytes::Bytes;
use flowglad_core::{Flowglad, action::RequestHandler};
use reqwest::{Client, Method, RequestBuilder, Response, redirect::Policy};
use serde_json::Value;

use crate::{SESSION_HEADER, Upstream};

/// The path at which the actions are mounted.
pub const MOUNT: &str = "/api/flowglad";

/// Where the app has a handler that takes the signed-in customer twice and sends back the external id as text.
pub const ME: &str = "/me";

/// The user of most cases.
pub const ADA: &str = "user_42";

const JSON: &str = "application/json";

/// Starts an adapter's app with these actions, and returns the app's base URL.
pub type Start = fn(RequestHandler) -> Pin<Box<dyn Future<Output = String> + Send>>;

/// A running app in front of a scripted upstream.
#[derive(Debug)]
pub struct App {
    /// The scripted Flowglad behind the app.
    pub upstream: Upstream,
    base_url: String,
    browser: Client,
}

impl App {
    /// Starts the adapter's app with default settings.
    pub async fn start(start: Start) -> Self {
        Self::start_with(start, |handler| handler).await
    }

    /// Starts the adapter's app with other settings.
    pub async fn start_with(start: Start, set: impl FnOnce(RequestHandler) -> RequestHandler) -> Self {
        Self::start_made(start, |base_url| set(RequestHandler::new(client(base_url)))).await
    }

    /// Starts the adapter's app with a request handler that is made for the base URL of the scripted upstream.
    pub async fn start_made(start: Start, make: impl FnOnce(&str) -> RequestHandler) -> Self {
        let upstream = Upstream::start().await;
        Self::at(start(make(&upstream.base_url())).await, upstream)
    }

    /// Starts the adapter's app with a Flowglad client of the case.
    pub async fn start_before(start: Start, flowglad: Flowglad) -> Self {
        Self::start_handler(start, RequestHandler::new(flowglad)).await
    }

    /// Starts the adapter's app with a request handler of the case.
    pub async fn start_handler(start: Start, handler: RequestHandler) -> Self {
        Self::at(start(handler).await, Upstream::start().await)
    }

    /// An app that runs at this base URL.
    #[must_use]
    pub fn at(base_url: String, upstream: Upstream) -> Self {
        Self { upstream, base_url, browser: browser() }
    }

    /// Runs an action as Ada. An empty `body` sends no body.
    pub async fn ask(&self, action: &str, body: &str) -> Reply {
        let request = self.request(Method::POST, action).header(SESSION_HEADER, ADA);
        Reply::to(with_json(request, body)).await
    }

    /// Runs an action with this session. `None`: as an anonymous caller.
    pub async fn ask_as(&self, session: Option<&str>, action: &str, body: &str) -> Reply {
        let request = self.request(Method::POST, action);
        let request = match session {
            Some(session) => request.header(SESSION_HEADER, session),
            None => request,
        };
        Reply::to(with_json(request, body)).await
    }

    /// The URL of an action.
    #[must_use]
    pub fn url(&self, action: &str) -> String {
        format!("{}{MOUNT}/{action}", self.base_url)
    }

    /// Host and port of the app.
    #[must_use]
    pub fn address(&self) -> &str {
        self.base_url.trim_start_matches("http://")
    }

    /// Begins a request to an action.
    pub fn request(&self, method: Method, action: &str) -> RequestBuilder {
        self.browser.request(method, self.url(action))
    }

    /// Visits a page of the app with this session. `None`: as an anonymous caller.
    pub async fn visit(&self, session: Option<&str>, path: &str) -> Reply {
        let request = self.request_to(Method::GET, path);
        Reply::to(match session {
            Some(session) => request.header(SESSION_HEADER, session),
            None => request,
        })
        .await
    }

    /// Begins a request to any path of the app.
    pub fn request_to(&self, method: Method, path: &str) -> RequestBuilder {
        self.browser.request(method, format!("{}{path}", self.base_url))
    }
}

/// Shows redirects instead of following them.
fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

/// A client that retries without a wait.
#[must_use]
pub fn client(base_url: &str) -> Flowglad {
    let builder = Flowglad::builder().api_key("sk_test_adapter_contract").base_url(base_url);
    builder.retry_delay(Duration::from_millis(1)).build().unwrap()
}

fn with_json(request: RequestBuilder, body: &str) -> RequestBuilder {
    if body.is_empty() { request } else { request.header("content-type", JSON).body(body.to_owned()) }
}

/// The parts of a response that every adapter must return unchanged. `Display` shows every byte of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers that core decides: content type, `Allow`, `Location`, `Retry-After`.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl Reply {
    /// Sends a request and reads its response.
    pub async fn to(request: RequestBuilder) -> Self {
        Self::of(request.send().await.unwrap()).await
    }

    async fn of(response: Response) -> Self {
        let headers = ["content-type", "allow", "location", "retry-after"].into_iter().flat_map(|name| {
            let values = response.headers().get_all(name);
            values.iter().map(move |value| (name, value.to_str().unwrap().to_owned())).collect::<Vec<_>>()
        });
        let (status, headers) = (response.status().as_u16(), headers.collect());
        Self { status, headers, body: response.bytes().await.unwrap() }
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self}"))
    }

    /// The `data` of a successful response.
    #[must_use]
    pub fn data(&self) -> Value {
        assert_eq!(self.status, 200, "{self}");
        self.json()["data"].take()
    }

    /// The status and code of an error response. Panics unless it has the form of all error responses.
    #[must_use]
    pub fn refusal(&self) -> (u16, String) {
        let body = self.json();
        let error = &body["error"];
        assert!(body["data"].is_null() && body.as_object().unwrap().contains_key("data"), "{self}");
        assert_eq!(error["message"], error["json"]["message"], "{self}");
        assert_eq!(error["message"], error["json"]["error"], "{self}");
        assert_eq!(self.headers.first().unwrap(), &("content-type", JSON.to_owned()), "{self}");
        (self.status, error["code"].as_str().unwrap().to_owned())
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value}")?;
        }
        write!(f, "{}", String::from_utf8_lossy(&self.body))
    }
}
