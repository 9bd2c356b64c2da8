//! The crate from outside: real HTTP against scripted answers, and whole flows against the sandbox.

#![expect(clippy::unwrap_used, reason = "test code")]

mod actions;
mod broken_upstream;
mod client;
mod customer;
mod records;
mod with_sandbox;

use std::time::Duration;

use adapter_contract::{documents, upstream};
use flowglad_core::{
    Flowglad, FlowgladBuilder, RequestingCustomer,
    action::{ActionRequest, ActionResponse, Actions, Visitor},
};
use serde_json::Value;
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

const KEY: &str = "sk_test_flowglad_core_tests";

/// A client whose repeats come at once.
fn builder(base_url: &str) -> FlowgladBuilder {
    Flowglad::builder().api_key(KEY).base_url(base_url).retry_delay(Duration::from_millis(1))
}

fn client(server: &MockServer) -> Flowglad {
    builder(&server.uri()).build().unwrap()
}

fn ada() -> RequestingCustomer {
    RequestingCustomer::new("user_42", "Ada", "ada@example.com").unwrap()
}

/// Answers `verb path` (below `/api/v1`) with `answer`, as often as it is asked.
async fn answer(server: &MockServer, verb: &str, path: &str, answer: ResponseTemplate) {
    on(verb, path).respond_with(answer).mount(server).await;
}

fn on(verb: &str, path: &str) -> wiremock::MockBuilder {
    Mock::given(matchers::method(verb)).and(matchers::path(format!("/api/v1{path}")))
}

fn json(body: impl serde::Serialize) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

/// `GET /customers/user_42/billing`, … of every request that came, in order.
async fn seen(server: &MockServer) -> Vec<String> {
    let line = |request: &Request| {
        let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{} {}{query}", request.method, request.url.path().trim_start_matches("/api/v1"))
    };
    server.received_requests().await.unwrap().iter().map(line).collect()
}

/// What a browser with Ada's session gets.
async fn act(flowglad: &Flowglad, action: &str, body: impl Into<String>) -> ActionResponse {
    act_as(flowglad, Visitor::Customer(ada()), action, body).await
}

async fn act_as(flowglad: &Flowglad, who: Visitor, action: &str, body: impl Into<String>) -> ActionResponse {
    let request = ActionRequest { method: "POST", subroute: action, content_type: Some("application/json") };
    let body = body.into();
    let actions = Actions::new(flowglad.clone());
    actions.run(request, async { Ok::<_, ()>(who) }, async { Ok(body.into()) }).await.unwrap()
}

fn parsed(answer: &ActionResponse) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

/// The status and the error's code.
fn error_of(answer: &ActionResponse) -> (u16, String) {
    let body = parsed(answer);
    assert_eq!(body["data"], Value::Null, "{body}");
    assert_eq!(body["error"]["message"], body["error"]["json"]["message"], "{body}");
    (answer.status, body["error"]["code"].as_str().unwrap().to_owned())
}
