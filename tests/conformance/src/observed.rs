//! A scripted server, and what it has seen of the client.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use flowglad_core::Flowglad;
use serde_json::Value;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers};

const PREFIX: &str = "/api/v1";

/// One request, as it came in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Observed {
    /// The method in capitals.
    pub method: String,
    /// Below `/api/v1`, percent-encoded.
    pub path: String,
    /// Decoded, in the order that they were sent.
    pub query: Vec<(String, String)>,
    /// `None`: no body.
    pub body: Option<Value>,
    /// Whether the content type of the body is said.
    pub has_content_type: bool,
    /// The path and query as they were sent.
    pub target: String,
    /// The body as it was sent.
    pub body_text: String,
}

/// A server that answers every request alike, and a client that talks to it.
#[derive(Debug)]
pub struct ScriptedApi {
    /// The client. Its retries come at once.
    pub client: Flowglad,
    script: Script,
    _server: MockServer,
}

#[derive(Clone, Debug)]
struct Script(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    reply: ResponseTemplate,
    requests: Vec<Observed>,
}

impl Script {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no thread panics while it holds the state")
    }
}

impl Respond for Script {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut state = self.state();
        state.requests.push(Observed::of(request));
        state.reply.clone()
    }
}

impl ScriptedApi {
    /// Starts the server on a free port.
    ///
    /// # Errors
    /// If the client refuses its settings.
    pub async fn start() -> Result<Self, flowglad_core::Error> {
        let server = MockServer::builder().disable_request_recording().start().await;
        let script = Script(Arc::new(Mutex::new(State { reply: ResponseTemplate::new(500), requests: Vec::new() })));
        Mock::given(matchers::any()).respond_with(script.clone()).mount(&server).await;
        let client = Flowglad::builder().api_key("sk_test_conformance").base_url(server.uri());
        let client = client.retry_delay(Duration::from_millis(1)).build()?;
        Ok(Self { client, script, _server: server })
    }

    /// From now on, every request gets this JSON.
    pub fn reply_with(&self, reply: &Value) {
        self.script.state().reply = ResponseTemplate::new(200).set_body_json(reply);
    }

    /// From now on, every request gets this status and no body.
    pub fn fail_with(&self, status: u16) {
        self.script.state().reply = ResponseTemplate::new(status);
    }

    /// The requests since this was last called.
    #[must_use]
    pub fn take_requests(&self) -> Vec<Observed> {
        mem::take(&mut self.script.state().requests)
    }
}

impl Observed {
    fn of(request: &Request) -> Self {
        let path = request.url.path();
        let path = path.strip_prefix(PREFIX).unwrap_or(path).to_owned();
        let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        Self {
            method: request.method.to_string(),
            query: request.url.query_pairs().into_owned().collect(),
            body: serde_json::from_slice(&request.body).ok(),
            has_content_type: request.headers.contains_key("content-type"),
            target: format!("{path}{query}"),
            body_text: String::from_utf8_lossy(&request.body).into_owned(),
            path,
        }
    }
}
