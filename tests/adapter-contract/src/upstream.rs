//! A Flowglad server with scripted responses, which records every request.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Barrier,
};
use wiremock::{Mock, MockBuilder, MockServer, Request, ResponseTemplate, matchers};

/// The scripted upstream.
#[derive(Debug)]
pub struct Upstream {
    server: MockServer,
}

impl Upstream {
    /// Starts on a free port. Responds with an empty 404 where no script matches.
    pub async fn start() -> Self {
        Self { server: MockServer::start().await }
    }

    /// The base URL of the server.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.server.uri()
    }

    /// Scripts the response to every `verb path` (below `/api/v1`). The first matching script is used.
    pub async fn answer(&self, verb: &str, path: &str, answer: impl Into<Scripted>) {
        on(verb, path).respond_with(answer.into().0).mount(&self.server).await;
    }

    /// Scripts the response to the first such request only. Later requests use later scripts.
    pub async fn answer_once(&self, verb: &str, path: &str, answer: impl Into<Scripted>) {
        on(verb, path).respond_with(answer.into().0).up_to_n_times(1).mount(&self.server).await;
    }

    /// Scripts the response to every request that no other script matches.
    pub async fn answer_all(&self, answer: impl Into<Scripted>) {
        Mock::given(matchers::any()).respond_with(answer.into().0).with_priority(255).mount(&self.server).await;
    }

    /// Every request so far in order, in the form `GET /customers/user_42/billing`.
    pub async fn requests(&self) -> Vec<String> {
        requests_to(&self.server).await
    }

    /// Every request so far with headers and body.
    pub async fn received(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }

    /// The JSON bodies of the requests that had one.
    pub async fn bodies(&self) -> Vec<Value> {
        self.received().await.iter().filter_map(|request| request.body_json().ok()).collect()
    }

    /// Removes all recorded requests and all scripts.
    pub async fn reset(&self) {
        self.server.reset().await;
    }
}

/// A scripted response: JSON, or a template for all others.
#[derive(Debug)]
pub struct Scripted(ResponseTemplate);

impl From<ResponseTemplate> for Scripted {
    fn from(template: ResponseTemplate) -> Self {
        Self(template)
    }
}

impl From<Value> for Scripted {
    fn from(body: Value) -> Self {
        Self(ResponseTemplate::new(200).set_body_json(body))
    }
}

impl From<&Value> for Scripted {
    fn from(body: &Value) -> Self {
        Self(ResponseTemplate::new(200).set_body_json(body))
    }
}

/// A 200 whose body is sent unchanged.
#[must_use]
pub fn text(body: impl Into<String>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.into(), "application/json")
}

/// An error response in the API's form.
#[must_use]
pub fn refusal(status: u16, code: &str, message: &str) -> ResponseTemplate {
    let body = json!({"error": message, "code": code, "request_id": "5b1f09c2"});
    ResponseTemplate::new(status).set_body_json(body)
}

/// The API's response for an unknown customer.
#[must_use]
pub fn not_found() -> ResponseTemplate {
    refusal(404, "NOT_FOUND", "Customer with externalId user_42 not found")
}

/// Starts a server that accepts every request and closes the connection without a response. Returns its base URL.
pub async fn hanging_up() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut request = [0; 8192];
            let _ = connection.read(&mut request).await;
            let _ = connection.shutdown().await;
        }
    });
    base_url
}

/// Starts a server that responds to a read only while a second one is waiting, and to changes immediately. Returns its
/// base URL.
///
/// The keys of `answers` have the form `GET /path`, below `/api/v1`.
pub async fn reading_in_pairs(answers: Vec<(&'static str, Value)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let (answers, pair) = (Arc::new(answers), Arc::new(Barrier::new(2)));
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(answer_one(connection, Arc::clone(&answers), Arc::clone(&pair)));
        }
    });
    base_url
}

async fn answer_one(mut connection: TcpStream, answers: Arc<Vec<(&'static str, Value)>>, pair: Arc<Barrier>) {
    let mut request = vec![0; 8192];
    let length = connection.read(&mut request).await.unwrap();
    let head = String::from_utf8_lossy(&request[..length]).replacen(" /api/v1", " ", 1);
    let found = answers.iter().find(|(route, _)| head.starts_with(&format!("{route} HTTP")));
    if head.starts_with("GET") {
        pair.wait().await;
    }
    let body = found.map_or_else(String::new, |(_, body)| body.to_string());
    let status = if found.is_some() { "200 OK" } else { "404 Not Found" };
    let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    connection.write_all(answer.as_bytes()).await.unwrap();
}

/// Every request to a server so far in order, in the form `GET /customers/user_42/billing`.
pub async fn requests_to(server: &MockServer) -> Vec<String> {
    server.received_requests().await.unwrap().iter().map(line).collect()
}

/// Begins a script for `verb path` (below `/api/v1`).
#[must_use]
pub fn on(verb: &str, path: &str) -> MockBuilder {
    Mock::given(matchers::method(verb)).and(matchers::path(format!("/api/v1{path}")))
}

fn line(request: &Request) -> String {
    let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{} {}{query}", request.method, request.url.path().trim_start_matches("/api/v1"))
}
