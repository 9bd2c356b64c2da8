//! Deliveries that a test asks for, and secrets that it rotates.

use std::time::Duration;

use flowglad_sandbox::{DeliveryState, Sandbox, SandboxError};
use serde_json::json;

use crate::{
    Api, text,
    webhook_receiver::{Receiver, impatient, register, signature},
};

#[tokio::test]
async fn a_delivery_is_made_anew_under_the_same_id_whatever_became_of_it() {
    let api = impatient(0).await;
    let (app, url) = Receiver::start(&[500]).await;
    register(&api, &url, &["customer.created"]).await;
    api.new_customer("u").await;
    api.sandbox.wait_for_webhooks().await;
    let failed = api.sandbox.webhook_deliveries().remove(0);
    assert_eq!(failed.state, DeliveryState::Failed);
    assert_eq!(api.sandbox.redeliver_webhook(&failed.id), Ok(1));
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(api.sandbox.webhook_deliveries()[0].state, DeliveryState::Delivered);

    let path = format!("webhooks/deliveries/{}/redeliver", failed.id);
    assert_eq!(api.control_api(&path, json!({})).await.ok(), json!({ "redelivered": 1 }));
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(api.sandbox.webhook_deliveries()[0].attempts.len(), 3);
    assert!(app.received().iter().all(|(headers, _)| headers["svix-id"] == *failed.id));
}

#[tokio::test]
async fn an_event_is_delivered_anew_to_every_webhook_that_got_it() {
    let api = impatient(0).await;
    let (app, url) = Receiver::start(&[]).await;
    for types in [&["customer.created"][..], &["customer.created", "subscription.created"]] {
        register(&api, &url, types).await;
    }
    api.new_customer("u").await;
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(app.received().len(), 3);
    let id = api.sandbox.webhook_deliveries().remove(0).id;
    assert_eq!(api.sandbox.redeliver_webhook(&id), Ok(2));
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(app.received().len(), 5);
}

#[tokio::test]
async fn the_pause_before_a_retry_ends_when_a_test_asks() {
    let api = Api::of(Sandbox::builder().webhook_retries([Duration::from_secs(3600); 2])).await;
    let (app, url) = Receiver::start(&[500, 500]).await;
    register(&api, &url, &["customer.created"]).await;
    api.new_customer("u").await;
    for failures in 1..=2 {
        while api.sandbox.webhook_deliveries()[0].attempts.len() < failures {
            tokio::task::yield_now().await;
        }
        let id = api.sandbox.webhook_deliveries().remove(0).id;
        assert_eq!(api.sandbox.redeliver_webhook(&id), Ok(1));
    }
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(api.sandbox.webhook_deliveries()[0].state, DeliveryState::Delivered);
    assert_eq!(app.received().len(), 3, "each failure was retried once");
}

#[tokio::test]
async fn a_delivery_that_is_not_there_cannot_be_made_anew() {
    let api = Api::start().await;
    assert!(matches!(api.sandbox.redeliver_webhook("msg_x"), Err(SandboxError::WebhookDeliveryNotFound { .. })));
    let message = api.control_api("webhooks/deliveries/msg_x/redeliver", json!({})).await.error(404);
    assert!(message.contains("msg_x"), "{message}");
}

#[tokio::test]
async fn after_a_rotation_both_secrets_sign_until_the_next_one() {
    let api = impatient(0).await;
    let (app, url) = Receiver::start(&[]).await;
    let created = register(&api, &url, &["customer.created"]).await;
    let id = text(&created["webhook"]["id"]);
    let first = text(&created["secret"]);
    let second = api.sandbox.rotate_webhook_secret(&id).unwrap();
    api.new_customer("u").await;
    // The secrets are a part of the state.
    let snapshot = api.sandbox.snapshot();
    api.sandbox.wait_for_webhooks().await;
    api.sandbox.restore(&snapshot).unwrap();
    api.new_customer("v").await;
    api.sandbox.wait_for_webhooks().await;
    let third = text(&api.control_api(&format!("webhooks/{id}/rotate-secret"), json!({})).await.ok()["secret"]);
    api.new_customer("w").await;
    api.sandbox.wait_for_webhooks().await;

    let received = app.received();
    for ((headers, body), secrets) in received.iter().zip([[&second, &first], [&second, &first], [&third, &second]]) {
        let header = |name: &str| headers[name].to_str().unwrap();
        let expected = secrets.map(|secret| signature(secret, header("svix-id"), header("svix-timestamp"), body));
        assert_eq!(header("svix-signature"), expected.join(" "));
    }
    assert_eq!(received.len(), 3);
    let shown = api.get(&format!("/webhooks/{id}")).await.ok().to_string();
    assert!([first, second, third].iter().all(|secret| !shown.contains(secret)));
    assert!(matches!(api.sandbox.rotate_webhook_secret("nope"), Err(SandboxError::WebhookNotFound { .. })));
    api.control_api("webhooks/nope/rotate-secret", json!({})).await.error(404);
}
