//! A Flowglad of which every answer is scripted and every request is remembered.

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
    /// Starts on a free port and answers everything with an empty 404 until told otherwise.
    pub async fn start() -> Self {
        Self { server: MockServer::start().await }
    }

    /// Where it is.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.server.uri()
    }

    /// Answers `verb path` (below `/api/v1`), as often as it is asked. The first script that fits wins.
    pub async fn answer(&self, verb: &str, path: &str, answer: impl Into<Scripted>) {
        on(verb, path).respond_with(answer.into().0).mount(&self.server).await;
    }

    /// Answers once, and then leaves it to later scripts.
    pub async fn answer_once(&self, verb: &str, path: &str, answer: impl Into<Scripted>) {
        on(verb, path).respond_with(answer.into().0).up_to_n_times(1).mount(&self.server).await;
    }

    /// Answers everything that no script fits.
    pub async fn answer_all(&self, answer: impl Into<Scripted>) {
        Mock::given(matchers::any()).respond_with(answer.into().0).with_priority(255).mount(&self.server).await;
    }

    /// Every request so far, as `GET /customers/user_42/billing`, in order.
    pub async fn requests(&self) -> Vec<String> {
        requests_to(&self.server).await
    }

    /// Every request so far with its body, as it came.
    pub async fn received(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }

    /// The JSON bodies of the requests that had one.
    pub async fn bodies(&self) -> Vec<Value> {
        self.received().await.iter().filter_map(|request| request.body_json().ok()).collect()
    }

    /// Forgets the requests and the scripts.
    pub async fn reset(&self) {
        self.server.reset().await;
    }
}

/// What to answer: JSON, or a template for everything else.
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

/// A 200 with a body that is sent as it is.
#[must_use]
pub fn text(body: impl Into<String>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.into(), "application/json")
}

/// An error as the API words it.
#[must_use]
pub fn refusal(status: u16, code: &str, message: &str) -> ResponseTemplate {
    let body = json!({"error": message, "code": code, "request_id": "5b1f09c2"});
    ResponseTemplate::new(status).set_body_json(body)
}

/// The API's way to say that it does not know the customer.
#[must_use]
pub fn not_found() -> ResponseTemplate {
    refusal(404, "NOT_FOUND", "Customer with externalId user_42 not found")
}

/// A server that takes every request and hangs up without an answer. Gives its base URL.
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

/// A server that answers each read only when another one is waiting too, and changes at once. Gives its base URL.
///
/// `answers` are looked up by `GET /path` below `/api/v1`.
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

/// Every request to a server so far, as `GET /customers/user_42/billing`, in order.
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
