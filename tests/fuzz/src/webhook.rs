//! The target of webhooks: what is handled is signed and an event, and is handled once.

use std::sync::{Arc, Mutex};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowglad_core::{
    adapter::ActionResponse,
    webhook::{WebhookEvent, WebhookReceiver, WebhookSecrets},
};
use serde_json::Value;

use crate::{
    app::App,
    webhook_reader::{Delivery, KEY},
};

/// Runs one input. Panics if a rule is broken.
pub(crate) async fn run(app: &App, input: &[u8]) {
    app.upstream.answer_with_records();
    let sent = Delivery::read(input);
    check(app, &sent).await;
    check(app, &sent.signed()).await;
}

async fn check(app: &App, sent: &Delivery) {
    let handled: Arc<Mutex<Vec<WebhookEvent>>> = Arc::default();
    let secrets: WebhookSecrets = format!("whsec_{}", STANDARD.encode(KEY)).parse().unwrap();
    let receiver = WebhookReceiver::new(&app.webhook_client, secrets, {
        let handled = Arc::clone(&handled);
        async move |event: WebhookEvent| handled.lock().unwrap().push(event)
    });
    let first = receive(&receiver, sent).await;
    let second = receive(&receiver, sent).await;
    assert_eq!(first, second, "a repeated delivery gets the same response");

    let handled = handled.lock().unwrap().clone();
    let code = first.code.as_deref();
    match (first.status, code) {
        (204, None) => {
            assert_eq!(handled.len(), 1, "it is handled once");
            assert!(first.body.is_empty());
            let (object, id) = sent.event().expect("an event that is handled is one beyond doubt");
            assert_eq!((handled[0].object.as_str(), &*handled[0].id), (&*object, &*id));
        }
        (400, Some("invalid_event" | "invalid_signature")) => {
            assert_eq!(handled.len(), 0, "what is refused is not handled");
            check_refusal(&first);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(code != Some("invalid_signature"), sent.is_signed(), "{code:?}: {sent:?}");
}

async fn receive(receiver: &WebhookReceiver, sent: &Delivery) -> ActionResponse {
    let body = sent.body.clone().into();
    receiver.receive("POST", sent, async { Ok(body) }).await
}

fn check_refusal(response: &ActionResponse) {
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    let message = body["error"]["message"].as_str().unwrap();
    assert!(body["data"].is_null() && !message.is_empty(), "{body}");
    assert!(message.chars().count() < 400, "{message}");
    assert!(!message.contains(&STANDARD.encode(KEY)), "{message}");
}
