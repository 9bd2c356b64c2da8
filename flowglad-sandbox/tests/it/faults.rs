//! Injected faults.

use std::time::{Duration, Instant};

use flowglad_sandbox::{Fault, SandboxError};
use reqwest::Method;
use serde_json::json;

use crate::{Api, send};

#[tokio::test]
async fn a_status_comes_as_often_as_planned_and_runs_nothing() {
    let api = Api::start().await;
    let fault = Fault::status(503).body(json!({ "error": "busy" })).times(2).on("POST", "/api/v1/customers");
    api.sandbox.inject_fault(fault).unwrap();
    assert_eq!(api.get("/customers").await.status, 200, "another method");
    for _ in 0..2 {
        let answer = api.new_customer_answer("u").await;
        assert_eq!(answer.status, 503);
        assert_eq!(answer.body, json!({ "error": "busy" }));
    }
    assert_eq!(api.new_customer_answer("u").await.status, 200);
    assert!(api.sandbox.faults().is_empty());
    let statuses: Vec<Option<u16>> = api.sandbox.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(200), Some(503), Some(503), Some(200)]);
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_the_operation() {
    let api = Api::start().await;
    api.sandbox.inject_fault(Fault::cut_before()).unwrap();
    let cut = api.request(Method::GET, "/customers").send().await;
    assert!(match cut {
        Err(_) => true,
        Ok(response) => response.bytes().await.is_err(),
    });
    api.sandbox.inject_fault(Fault::cut_after()).unwrap();
    let customer = json!({ "customer": { "email": "a@example.com", "name": "A", "externalId": "u" } });
    let cut = api.request(Method::POST, "/customers").json(&customer).send().await;
    assert!(match cut {
        Err(_) => true,
        Ok(response) => response.bytes().await.is_err(),
    });
    assert_eq!(api.get("/customers/u").await.status, 200, "the customer was made all the same");
}

#[tokio::test]
async fn what_is_answered_with_an_error_after_running_is_done_all_the_same() {
    let api = Api::start().await;
    let denied = json!({ "method": "POST", "path": "/api/v1/customers", "status": 500, "afterRunning": true });
    api.control_api("faults", denied).await.ok();
    assert_eq!(api.new_customer_answer("u").await.status, 500);
    assert_eq!(api.get("/customers/u").await.status, 200);
    api.sandbox.inject_fault(Fault::status(500)).unwrap();
    assert_eq!(api.new_customer_answer("v").await.status, 500);
    assert_eq!(api.get("/customers/v").await.status, 404, "without it nothing is run");
}

#[tokio::test]
async fn a_key_over_its_rate_limit_is_answered_as_an_unknown_one() {
    let api = Api::start().await;
    let unknown =
        send(api.client.get(format!("{}/api/v1/customers", api.sandbox.base_url())).bearer_auth("sk_x")).await;
    let limited = json!({ "times": 2, "rateLimited": true });
    assert_eq!(api.control_api("faults", limited.clone()).await.ok(), json!([limited]));
    for answer in [api.get("/customers").await, api.new_customer_answer("u").await] {
        assert_eq!((answer.status, &answer.text), (401, &unknown.text));
        let names = |reply: &crate::Reply| reply.headers.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&answer), names(&unknown));
    }
    assert_eq!(api.get("/customers/u").await.status, 404, "nothing was run");
    api.sandbox.inject_fault(Fault::rate_limited()).unwrap();
    assert_eq!(api.get("/customers").await.status, 401);
}

#[tokio::test]
async fn answers_come_late_or_as_broken_json() {
    let api = Api::start().await;
    api.sandbox.inject_fault(Fault::delay(Duration::from_millis(30))).unwrap();
    let asked = Instant::now();
    assert_eq!(api.get("/customers").await.status, 200);
    assert!(asked.elapsed() >= Duration::from_millis(30));
    api.sandbox.inject_fault(Fault::wrong_json()).unwrap();
    let broken = api.get("/customers").await;
    assert_eq!((broken.status, broken.headers["content-type"].to_str().unwrap()), (200, "application/json"));
    assert!(serde_json::from_str::<serde_json::Value>(&broken.text).is_err());
}

#[tokio::test]
async fn faults_are_added_listed_and_removed_by_the_control_api() {
    let api = Api::start().await;
    let planned = json!({ "path": "/api/v1/customers*", "times": 5, "status": 418, "body": "teapot" });
    assert_eq!(api.control_api("faults", planned.clone()).await.ok(), json!([planned]));
    assert_eq!(api.get("/customers/u/billing").await.text, "teapot");
    assert_eq!(api.get("/pricing-models/default").await.status, 200);
    let listed = send(api.outside(Method::GET, "/_sandbox/faults")).await.ok();
    assert_eq!(listed[0]["times"], 4);
    assert_eq!(send(api.outside(Method::DELETE, "/_sandbox/faults")).await.ok(), json!([]));
    assert_eq!(api.get("/customers").await.status, 200);
}

#[tokio::test]
async fn faults_that_make_no_sense_are_refused() {
    let api = Api::start().await;
    for (fault, reason) in [
        (json!({}), "must be given"),
        (json!({ "status": 99 }), "from 200 to 599"),
        (json!({ "status": 700_000 }), "cannot be read"),
        (json!({ "status": 500, "cut": "after" }), "only one of"),
        (json!({ "cut": "sideways" }), "sideways"),
        (json!({ "wrongJson": true, "body": 1 }), "goes with a status"),
        (json!({ "rateLimited": true, "status": 500 }), "only one of"),
        (json!({ "rateLimited": true, "afterRunning": true }), "goes with a status"),
        (json!({ "status": 500, "times": 0 }), "at least 1"),
        (json!({ "status": 500, "times": -1 }), "cannot be read"),
        (json!({ "delayMs": 86_400_000 }), "at most"),
        (json!({ "stauts": 500 }), "stauts"),
        (json!([]), "cannot be read"),
    ] {
        let message = api.control_api("faults", fault.clone()).await.error(400);
        assert!(message.contains(reason), "{fault}: {message}");
    }
    assert!(matches!(api.sandbox.inject_fault(Fault::status(1)), Err(SandboxError::Refused { .. })));
    assert!(api.sandbox.faults().is_empty());
}
