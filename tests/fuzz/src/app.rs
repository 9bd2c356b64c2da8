//! An app's actions in front of the scripted Flowglad.

use std::time::Duration;

use flowglad_core::{
    Flowglad, FlowgladBuilder, RequestingCustomer,
    action::RequestHandler,
    adapter::{ActionRequest, ActionResponse, Identity},
    clock::ManualClock,
    model::Timestamp,
};
use serde_json::Value;

use crate::{upstream::Upstream, webhook_reader::NOW};

/// In no response, whatever the bytes.
const KEY: &str = "sk_test_flowglad_fuzz_key";

/// The actions of an app, and the Flowglad behind them.
#[derive(Debug)]
pub struct App {
    /// The scripted Flowglad.
    pub upstream: Upstream,
    handler: RequestHandler,
    /// The client of the receiver of webhooks. Its time stands still.
    pub(crate) webhook_client: Flowglad,
}

impl App {
    /// Starts an app in the current runtime.
    pub async fn start() -> Self {
        let upstream = Upstream::start().await;
        let client = |builder: FlowgladBuilder| {
            let builder = builder.api_key(KEY).base_url(upstream.base_url()).timeout(Duration::from_secs(10));
            builder.build().unwrap().without_retries()
        };
        let handler = RequestHandler::new(client(Flowglad::builder()));
        let stopped = ManualClock::at(Timestamp::from_millis(NOW * 1_000));
        let webhook_client = client(Flowglad::builder().clock(stopped));
        Self { upstream, handler, webhook_client }
    }

    /// Runs an action for the customer `user_42`, and checks what holds for every response.
    pub async fn ask(&self, action: &str, body: &[u8]) -> ActionResponse {
        let request = ActionRequest { method: "POST", subroute: action, content_type: Some("application/json") };
        let ada = RequestingCustomer::new("user_42", "Ada", "ada@example.com").unwrap();
        let (who, body) = (async { Ok::<_, ()>(Identity::Customer(ada)) }, async { Ok(body.to_vec().into()) });
        let response = self.handler.handle(request, who, body).await.unwrap();
        check_every_response(action, &response);
        response
    }
}

fn check_every_response(action: &str, response: &ActionResponse) {
    let text = std::str::from_utf8(&response.body).unwrap_or_else(|_| panic!("{action}: the response is not UTF-8"));
    assert!(!text.contains(KEY), "{action}: the key is in the response");
    if response.status == 200 {
        assert!(text.starts_with("{\"data\":") && text.ends_with('}'), "{action}: {text}");
        return;
    }
    let body: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{action}: {error}: {text}"));
    let error = &body["error"];
    assert!(body["data"].is_null() && error["code"].is_string(), "{action}: {text}");
    assert_eq!(error["message"], error["json"]["message"], "{action}");
    assert_ne!(error["code"], "internal_error", "{action}: a panic");
}
