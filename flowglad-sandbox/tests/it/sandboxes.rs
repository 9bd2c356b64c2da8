//! Sandboxes in tests: many in parallel, reproducible, and controlled by methods.

use flowglad_sandbox::{Clock, Ids, Sandbox, StartError};
use serde_json::json;

use crate::{Api, NEW_YEAR, each, send};

#[tokio::test]
async fn the_same_seed_and_clock_produce_the_same_bytes() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let api = Api::start().await;
        let mut texts = vec![api.get("/pricing-models/default").await.text];
        api.new_customer("u").await;
        api.buy("u", "pro_monthly").await;
        api.get("/customers/unknown").await.error(404);
        let port_free = api.get("/customers/u/billing").await.text.replace(api.sandbox.base_url(), "");
        texts.push(port_free);
        texts.push(api.get("/customers/unknown").await.text);
        runs.push(texts);
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test]
async fn a_reset_leaves_only_the_pricing_model_and_keeps_the_request_log() {
    let api = Api::start().await;
    let model = api.get("/pricing-models/default").await.text;
    let first = api.new_customer("u").await;
    let reset = send(api.client.post(format!("{}/_sandbox/reset", api.sandbox.base_url()))).await;
    assert_eq!(reset.status, 200);
    assert_eq!(api.get("/customers/u").await.status, 404);
    assert_eq!(api.get("/pricing-models/default").await.text, model, "seeded ids begin again");
    assert_eq!(api.new_customer("u").await, first);
    assert_eq!(api.sandbox.requests().len(), 5);
    api.sandbox.reset();
    assert_eq!(api.get("/customers/u").await.status, 404);
}

#[tokio::test]
async fn the_requests_that_came_in_can_be_read_and_forgotten() {
    let api = Api::start().await;
    api.get("/customers/a%2Fb/usage-balances?subscriptionId=x").await;
    send(api.client.get(format!("{}/api/v1/nowhere", api.sandbox.base_url()))).await;
    send(api.client.get(format!("{}/checkout/x", api.sandbox.base_url()))).await;
    let seen = api.sandbox.requests();
    assert_eq!(seen.len(), 2, "API requests only, refused ones too");
    assert_eq!(seen[0].method, "GET");
    assert_eq!(seen[0].path, "/api/v1/customers/a%2Fb/usage-balances");
    assert_eq!(seen[0].query.as_deref(), Some("subscriptionId=x"));
    let listed = send(api.client.get(format!("{}/_sandbox/requests", api.sandbox.base_url()))).await.ok();
    assert_eq!(each(&listed, "path")[1], "/api/v1/nowhere");
    api.sandbox.clear_requests();
    assert!(api.sandbox.requests().is_empty());
}

#[tokio::test]
async fn the_control_api_completes_sessions_and_says_why_not() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let session = api.checkout("u", json!({ "type": "add_payment_method" })).await.ok();
    let id = session["checkoutSession"]["id"].as_str().unwrap();
    let complete =
        |id: &str| api.client.post(format!("{}/_sandbox/checkout-sessions/{id}/complete", api.sandbox.base_url()));
    let done = send(complete(id)).await.ok();
    assert_eq!(done["checkoutSession"]["status"], "succeeded");
    assert!(send(complete(id)).await.error(409).contains("not open"));
    assert_eq!(send(complete("nope")).await.status, 404);
}

#[tokio::test]
async fn two_sandboxes_know_nothing_of_each_other() {
    let (one, other) = (Api::start().await, Api::start().await);
    one.new_customer("u").await;
    assert_eq!(other.get("/customers/u").await.status, 404);
    assert_ne!(one.sandbox.base_url(), other.sandbox.base_url());
}

#[tokio::test]
async fn the_key_follows_the_model_that_it_sets_up() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let seeded = api.get("/pricing-models/default").await.ok()["pricingModel"]["id"].clone();
    let form = json!({ "name": "Second", "isDefault": true, "features": [], "products": [], "usageMeters": [
        { "usageMeter": { "name": "Rows", "slug": "rows" } }] });
    let second = api.post("/pricing-models/setup", form).await.ok()["pricingModel"].clone();
    assert_eq!(second["defaultProduct"]["slug"], "free", "a form without a default plan gets one");
    assert_eq!(second["usageMeters"][0]["defaultPrice"]["slug"], "rows_no_charge");
    assert_eq!(api.get("/pricing-models/default").await.ok()["pricingModel"], second);
    let first = api.get(&format!("/pricing-models/{}", seeded.as_str().unwrap())).await.ok()["pricingModel"].clone();
    assert_eq!((&first["isDefault"], &first["defaultProduct"]["slug"]), (&json!(false), &json!("free")));
    assert_eq!(api.get("/customers/u").await.status, 404, "a customer of the first model");
    assert_eq!(api.new_customer("u").await["subscription"]["name"], "Free Plan Subscription");
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error_that_names_it() {
    let first = Sandbox::start().await.unwrap();
    let port: u16 = first.base_url().rsplit(':').next().unwrap().parse().unwrap();
    let error = Sandbox::builder().port(port).start().await.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on 127.0.0.1:{port}"));
    let bad_key = Sandbox::builder().api_key("two words").start().await.unwrap_err();
    assert!(matches!(bad_key, StartError::ApiKey));
}

#[tokio::test]
async fn a_stopped_or_dropped_sandbox_answers_no_more() {
    let client = crate::client();
    for drop_it in [false, true] {
        let sandbox = Sandbox::builder().clock(Clock::manual(NEW_YEAR)).ids(Ids::random()).start().await.unwrap();
        let url = format!("{}/_sandbox/requests", sandbox.base_url());
        assert!(client.get(&url).send().await.is_ok());
        if drop_it {
            drop(sandbox);
            while client.get(&url).send().await.is_ok() {
                tokio::task::yield_now().await;
            }
        } else {
            sandbox.stop().await;
            assert!(client.get(&url).send().await.is_err());
        }
    }
}

#[tokio::test]
async fn a_sandbox_does_not_print_its_key() {
    let builder = Sandbox::builder().api_key("sk_test_secret");
    assert!(!format!("{builder:?}").contains("sk_test_secret"));
    assert!(!format!("{:?}", builder.start().await.unwrap()).contains("sk_test_secret"));
}
