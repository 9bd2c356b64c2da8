//! What goes wrong with deliveries on purpose.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use axum::{Router, http::HeaderMap, routing::post};
use flowglad_sandbox::{DeliveryState, Sandbox, SandboxError, WebhookFault, WebhookHeaders};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{io::AsyncReadExt as _, net::TcpListener, sync::Barrier};

use crate::{
    Api, send, text,
    webhook_receiver::{Receiver, impatient, parsed, register, verifies},
};

/// What an app receives of a new customer when these faults are injected, and the webhook's secret.
async fn received_with(faults: impl IntoIterator<Item = WebhookFault>) -> (Vec<(HeaderMap, String)>, String) {
    let api = impatient(1).await;
    let (app, url) = Receiver::start(&[]).await;
    let secret = text(&register(&api, &url, &["customer.created"]).await["secret"]);
    for fault in faults {
        api.sandbox.inject_webhook_fault(fault).unwrap();
    }
    api.new_customer("u").await;
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(api.sandbox.webhook_faults(), [], "all of them are used up");
    (app.received(), secret)
}

fn statuses(api: &Api, delivery: usize) -> Vec<Option<u16>> {
    api.sandbox.webhook_deliveries()[delivery].attempts.iter().map(|attempt| attempt.status).collect()
}

#[tokio::test]
async fn copies_arrive_at_the_same_time_and_are_one_request() {
    const COPIES: usize = 50;
    let api = Api::start().await;
    // No request is answered before all have arrived.
    let all_here = Arc::new(Barrier::new(COPIES));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let wait_for_all = move || async move {
        all_here.wait().await;
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", post(wait_for_all))).await });
    register(&api, &url, &["customer.created"]).await;
    let planned = json!({ "copies": COPIES, "atOnce": true, "eventType": "customer.created" });
    api.control_api("webhooks/faults", planned).await.ok();
    api.new_customer("u").await;
    api.sandbox.wait_for_webhooks().await;
    let delivery = api.sandbox.webhook_deliveries().remove(0);
    assert_eq!((delivery.state, delivery.attempts.len()), (DeliveryState::Delivered, COPIES));
    assert!(delivery.attempts.iter().all(|attempt| attempt.headers == delivery.attempts[0].headers));
}

#[tokio::test]
async fn copies_one_after_the_other_arrived_if_one_of_them_did() {
    let api = impatient(3).await;
    let (app, url) = Receiver::start(&[500, 204, 409]).await;
    register(&api, &url, &["customer.created"]).await;
    api.sandbox.inject_webhook_fault(WebhookFault::new().copies(3)).unwrap();
    api.new_customer("u").await;
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(statuses(&api, 0), [Some(500), Some(204), Some(409)]);
    assert_eq!(api.sandbox.webhook_deliveries()[0].state, DeliveryState::Delivered);
    let received = app.received();
    assert!(received.iter().all(|request| request == &received[0]));
}

#[tokio::test]
async fn copies_that_all_failed_are_retried_as_one_request() {
    let api = impatient(3).await;
    let (_app, url) = Receiver::start(&[500, 503]).await;
    register(&api, &url, &["customer.created"]).await;
    api.sandbox.inject_webhook_fault(WebhookFault::new().copies_at_once(2)).unwrap();
    api.new_customer("u").await;
    api.sandbox.wait_for_webhooks().await;
    let mut statuses = statuses(&api, 0);
    statuses.sort_unstable();
    assert_eq!(statuses, [Some(200), Some(500), Some(503)]);
}

#[tokio::test]
async fn a_delivery_out_of_order_comes_after_the_next_one() {
    let api = impatient(0).await;
    let (app, url) = Receiver::start(&[]).await;
    register(&api, &url, &["customer.created", "subscription.created", "payment.succeeded"]).await;
    api.sandbox.inject_webhook_fault(WebhookFault::new().out_of_order().on("customer.created")).unwrap();
    api.new_customer("u").await;
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(app.objects(), ["subscription", "customer"]);

    // The next one may be out of order itself, and the one after it may fail.
    api.sandbox.inject_webhook_fault(WebhookFault::new().out_of_order().times(2)).unwrap();
    app.plan(&[500]);
    api.buy("u", "pro_monthly").await;
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(app.objects()[2..], [] as [&str; 0], "both wait for a next one");
    api.new_customer("v").await;
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(app.objects()[2..], ["customer", "subscription", "payment", "subscription"]);
    let states = api.sandbox.webhook_deliveries().into_iter().map(|delivery| delivery.state);
    assert_eq!(states.filter(|state| *state == DeliveryState::Delivered).count(), 5);
}

#[tokio::test]
async fn without_a_next_delivery_one_out_of_order_waits_until_it_is_released() {
    let api = impatient(0).await;
    let (app, url) = Receiver::start(&[]).await;
    register(&api, &url, &["customer.created"]).await;
    api.sandbox.inject_webhook_fault(WebhookFault::new().out_of_order()).unwrap();
    api.new_customer("u").await;
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(api.sandbox.webhook_deliveries()[0].state, DeliveryState::Held);
    assert_eq!(api.sandbox.release_webhooks(), 1);
    api.new_customer("v").await;
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(app.objects(), ["customer", "customer"], "it is sent once");
}

#[tokio::test]
async fn a_held_delivery_is_late_and_does_not_hold_up_the_others() {
    let api = impatient(0).await;
    let (app, url) = Receiver::start(&[]).await;
    register(&api, &url, &["customer.created", "subscription.created"]).await;
    api.control_api("webhooks/faults", json!({ "hold": "untilReleased", "times": 1 })).await.ok();
    api.new_customer("u").await;
    api.new_customer("v").await;
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(app.objects(), ["subscription", "customer", "subscription"]);
    let listed = send(api.outside(Method::GET, "/_sandbox/webhooks/deliveries")).await.ok();
    assert_eq!((&listed[0]["state"], &listed[0]["attempts"]), (&json!("held"), &json!([])));

    // What happens to a delivery when it is released is another fault.
    api.sandbox.inject_webhook_fault(WebhookFault::new().copies(2)).unwrap();
    assert_eq!(api.control_api("webhooks/release", json!({})).await.ok(), json!({ "released": 1 }));
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(app.objects()[3..], ["customer", "customer"]);
    assert_eq!(api.sandbox.release_webhooks(), 0);
}

#[tokio::test]
async fn a_wrong_signature_is_well_formed_and_followed_by_a_right_one() {
    let api = impatient(1).await;
    let (app, url) = Receiver::start(&[400]).await;
    let secret = text(&register(&api, &url, &["customer.created"]).await["secret"]);
    api.control_api("webhooks/faults", json!({ "wrongSignature": true })).await.ok();
    api.new_customer("u").await;
    api.sandbox.wait_for_webhooks().await;
    let received = app.received();
    let verified: Vec<bool> = received.iter().map(|request| verifies(&secret, "svix", request)).collect();
    assert_eq!(verified, [false, true]);
    let lengths: Vec<usize> = received.iter().map(|(headers, _)| headers["svix-signature"].len()).collect();
    assert_eq!(lengths[0], lengths[1]);
    assert_eq!(received[0].1, received[1].1, "the body is the same");
}

#[tokio::test]
async fn a_time_in_the_past_or_future_is_signed() {
    for skew in [-600, 120] {
        let (received, secret) = received_with([WebhookFault::new().clock_skew(skew)]).await;
        assert!(verifies(&secret, "svix", &received[0]));
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs().cast_signed();
        let timestamp: i64 = received[0].0["svix-timestamp"].to_str().unwrap().parse().unwrap();
        assert!((now + skew - 60..=now + skew).contains(&timestamp), "{timestamp} {now}");
    }
}

#[tokio::test]
async fn each_family_of_headers_is_signed_the_same_way() {
    for (headers, svix, webhook) in [
        (WebhookHeaders::Svix, true, false),
        (WebhookHeaders::Webhook, false, true),
        (WebhookHeaders::Both, true, true),
        (WebhookHeaders::Missing, false, false),
    ] {
        let (received, secret) = received_with([WebhookFault::new().headers(headers)]).await;
        for (family, expected) in [("svix", svix), ("webhook", webhook)] {
            let names = ["id", "timestamp", "signature"].map(|name| format!("{family}-{name}"));
            let sent = names.map(|name| received[0].0.contains_key(name));
            assert_eq!(sent, [expected; 3], "{headers:?} {family}");
            assert!(!expected || verifies(&secret, family, &received[0]));
        }
        assert_eq!(received[0].0["content-type"], "application/json");
    }
}

#[tokio::test]
async fn a_body_without_its_customer_is_signed_as_it_is_sent() {
    let api = impatient(0).await;
    let (app, url) = Receiver::start(&[]).await;
    let secret = text(&register(&api, &url, &["customer.created"]).await["secret"]);
    api.control_api("webhooks/faults", json!({ "withoutCustomer": true })).await.ok();
    api.new_customer("u").await;
    api.sandbox.wait_for_webhooks().await;
    let received = app.received();
    assert!(verifies(&secret, "svix", &received[0]));
    let delivery = api.sandbox.webhook_deliveries().remove(0);
    let mut whole = parsed(&delivery.body);
    assert_eq!(whole.as_object_mut().unwrap().shift_remove("customer").unwrap()["externalId"], "u");
    assert_eq!(received[0].1, whole.to_string(), "the other fields keep their order");
    assert_eq!(delivery.attempts[0].body.as_ref(), Some(&received[0].1));
}

#[tokio::test]
async fn a_slow_body_arrives_whole() {
    const SLOW: Duration = Duration::from_millis(90);
    let began = Instant::now();
    let (received, secret) = received_with([WebhookFault::new().slow_body(SLOW)]).await;
    assert!(began.elapsed() >= SLOW);
    let (headers, body) = &received[0];
    assert_eq!(headers["content-length"], body.len().to_string());
    assert!(!headers.contains_key("transfer-encoding"));
    assert!(verifies(&secret, "svix", &received[0]));
}

#[tokio::test]
async fn a_body_that_takes_more_than_ten_seconds_breaks_off() {
    let api = impatient(0).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    register(&api, &format!("http://{}/", listener.local_addr().unwrap()), &["customer.created"]).await;
    api.sandbox.inject_webhook_fault(WebhookFault::new().slow_body(Duration::from_secs(60))).unwrap();
    let began = tokio::time::Instant::now();
    api.sandbox.create_customer("u").unwrap();
    // From here on the delivery waits for nothing but the time, which is paused and so moves to the next moment at once.
    let (mut connection, _) = listener.accept().await.unwrap();
    tokio::time::pause();
    api.sandbox.wait_for_webhooks().await;
    let limit = began.elapsed();
    assert!((10..15).contains(&limit.as_secs()), "{limit:?}");
    let delivery = api.sandbox.webhook_deliveries().remove(0);
    assert_eq!((delivery.state, delivery.attempts[0].status), (DeliveryState::Failed, None));
    let mut request = String::new();
    connection.read_to_string(&mut request).await.unwrap();
    let (_, sent) = request.split_once("\r\n\r\n").unwrap();
    assert!(!sent.is_empty() && sent.len() < delivery.body.len() / 2, "{sent}");
    assert!(delivery.body.starts_with(sent));
}

#[tokio::test]
async fn a_fault_waits_for_its_type_or_its_delivery() {
    let api = impatient(0).await;
    let (app, url) = Receiver::start(&[]).await;
    let secret = text(&register(&api, &url, &["customer.created", "subscription.created"]).await["secret"]);
    // Nothing is sent there, so no fault is used up.
    register(&api, "https://app.example.com/hook", &["customer.created", "subscription.created"]).await;
    api.sandbox.inject_webhook_fault(WebhookFault::new().wrong_signature().on("subscription.created")).unwrap();
    api.new_customer("u").await;
    api.sandbox.wait_for_webhooks().await;
    let verified = |from: usize| -> Vec<bool> {
        app.received()[from..].iter().map(|request| verifies(&secret, "svix", request)).collect()
    };
    assert_eq!(verified(0), [true, false]);

    let first = api.sandbox.webhook_deliveries().remove(0).id;
    api.sandbox.inject_webhook_fault(WebhookFault::new().wrong_signature().on_delivery(&first)).unwrap();
    api.new_customer("v").await;
    api.sandbox.redeliver_webhook(&first).unwrap();
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(verified(2), [true, true, false]);
}

#[tokio::test]
async fn webhook_faults_are_listed_and_removed() {
    let api = Api::start().await;
    let planned = json!({ "eventType": "payment.failed", "times": 3, "headers": "webhook", "wrongSignature": true,
        "clockSkewSecs": -301, "slowBodyMs": 100, "copies": 2 });
    let sorted = |faults: Value| -> String {
        let fields: std::collections::BTreeMap<String, Value> = serde_json::from_value(faults[0].clone()).unwrap();
        format!("{fields:?}")
    };
    let listed = api.control_api("webhooks/faults", planned.clone()).await.ok();
    assert_eq!(sorted(listed), sorted(json!([planned])));
    let listed = send(api.outside(Method::GET, "/_sandbox/webhooks/faults")).await.ok();
    assert_eq!(sorted(listed), sorted(json!([planned])));
    assert_eq!(send(api.outside(Method::DELETE, "/_sandbox/webhooks/faults")).await.ok(), json!([]));

    api.sandbox.inject_webhook_fault(WebhookFault::new().held()).unwrap();
    api.sandbox.clear_webhook_faults();
    assert!(api.sandbox.webhook_faults().is_empty());
    api.sandbox.inject_webhook_fault(WebhookFault::new().held()).unwrap();
    api.sandbox.reset();
    assert!(api.sandbox.webhook_faults().is_empty());
}

#[tokio::test]
async fn webhook_faults_that_make_no_sense_are_refused() {
    let api = Api::start().await;
    for (fault, reason) in [
        (json!({}), "must be given"),
        (json!({ "times": 2 }), "must be given"),
        (json!({ "atOnce": true }), "must be given"),
        (json!({ "atOnce": true, "wrongSignature": true }), "goes with copies"),
        (json!({ "copies": 1 }), "from 2 to 1000"),
        (json!({ "copies": 1001 }), "from 2 to 1000"),
        (json!({ "copies": -1 }), "cannot be read"),
        (json!({ "hold": "untilReleased", "wrongSignature": true }), "no other effect"),
        (json!({ "hold": "forever" }), "forever"),
        (json!({ "headers": "none" }), "none"),
        (json!({ "slowBodyMs": 600_001 }), "at most"),
        (json!({ "wrongSignature": true, "times": 0 }), "at least 1"),
        (json!({ "delay": 1 }), "delay"),
        (json!([]), "cannot be read"),
    ] {
        let message = api.control_api("webhooks/faults", fault.clone()).await.error(400);
        assert!(message.contains(reason), "{fault}: {message}");
    }
    let nothing = api.sandbox.inject_webhook_fault(WebhookFault::new());
    assert!(matches!(nothing, Err(SandboxError::Refused { .. })));
    assert!(api.sandbox.webhook_faults().is_empty());
}

#[tokio::test]
async fn a_reset_drops_what_is_held() {
    let api = Api::of(Sandbox::builder()).await;
    let (app, url) = Receiver::start(&[]).await;
    for hold in [WebhookFault::new().held(), WebhookFault::new().out_of_order()] {
        register(&api, &url, &["customer.created"]).await;
        api.sandbox.inject_webhook_fault(hold).unwrap();
        api.new_customer("u").await;
        api.sandbox.wait_for_webhooks().await;
        api.sandbox.reset();
        assert_eq!(api.sandbox.release_webhooks(), 0);
    }
    register(&api, &url, &["customer.created"]).await;
    api.new_customer("v").await;
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(app.received().len(), 1);
}
