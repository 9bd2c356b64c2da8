//! Sessions and identities.

use flowglad_core::action::Action;
use reqwest::Method;
use serde_json::json;

use crate::{
    App, ME, Reply, SESSION_HEADER, Start,
    documents::pricing_model,
    samples::{one_of_each, script, working},
};

/// Every action except pricing requires a session; without one no request is sent to Flowglad.
pub async fn every_action_except_pricing_requires_a_session(start: Start) {
    let app = App::start(start).await;
    for sample in one_of_each().filter(|sample| sample.action != Action::PricingModelsRetrieve.key()) {
        let reply = app.ask_as(None, sample.action, sample.body).await;
        assert_eq!(reply.refusal(), (401, "unauthorized".into()), "{}", sample.action);
    }
    assert!(app.upstream.requests().await.is_empty());
}

/// Anonymous callers get the default pricing model, with one request to Flowglad.
pub async fn anonymous_callers_get_the_default_pricing(start: Start) {
    let app = App::start(start).await;
    script(&app.upstream).await;
    let reply = app.ask_as(None, "pricing-models/retrieve", "").await;
    assert_eq!(reply.data(), json!({"pricingModel": pricing_model(), "source": "default"}));
    assert_eq!(app.upstream.requests().await, ["GET /pricing-models/default"]);

    for nothing in [json!({"pricingModel": null}), json!(null), json!({"pricingModel": "<html>"}), json!({})] {
        app.upstream.reset().await;
        app.upstream.answer("GET", "/pricing-models/default", &nothing).await;
        let reply = app.ask_as(None, "pricing-models/retrieve", "").await;
        assert_eq!(reply.refusal(), (502, "flowglad_unavailable".into()), "{nothing}");
    }
}

/// A session without a valid customer gets the reason, including for pricing.
pub async fn a_session_without_a_valid_customer_gets_the_reason(start: Start) {
    let app = App::start(start).await;
    for sample in one_of_each() {
        let reply = app.ask_as(Some("no-email"), sample.action, sample.body).await;
        assert_eq!(reply.refusal(), (401, "invalid_customer".into()), "{}", sample.action);
        assert!(reply.json()["error"]["message"].as_str().unwrap().contains("email is missing"));
    }
    for id in ["a/b", "a\\b", "..", "."] {
        let reply = app.ask_as(Some(id), "customers/billing", "").await;
        assert_eq!(reply.refusal(), (401, "invalid_customer".into()), "{id}");
    }
    assert!(app.upstream.requests().await.is_empty());
}

/// If the session store is down, the caller is not anonymous: the app's own response is returned, and no action runs.
pub async fn a_session_store_that_is_down_is_not_an_anonymous_caller(start: Start) {
    let app = App::start(start).await;
    script(&app.upstream).await;
    for sample in one_of_each() {
        assert_eq!(app.ask_as(Some("down"), sample.action, sample.body).await.status, 503, "{}", sample.action);
    }
    assert!(app.upstream.requests().await.is_empty());
}

/// A 403 of the app's own extractor does not mean that no user is signed in: the app's own response is returned, from
/// actions and in handlers of the app.
pub async fn a_403_of_the_apps_extractor_stays_a_403(start: Start) {
    let app = App::start(start).await;
    script(&app.upstream).await;
    for sample in one_of_each() {
        assert_eq!(app.ask_as(Some("locked"), sample.action, sample.body).await.status, 403, "{}", sample.action);
    }
    let me = app.request_to(Method::GET, ME).header(SESSION_HEADER, "locked");
    assert_eq!(Reply::to(me).await.status, 403);
    assert!(app.upstream.requests().await.is_empty());
}

/// A panic in the app's own code fails one request, and the app keeps running.
pub async fn a_panic_in_the_apps_code_is_one_failed_request(start: Start) {
    let app = App::start(start).await;
    script(&app.upstream).await;
    let reply = app.ask_as(Some("panic"), "customers/billing", "").await;
    assert_eq!(reply.refusal(), (500, "internal_error".into()));
    assert_eq!(app.ask("customers/billing", "").await.status, 200);
}

/// Identity fields of a body are overridden by the session.
pub async fn identity_fields_of_a_body_are_overridden_by_the_session(start: Start) {
    let app = App::start(start).await;
    let identity = json!({"customerExternalId": "bob", "customerId": "cust_bob", "externalId": "bob", "userId": "bob"});
    // Strict actions refuse these fields, and claims have their own `externalId`.
    let lenient = |action: &str| !STRICT.contains(&action) && !action.starts_with("resources/");
    for sample in working().filter(|sample| lenient(sample.action)) {
        app.upstream.reset().await;
        script(&app.upstream).await;
        let mut body: serde_json::Value = serde_json::from_str(sample.body).unwrap_or_else(|_| json!({}));
        for (key, value) in identity.as_object().unwrap() {
            body[key] = value.clone();
        }
        if sample.action == "customers/update" {
            body["customer"]["id"] = json!("cust_bob");
            body["customer"]["externalId"] = json!("bob");
        }
        let reply = app.ask(sample.action, &body.to_string()).await;
        assert_eq!(reply.status, 200, "{}: {reply}", sample.action);
        for request in app.upstream.received().await {
            let sent = format!("{} {}", request.url, String::from_utf8_lossy(&request.body));
            assert!(!sent.contains("bob"), "{}: {sent}", sample.action);
        }
    }
}

/// The actions that refuse unknown keys.
pub const STRICT: [&str; 8] = [
    "customerDetails",
    "subscriptions/list",
    "usage-meters/balances",
    "features/access",
    "payment-methods/list",
    "invoices/list",
    "purchases/list",
    "pricing-models/retrieve",
];
