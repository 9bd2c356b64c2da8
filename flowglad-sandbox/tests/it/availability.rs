//! The whole API: down, slow, over its rate limit, and up again.

use std::time::{Duration, Instant};

use flowglad_sandbox::{Availability, Fault};
use reqwest::Method;
use serde_json::json;

use crate::{Api, send};

#[tokio::test]
async fn while_the_api_is_down_nothing_runs_and_then_all_is_as_it_was() {
    let api = Api::start().await;
    api.sandbox.down();
    for _ in 0..3 {
        assert_eq!(api.new_customer_answer("u").await.status, 503);
    }
    api.sandbox.up();
    assert_eq!(api.get("/customers").await.ok()["total"], 0);
}

#[tokio::test]
async fn a_slow_api_runs_everything_late() {
    let api = Api::start().await;
    api.sandbox.slow(Duration::from_millis(60));
    let begun = Instant::now();
    api.new_customer("u").await;
    assert!(begun.elapsed() >= Duration::from_millis(60));
    api.sandbox.slow(Duration::MAX);
    assert_eq!(api.sandbox.availability(), Availability::Slow { delay_ms: 600_000 });
}

#[tokio::test]
async fn a_key_over_the_rate_limit_looks_like_an_unknown_one() {
    let api = Api::start().await;
    api.sandbox.rate_limited();
    let limited = api.get("/customers").await;
    let unknown = send(api.outside(Method::GET, "/api/v1/customers").header("authorization", "sk_test_unknown")).await;
    api.sandbox.up();
    let unknown_key =
        send(api.outside(Method::GET, "/api/v1/customers").header("authorization", "sk_test_unknown")).await;
    assert_eq!((limited.status, &limited.text), (401, &unknown_key.text));
    assert_eq!(unknown.text, unknown_key.text);
}

#[tokio::test]
async fn a_planned_fault_comes_before_an_outage() {
    let api = Api::start().await;
    api.sandbox.down();
    api.sandbox.inject_fault(Fault::status(418)).unwrap();
    assert_eq!([api.get("/customers").await.status, api.get("/customers").await.status], [418, 503]);
}

#[tokio::test]
async fn the_control_api_takes_the_api_down_and_answers_itself() {
    let api = Api::start().await;
    let shown = async || send(api.outside(Method::GET, "/_sandbox/availability")).await.ok();
    for (path, body, expected, status) in [
        ("down", json!({}), json!({ "availability": "down" }), 503),
        ("rate-limited", json!({}), json!({ "availability": "rateLimited" }), 401),
        ("slow", json!({ "delayMs": 1 }), json!({ "availability": "slow", "delayMs": 1 }), 200),
        ("up", json!({}), json!({ "availability": "up" }), 200),
    ] {
        assert_eq!(api.control_api(path, body).await.ok(), expected);
        assert_eq!(shown().await, expected);
        assert_eq!(api.get("/customers").await.status, status, "{path}");
    }
    assert!(api.control_api("slow", json!({})).await.error(400).contains("delayMs"));
}

#[tokio::test]
async fn a_reset_brings_the_api_up() {
    let api = Api::start().await;
    api.sandbox.down();
    api.sandbox.reset();
    assert_eq!(api.sandbox.availability(), Availability::Up);
}
