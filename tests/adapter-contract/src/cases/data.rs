//! The responses of actions, and the requests that they send to Flowglad.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{
    App, Start,
    documents::{billing, invoice, subscription, toggle},
    samples::{HOSTED_CHECKOUT, SAMPLES, assert_recorded, script, working},
    upstream::text,
};

/// Every action's response is as recorded, byte for byte on every adapter.
pub async fn every_action_responds_as_recorded(start: Start) {
    let app = App::start(start).await;
    script(&app.upstream).await;
    for sample in working() {
        let reply = app.ask(sample.action, sample.body).await;
        assert_recorded(&format!("reply_{}", sample.action.replace('/', "_")), &reply.to_string());
    }
    let not_for_browsers = app.ask("subscriptions/create", "{}").await;
    assert_recorded("reply_subscriptions_create", &not_for_browsers.to_string());
}

/// Every action stays within its budget of requests, in all its forms.
pub async fn every_action_stays_within_its_budget_of_requests(start: Start) {
    let app = App::start(start).await;
    for sample in SAMPLES {
        app.upstream.reset().await;
        script(&app.upstream).await;
        let reply = app.ask(sample.action, sample.body).await;
        assert_eq!(reply.status, 200, "{} {}: {reply}", sample.action, sample.body);
        let requests = app.upstream.requests().await;
        assert_eq!(requests.len(), sample.budget, "{} {}: {requests:?}", sample.action, sample.body);
    }
}

/// The requests to Flowglad are as recorded, with their bodies, for every form of every action.
pub async fn requests_to_flowglad_are_as_recorded(start: Start) {
    let app = App::start(start).await;
    let mut record = String::new();
    for sample in SAMPLES {
        app.upstream.reset().await;
        script(&app.upstream).await;
        app.ask(sample.action, sample.body).await;
        let body: Value = serde_json::from_str(sample.body).unwrap_or_default();
        let _ = writeln!(record, "{} {body}", sample.action);
        let mut requests = app.upstream.requests().await;
        // Two reads may be sent at the same time.
        requests.sort_by_key(|request| (!request.starts_with("GET"), request.clone()));
        for request in requests {
            let _ = writeln!(record, "    {request}");
        }
        for body in app.upstream.bodies().await {
            let _ = writeln!(record, "        {body}");
        }
    }
    assert_recorded("upstream_requests", &record);
}

/// Billing passes through byte for byte: 200 KB with unknown fields, formatted as no serializer would.
pub async fn billing_passes_through_byte_for_byte(start: Start) {
    let mut document = billing("user_42", &[subscription("sub_1", "user_42", &["export"])]);
    document["invented"] = (0..4000).map(|n| json!({"field": n, "text": "ünïcödé \u{2028} </script>"})).collect();
    let body = format!("{{ \"spaced\" :1.50e+1,\"esc\\u0061ped\":\"\\u00e9\\/\",{}", &document.to_string()[1..]);
    assert!(body.len() > 200_000, "{}", body.len());
    let app = App::start(start).await;
    app.upstream.answer("GET", "/customers/user_42/billing", text(body.clone())).await;
    let reply = app.ask("customers/billing", "{}").await;
    assert_eq!(reply.status, 200);
    assert!(reply.body == format!("{{\"data\":{body}}}"), "the bytes differ");
}

