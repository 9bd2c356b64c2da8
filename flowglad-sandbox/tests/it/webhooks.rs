//! Deliveries of events to an app's server, and their signatures.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowglad_sandbox::{DeliveryState, Sandbox};
use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    Api, each, text,
    webhook_receiver::{Receiver, impatient, parsed, register, signature},
};

const ALL: [&str; 6] = [
    "customer.created",
    "purchase.completed",
    "payment.failed",
    "payment.succeeded",
    "subscription.created",
    "subscription.canceled",
];

fn event_types(api: &Api) -> Vec<String> {
    api.sandbox.webhook_deliveries().into_iter().map(|delivery| delivery.event_type).collect()
}

#[tokio::test]
async fn the_secret_is_shown_once_and_changes_are_kept() {
    let api = Api::start().await;
    let made = register(&api, "https://app.example.com/hook", &["payment.failed", "customer.updated"]).await;
    let secret = text(&made["secret"]);
    assert_eq!(STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap().len(), 24);
    assert_eq!(made["webhook"]["active"], true);
    let path = format!("/webhooks/{}", text(&made["webhook"]["id"]));
    assert_eq!(api.get(&path).await.ok(), json!({ "webhook": made["webhook"] }));

    let wanted =
        json!({ "id": made["webhook"]["id"], "url": "http://localhost:1/x", "filterTypes": [], "active": false });
    let changed = api.put(&path, json!({ "webhook": wanted })).await.ok();
    assert_eq!(changed["webhook"]["url"], "http://localhost:1/x");
    assert_eq!(changed["webhook"]["name"], "App");
    assert_eq!((&changed["webhook"]["active"], &changed["webhook"]["filterTypes"]), (&json!(false), &json!([])));
    assert!(!changed.to_string().contains(&secret));
}

#[tokio::test]
async fn what_is_no_webhook_is_refused() {
    let api = Api::start().await;
    let bad = json!({ "webhook": { "name": 1, "url": "not an address", "filterTypes": ["invoice.paid"] } });
    let issues = api.post("/webhooks", bad).await;
    assert_eq!(issues.status, 400);
    let paths: Vec<String> = each(&issues.body["error"], "path").iter().map(ToString::to_string).collect();
    assert_eq!(
        paths,
        [
            r#"["webhook","filterTypes",0]"#,
            r#"["webhook","url"]"#,
            r#"["webhook","name"]"#,
            r#"["webhook","pricingModelId"]"#
        ]
    );
    let foreign = json!({ "name": "x", "url": "http://127.0.0.1:1", "filterTypes": [], "pricingModelId": "nope" });
    assert!(api.post("/webhooks", json!({ "webhook": foreign })).await.error(500).contains("nope"));
    assert!(api.get("/webhooks/nope").await.error(500).contains("No webhooks found with id: nope"));
    assert!(api.get("/webhooks").await.error(404).contains("No procedure found"));
}

#[tokio::test]
async fn a_delivery_is_signed_and_names_its_customer() {
    let api = Api::start().await;
    let (app, url) = Receiver::start(&[]).await;
    let secret = text(&register(&api, &url, &["customer.created"]).await["secret"]);
    let customer = api.new_customer("user_42").await["customer"].clone();
    api.sandbox.wait_for_webhooks().await;

    let received = app.received();
    assert_eq!(received.len(), 1);
    let (headers, body) = &received[0];
    assert_eq!(
        parsed(body),
        json!({ "object": "customer", "id": customer["id"], "pricingModelId": customer["pricingModelId"],
            "customer": { "id": customer["id"], "externalId": "user_42" } })
    );
    let header = |name: &str| headers[name].to_str().unwrap();
    assert_eq!(header("content-type"), "application/json");
    assert!(header("svix-id").starts_with("msg_"));
    let signature = signature(&secret, header("svix-id"), header("svix-timestamp"), body);
    assert_eq!(header("svix-signature"), signature);

    let logged = crate::send(api.outside(reqwest::Method::GET, "/_sandbox/webhooks/deliveries")).await.ok();
    assert_eq!(logged[0]["state"], "delivered");
    assert_eq!(logged[0]["eventType"], "customer.created");
    assert_eq!(logged[0]["body"], *body);
    assert_eq!(logged[0]["attempts"][0]["status"], 200);
    assert_eq!(logged[0]["attempts"][0]["headers"]["svix-id"], header("svix-id"));
    assert!(!logged.to_string().contains(&secret));
}

#[tokio::test]
async fn events_come_in_the_order_in_which_things_happen() {
    let api = Api::start().await;
    let (app, url) = Receiver::start(&[]).await;
    register(&api, &url, &ALL).await;
    api.new_customer("u").await;
    api.buy("u", "pro_monthly").await;
    api.buy("u", "credit_pack_500").await;
    let cancel = json!({ "cancellation": { "timing": "immediately" } });
    let subscription = api.current("u").await;
    api.post(&format!("/subscriptions/{subscription}/cancel"), cancel.clone()).await.ok();
    api.post(&format!("/subscriptions/{subscription}/cancel"), cancel).await.ok();
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(
        event_types(&api),
        [
            "customer.created",
            "subscription.created",
            "subscription.created",
            "purchase.completed",
            "payment.succeeded",
            "purchase.completed",
            "payment.succeeded",
            "subscription.canceled",
            "subscription.created",
        ]
    );
    assert_eq!(
        app.objects(),
        [
            "customer",
            "subscription",
            "subscription",
            "purchase",
            "payment",
            "purchase",
            "payment",
            "subscription",
            "subscription"
        ]
    );
}

