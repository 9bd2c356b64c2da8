//! Webhooks that the sandbox was given, by its builder or its control API.

use std::sync::{Arc, Mutex};

use flowglad_sandbox::{Ids, Sandbox, StartError};
use reqwest::Method;
use serde_json::json;

use crate::{
    Api, send, text,
    webhook_receiver::{Receiver, register, signature, verifies},
};

const SECRET: &str = "whsec_dHdlbnR5LWZvdXIgYnl0ZXMgb2Yga2V5";

#[tokio::test]
async fn the_webhook_of_the_start_gets_every_event_and_survives_a_reset() {
    let (receiver, url) = Receiver::start(&[]).await;
    let api = Api::of(Sandbox::builder().webhook(&url, SECRET)).await;
    for round in 1..=2 {
        api.sandbox.subscribe("u", "pro_monthly").unwrap();
        api.sandbox.wait_for_webhooks().await;
        assert_eq!(receiver.received().len(), 5 * round);
        api.sandbox.reset();
    }
    assert!(receiver.received().iter().all(|request| verifies(SECRET, "svix", request)));
}

#[tokio::test]
async fn a_restored_sandbox_has_the_webhook_of_its_own_start_once() {
    let (receiver, url) = Receiver::start(&[]).await;
    let api = Api::of(Sandbox::builder().webhook(&url, SECRET)).await;
    for snapshot in [Api::start().await.sandbox.snapshot(), api.sandbox.snapshot()] {
        api.sandbox.restore(&snapshot).unwrap();
        api.sandbox.create_customer("u").unwrap();
        api.sandbox.wait_for_webhooks().await;
    }
    assert_eq!(receiver.objects(), ["customer", "subscription", "customer", "subscription"]);
}

#[tokio::test]
async fn it_follows_the_app_to_another_pricing_model() {
    let (receiver, url) = Receiver::start(&[]).await;
    let api = Api::of(Sandbox::builder().webhook(&url, SECRET)).await;
    let model = json!({ "name": "Mine", "features": [], "products": [], "usageMeters": [] });
    api.post("/pricing-models/setup", model).await.ok();
    api.new_customer("u").await;
    api.sandbox.wait_for_webhooks().await;
    assert_eq!(receiver.objects(), ["customer", "subscription"]);
}

#[tokio::test]
async fn the_same_address_given_again_replaces_the_webhook() {
    let (receiver, url) = Receiver::start(&[]).await;
    let api = Api::start().await;
    let first = api.sandbox.send_webhooks_to(&url).unwrap();
    let second = text(&api.control_api("webhooks", json!({ "url": url })).await.ok()["secret"]);
    assert_ne!(first, second);
    api.sandbox.create_customer("u").unwrap();
    let settled = send(api.outside(Method::GET, "/_sandbox/webhooks/settled")).await.ok();
    assert_eq!(settled.as_array().unwrap().len(), 2);
    assert_eq!(receiver.received().len(), 2, "customer and subscription, once each");
    assert!(receiver.received().iter().all(|request| verifies(&second, "svix", request)));
}

#[tokio::test]
async fn the_same_address_registered_twice_by_the_api_is_noticed() {
    let notices: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&notices);
    let on_notice = move |notice: &str| noted.lock().unwrap().push(notice.to_owned());
    let api = Api::of(Sandbox::builder().on_notice(on_notice)).await;
    let ids = [
        text(&register(&api, "http://127.0.0.1:9/", &[]).await["webhook"]["id"]),
        text(&register(&api, "http://127.0.0.1:9/other", &[]).await["webhook"]["id"]),
        text(&register(&api, "http://127.0.0.1:9/", &[]).await["webhook"]["id"]),
    ];
    let notices = notices.lock().unwrap();
    assert_eq!(notices.len(), 1);
    assert!(notices[0].contains(&ids[0]) && notices[0].contains(&ids[2]), "{}", notices[0]);
}

#[tokio::test]
async fn what_cannot_be_delivered_to_is_refused() {
    for (url, secret, reason) in [
        ("https://app.example.com/", SECRET, "plain http"),
        ("nonsense", SECRET, "cannot be read"),
        ("http://127.0.0.1:9/", "hunter2", "whsec_"),
        ("http://127.0.0.1:9/", "whsec_", "whsec_"),
    ] {
        let error = Sandbox::builder().webhook(url, secret).start().await.unwrap_err();
        assert!(matches!(error, StartError::Webhook { .. }) && error.to_string().contains(reason), "{error}");
    }
    let api = Api::start().await;
    assert!(api.sandbox.send_webhooks_to("https://app.example.com/").is_err());
    assert_eq!(api.control_api("webhooks", json!({ "url": "nonsense" })).await.status, 400);
}

