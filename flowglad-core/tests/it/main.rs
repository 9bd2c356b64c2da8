//! Tests through the public interface: real HTTP against scripted responses, and whole flows against the sandbox.

#![expect(clippy::unwrap_used, reason = "test code")]

mod actions;
mod auth_sessions;
mod auth_tokens;
mod broken_upstream;
mod cache;
mod cache_store;
mod client;
mod customer;
mod details;
mod every_field;
mod examples;
mod fleet;
mod gates;
mod holds_at_once;
mod ids;
mod layering;
mod limited_load;
mod lists;
mod observe;
mod ownership;
mod past_due;
mod portal;
mod questions;
mod raw_requests;
mod records;
mod recovery;
mod reports;
mod returned_checkout;
mod standing;
mod timestamps;
mod usage;
mod usage_outages;
mod webhook;
mod whole_api_with_sandbox;
mod with_sandbox;

use std::time::Duration;

use adapter_contract::{
    documents,
    upstream::{self, on, requests_to as seen},
};
use flowglad_core::{
    Flowglad, FlowgladBuilder, RequestingCustomer,
    action::RequestHandler,
    adapter::{ActionRequest, ActionResponse, Identity},
};
use serde_json::Value;
use wiremock::{MockServer, ResponseTemplate};

const KEY: &str = "sk_test_flowglad_core_tests";

/// A client that retries without a wait.
fn builder(base_url: &str) -> FlowgladBuilder {
    Flowglad::builder().api_key(KEY).base_url(base_url).retry_delay(Duration::from_millis(1))
}

fn client(server: &MockServer) -> Flowglad {
    builder(&server.uri()).build().unwrap()
}

fn ada() -> RequestingCustomer {
    RequestingCustomer::new("user_42", "Ada", "ada@example.com").unwrap()
}

/// Scripts `answer` as the response to every `verb path` (below `/api/v1`).
async fn answer(server: &MockServer, verb: &str, path: &str, answer: ResponseTemplate) {
    on(verb, path).respond_with(answer).mount(server).await;
}

fn json(body: impl serde::Serialize) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

/// Runs an action with Ada's session.
async fn act(flowglad: &Flowglad, action: &str, body: impl Into<String>) -> ActionResponse {
    act_as(flowglad, Identity::Customer(ada()), action, body).await
}

async fn act_as(flowglad: &Flowglad, who: Identity, action: &str, body: impl Into<String>) -> ActionResponse {
    let request = ActionRequest { method: "POST", subroute: action, content_type: Some("application/json") };
    let body = body.into();
    let handler = RequestHandler::new(flowglad.clone());
    handler.handle(request, async { Ok::<_, ()>(who) }, async { Ok(body.into()) }).await.unwrap()
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