#[tokio::test]
async fn a_refused_change_delivers_nothing() {
    let api = Api::start().await;
    let (app, url) = Receiver::start(&[]).await;
    register(&api, &url, &ALL).await;
    api.new_customer("u").await;
    api.new_customer_answer("u").await.error(409);
    api.sandbox.subscribe("u", "pro_monthly").unwrap();
    assert!(api.sandbox.subscribe("u", "pro_monthly").is_err());
    assert!(api.sandbox.subscribe("another", "no_such_price").is_err());
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(app.received().len(), 5);
}

#[tokio::test]
async fn what_fails_is_tried_again_under_the_same_id_and_holds_up_what_follows() {
    let api = impatient(3).await;
    let (app, url) = Receiver::start(&[500, 302]).await;
    register(&api, &url, &["customer.created", "subscription.created"]).await;
    api.new_customer("u").await;
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(app.objects(), ["customer", "customer", "customer", "subscription"]);
    let received = app.received();
    assert_eq!(received[0].0["svix-id"], received[2].0["svix-id"]);
    assert_ne!(received[0].0["svix-id"], received[3].0["svix-id"]);
    let deliveries = api.sandbox.webhook_deliveries();
    let statuses: Vec<Option<u16>> = deliveries[0].attempts.iter().map(|attempt| attempt.status).collect();
    assert_eq!(statuses, [Some(500), Some(302), Some(200)]);
}

#[tokio::test]
async fn after_the_last_attempt_a_delivery_is_given_up() {
    let api = impatient(1).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    register(&api, &url, &["customer.created"]).await;
    api.new_customer("u").await;
    api.sandbox.wait_for_webhooks().await;
    let delivery = api.sandbox.webhook_deliveries().remove(0);
    assert_eq!((delivery.state, delivery.attempts.len()), (DeliveryState::Failed, 2));
    assert!(delivery.attempts[0].error.is_some() && delivery.attempts[0].status.is_none());
}

#[tokio::test]
async fn a_receiver_has_ten_seconds_to_respond() {
    let api = impatient(0).await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    register(&api, &format!("http://{}/", silent.local_addr().unwrap()), &["customer.created"]).await;
    let began = tokio::time::Instant::now();
    api.sandbox.create_customer("u").unwrap();
    // The delivery waits for nothing but its time limit, so the paused time moves there.
    let connection = silent.accept().await.unwrap();
    tokio::time::pause();
    api.sandbox.wait_for_webhooks().await;
    let limit = began.elapsed();
    assert!((10..15).contains(&limit.as_secs()), "{limit:?}");
    let delivery = api.sandbox.webhook_deliveries().remove(0);
    assert_eq!((delivery.state, delivery.attempts[0].status), (DeliveryState::Failed, None));
    drop(connection);
}

#[tokio::test]
async fn other_computers_are_not_posted_to_by_chance() {
    let api = Api::start().await;
    register(&api, "http://192.0.2.1/hook", &["customer.created"]).await;
    register(&api, "https://app.example.com/hook", &["customer.created"]).await;
    api.new_customer("u").await;
    api.sandbox.wait_for_webhooks().await;
    let deliveries = api.sandbox.webhook_deliveries();
    assert!(deliveries.iter().all(|delivery| delivery.state == DeliveryState::Refused));
    let reasons: Vec<&str> = deliveries.iter().map(|delivery| delivery.attempts[0].error.as_deref().unwrap()).collect();
    assert!(reasons[0].contains("--webhooks-anywhere") && reasons[1].contains("plain http"), "{reasons:?}");
}

#[tokio::test]
async fn paused_webhooks_and_unwanted_types_get_nothing() {
    let api = Api::start().await;
    let (app, url) = Receiver::start(&[]).await;
    let made = register(&api, &url, &["customer.created"]).await;
    register(&api, &url, &["payment.succeeded"]).await;
    let path = format!("/webhooks/{}", text(&made["webhook"]["id"]));
    let mut changes = json!({ "id": "x", "url": url, "filterTypes": ["customer.created"], "active": false });
    api.put(&path, json!({ "webhook": changes })).await.ok();
    api.new_customer("paused").await;
    changes["active"] = json!(true);
    api.put(&path, json!({ "webhook": changes })).await.ok();
    api.new_customer("received").await;
    api.sandbox.wait_for_webhooks().await;
    let received: Vec<String> =
        app.received().iter().map(|(_, body)| text(&parsed(body)["customer"]["externalId"])).collect();
    assert_eq!(received, ["received"]);
}

#[tokio::test]
async fn a_reset_drops_what_waits_for_another_attempt() {
    let api = Api::of(Sandbox::builder().webhook_retries([Duration::from_secs(3600)])).await;
    let (app, url) = Receiver::start(&[500]).await;
    register(&api, &url, &["customer.created"]).await;
    api.new_customer("u").await;
    while api.sandbox.webhook_deliveries()[0].attempts.is_empty() {
        tokio::task::yield_now().await;
    }
    api.sandbox.reset();
    api.sandbox.wait_for_webhooks().await;
    assert!(api.sandbox.webhook_deliveries().is_empty());
    // With seeded ids the webhook has the same id as before. The dropped delivery must not delay it.
    register(&api, &url, &["customer.created"]).await;
    api.new_customer("v").await;
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(app.received().len(), 2);
}