#[tokio::test]
async fn a_kept_webhook_that_the_restored_state_has_too_exists_once_and_as_it_was_last() {
    let (receiver, url) = Receiver::start(&[]).await;
    let api = Api::of(Sandbox::builder().keep_webhooks()).await;
    let created = register(&api, "http://127.0.0.1:9/before", &["customer.created"]).await;
    let (id, first_secret) = (text(&created["webhook"]["id"]), text(&created["secret"]));
    let snapshot = api.sandbox.snapshot();
    let change = json!({ "webhook": { "id": id, "url": url, "filterTypes": ["customer.created"] } });
    api.put(&format!("/webhooks/{id}"), change).await.ok();
    let secret = api.sandbox.rotate_webhook_secret(&id).unwrap();
    api.sandbox.restore(&snapshot).unwrap();
    api.sandbox.restore(&api.sandbox.snapshot()).unwrap();
    api.sandbox.create_customer("u").unwrap();
    api.sandbox.wait_for_webhooks().await;
    let [(headers, body)] = &receiver.received()[..] else { panic!("one delivery, where the app is now") };
    let header = |name: &str| headers[name].to_str().unwrap();
    let expected =
        [secret, first_secret].map(|secret| signature(&secret, header("svix-id"), header("svix-timestamp"), body));
    assert_eq!(header("svix-signature"), expected.join(" "));
}

#[tokio::test]
async fn an_app_that_registers_again_after_a_reset_gets_another_webhook_than_the_kept_one() {
    let api = Api::of(Sandbox::builder().keep_webhooks()).await;
    let register = async |path: &str| {
        let created = register(&api, &format!("http://127.0.0.1:9/{path}"), &[]).await;
        text(&created["webhook"]["id"])
    };
    let kept = register("first").await;
    api.sandbox.reset();
    assert_ne!(register("second").await, kept, "seeded ids begin again");
    api.sandbox.restore(&api.sandbox.snapshot()).unwrap();
    assert_eq!(api.get(&format!("/webhooks/{kept}")).await.ok()["webhook"]["url"], "http://127.0.0.1:9/first");
}

#[tokio::test]
async fn a_webhook_of_the_start_is_as_it_was_given_after_each_reset() {
    for ids in [Ids::from_seed(1), Ids::random()] {
        let (receiver, url) = Receiver::start(&[]).await;
        let sandbox = Sandbox::builder().ids(ids).webhook(&url, SECRET).keep_webhooks().start().await.unwrap();
        sandbox.create_customer("u").unwrap();
        sandbox.rotate_webhook_secret(&sandbox.webhook_deliveries()[0].webhook_id).unwrap();
        sandbox.wait_for_webhooks().await;
        sandbox.reset();
        sandbox.create_customer("u").unwrap();
        sandbox.wait_for_webhooks().await;
        let requests = receiver.received();
        assert_eq!(requests.len(), 4);
        assert!(requests[2..].iter().all(|request| verifies(SECRET, "svix", request)));
    }
}

#[tokio::test]
async fn each_request_is_passed_on_with_its_response() {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&seen);
    let builder = Sandbox::builder().on_request(move |request| {
        log.lock().unwrap().push(format!("{} {} {:?}", request.method, request.path, request.status));
    });
    let api = Api::of(builder).await;
    api.get("/customers/nope").await;
    api.new_customer("u").await;
    let expected = ["GET /api/v1/customers/nope Some(404)", "POST /api/v1/customers Some(200)"];
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn what_the_app_has_registered_survives_a_reset_where_it_is_kept() {
    let (receiver, url) = Receiver::start(&[]).await;
    let api = Api::of(Sandbox::builder().keep_webhooks()).await;
    let secret = text(&register(&api, &url, &["customer.created"]).await["secret"]);
    for round in 1..=2 {
        api.sandbox.create_customer("u").unwrap();
        api.sandbox.wait_for_webhooks().await;
        assert_eq!(receiver.objects().len(), round);
        api.sandbox.reset();
    }
    assert!(receiver.received().iter().all(|request| verifies(&secret, "svix", request)));
    // Without that, a reset makes the app deaf, as a new account of Flowglad's would.
    let other = Api::start().await;
    register(&other, &url, &["customer.created"]).await;
    other.sandbox.reset();
    other.sandbox.create_customer("u").unwrap();
    assert!(other.sandbox.webhook_deliveries().is_empty());
}