/// Responses to changes pass through with unknown fields and their own formatting.
pub async fn replies_to_changes_pass_through_with_unknown_fields(start: Start) {
    let app = App::start(start).await;
    script(&app.upstream).await;
    let checkout = SAMPLES.iter().find(|sample| sample.action == "checkout-sessions/create").unwrap();
    let reply = app.ask(checkout.action, checkout.body).await;
    assert_eq!(reply.body, format!(r#"{{"data":{HOSTED_CHECKOUT}}}"#));
    let reply = app.ask("subscriptions/cancel", r#"{"id":"sub_1","cancellation":{"timing":"immediately"}}"#).await;
    assert_eq!(reply.data()["new"]["field"], 1);
}

/// Past subscriptions are returned only on request; without a current one `currentSubscription` is `null`.
pub async fn past_subscriptions_are_returned_only_on_request(start: Start) {
    let app = App::start(start).await;
    let mut document = billing("user_42", &[]);
    document["subscriptions"] = json!([subscription("sub_old", "user_42", &[])]);
    app.upstream.answer("GET", "/customers/user_42/billing", document).await;
    let none = json!({"subscriptions": [], "currentSubscriptions": [], "currentSubscription": null});
    assert_eq!(app.ask("subscriptions/list", "{}").await.data(), none);
    assert_eq!(app.ask("subscriptions/list", r#"{"includeHistorical":false}"#).await.data(), none);
    let all = app.ask("subscriptions/list", r#"{"includeHistorical":true}"#).await.data();
    assert_eq!(all["subscriptions"][0]["id"], "sub_old");
}

/// Of each feature slug the first one of the current subscriptions is returned, wherever the API puts the features.
pub async fn features_are_the_first_of_each_slug_over_the_current_subscriptions(start: Start) {
    let mut again = toggle("export");
    again["id"] = "sub_feature_again".into();
    let mut credits = toggle("credits");
    credits["type"] = "usage_credit_grant".into();
    let mut second = subscription("sub_2", "user_42", &[]);
    second["featureItems"] = json!([toggle("support"), again, credits]);
    let app = App::start(start).await;
    let current = [subscription("sub_1", "user_42", &["export"]), second];
    app.upstream.answer("GET", "/customers/user_42/billing", billing("user_42", &current)).await;
    let ids = async |body: &str| -> Vec<String> {
        let data = app.ask("features/access", body).await.data();
        let features = data["features"].as_array().unwrap();
        features.iter().map(|feature| feature["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("{}").await, ["sub_feature_export", "sub_feature_support"]);
    assert_eq!(ids(r#"{"subscriptionId":"sub_2"}"#).await, ["sub_feature_support", "sub_feature_again"]);
    assert!(ids(r#"{"subscriptionId":"sub_old"}"#).await.is_empty());
}

/// Lists are paginated as requested, and a start that is not in the list is refused.
pub async fn lists_are_paginated_as_requested(start: Start) {
    let app = App::start(start).await;
    let mut document = billing("user_42", &[]);
    document["invoices"] = json!([invoice("1"), invoice("2"), invoice("3")]);
    let purchase = |id: &str| json!({"id": id, "status": "paid"});
    document["purchases"] = json!([purchase("1"), purchase("2"), purchase("3")]);
    app.upstream.answer("GET", "/customers/user_42/billing", document).await;
    for (list, id_of) in [("invoices", "/invoice/id"), ("purchases", "/id")] {
        let ids = async |body: &str| -> String {
            let data = app.ask(&format!("{list}/list"), body).await.data();
            let records = data[list].as_array().unwrap();
            records.iter().map(|record| record.pointer(id_of).unwrap().as_str().unwrap()).collect()
        };
        assert_eq!(ids("{}").await, "123");
        assert_eq!(ids(r#"{"limit":2}"#).await, "12");
        assert_eq!(ids(r#"{"limit":0}"#).await, "");
        assert_eq!(ids(r#"{"limit":99.0}"#).await, "123");
        assert_eq!(ids(r#"{"startingAfter":"1"}"#).await, "23");
        assert_eq!(ids(r#"{"startingAfter":"1","limit":1}"#).await, "2");
        assert_eq!(ids(r#"{"startingAfter":"3"}"#).await, "");
        let unknown = app.ask(&format!("{list}/list"), r#"{"startingAfter":"9"}"#).await;
        assert_eq!(unknown.refusal(), (400, "validation_error".into()));
        assert_eq!(unknown.json()["error"]["json"]["issues"][0]["path"], json!(["startingAfter"]));
    }
}

/// The unpublished hooks in the repository of `@flowglad/react` find the fields and types that they read.
pub async fn unpublished_hooks_find_the_fields_that_they_read(start: Start) {
    let app = App::start(start).await;
    script(&app.upstream).await;
    let data = async |action: &str| app.ask(action, "{}").await.data();

    for feature in data("features/access").await["features"].as_array().unwrap() {
        assert!(feature["id"].is_string() && feature["slug"].is_string() && feature["name"].is_string());
        assert!(feature["livemode"].is_boolean());
        assert_eq!(feature.as_object().unwrap().len(), 4);
    }
    assert!(data("invoices/list").await["invoices"].is_array());
    assert!(data("purchases/list").await["purchases"].is_array());
    let methods = data("payment-methods/list").await;
    assert!(methods["paymentMethods"].is_array() && methods["billingPortalUrl"].is_string());
    let subscriptions = data("subscriptions/list").await;
    assert!(subscriptions["subscriptions"].is_array() && subscriptions["currentSubscriptions"].is_array());
    assert!(subscriptions["currentSubscription"].is_object());
    let customer = &data("customerDetails").await["customer"];
    assert!(["id", "email", "name", "externalId"].iter().all(|field| customer[*field].is_string()));
    assert!(customer["livemode"].is_boolean());
    assert_eq!(customer["createdAt"], "2026-01-01T12:00:00.000Z");
    assert_eq!(customer["updatedAt"], "2026-01-01T12:00:00.040Z");

    // On every error status they read a string and an object.
    for failed in [app.ask_as(None, "invoices/list", "").await, app.ask("purchases/list", r#"{"limit":-1}"#).await] {
        let error = failed.json()["error"].take();
        assert!(error["code"].is_string() && error["json"].is_object() && error["json"]["message"].is_string());
    }
}
