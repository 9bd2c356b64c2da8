//! Customers that Flowglad does not know yet, and data of other customers.

use serde_json::json;

use crate::{
    App, Start,
    documents::{billing, customer},
    samples::{script, working},
    upstream::{not_found, refusal, text},
};

const CUSTOMER_PATHS: [(&str, &str); 4] = [
    ("GET", "/customers/user_42"),
    ("PUT", "/customers/user_42"),
    ("GET", "/customers/user_42/billing"),
    ("GET", "/customers/user_42/usage-balances"),
];

async fn forget_the_customer(app: &App) {
    app.upstream.reset().await;
    for (verb, path) in CUSTOMER_PATHS {
        app.upstream.answer_once(verb, path, not_found()).await;
    }
    let unknown = refusal(500, "INTERNAL_SERVER_ERROR", "Invalid checkoutSession: Customer not found");
    app.upstream.answer_once("POST", "/checkout-sessions", unknown).await;
}

/// Whether an action requires a subscription, which a new customer does not have.
fn needs_a_subscription(body: &str) -> bool {
    body.contains("sub_")
}

/// An unknown customer is created once, with the session's name and email, and the action continues.
pub async fn an_unknown_customer_is_created_once(start: Start) {
    let app = App::start(start).await;
    for sample in working().filter(|sample| !needs_a_subscription(sample.body)) {
        forget_the_customer(&app).await;
        app.upstream.answer_once("POST", "/customers", json!({"data": {"customer": customer("user_42")}})).await;
        script(&app.upstream).await;
        let reply = app.ask(sample.action, sample.body).await;
        assert_eq!(reply.status, 200, "{}: {reply}", sample.action);
        let requests = app.upstream.requests().await;
        let created = requests.iter().filter(|request| *request == "POST /customers").count();
        assert_eq!(created, 1, "{}: {requests:?}", sample.action);
        let bodies = app.upstream.bodies().await;
        let expected = json!({"customer": {"email": "ada@example.com", "name": "Ada", "externalId": "user_42"}});
        assert!(bodies.contains(&expected), "{}: {bodies:?}", sample.action);
    }
}

/// A customer created by a concurrent request is found, and the action succeeds.
pub async fn a_customer_created_by_another_request_is_found(start: Start) {
    let app = App::start(start).await;
    for sample in working().filter(|sample| !needs_a_subscription(sample.body)) {
        forget_the_customer(&app).await;
        app.upstream.answer_once("POST", "/customers", refusal(409, "CONFLICT", "already exists")).await;
        script(&app.upstream).await;
        let reply = app.ask(sample.action, sample.body).await;
        assert_eq!(reply.status, 200, "{}: {reply}", sample.action);
    }
}

/// Data of another customer is never returned, even if the API returns it.
pub async fn data_of_another_customer_is_never_returned(start: Start) {
    let app = App::start(start).await;
    for sample in working() {
        app.upstream.reset().await;
        app.upstream.answer("GET", "/customers/user_42/billing", billing("bob", &[])).await;
        app.upstream.answer("GET", "/customers/user_42", json!({"customer": customer("bob")})).await;
        app.upstream.answer("PUT", "/customers/user_42", json!({"customer": customer("bob")})).await;
        app.upstream.answer_all(refusal(500, "INTERNAL_SERVER_ERROR", "no")).await;
        let reply = app.ask(sample.action, sample.body).await;
        assert!(matches!(reply.status, 502 | 404), "{}: {reply}", sample.action);
        assert!(!String::from_utf8_lossy(&reply.body).contains("bob"), "{}: {reply}", sample.action);
    }
}

/// A response that names its owner twice, or in a list, is never returned: readers of JSON differ on whose it is.
pub async fn data_of_a_doubtful_owner_is_never_returned(start: Start) {
    let app = App::start(start).await;
    let (ours, foreign) = (customer("user_42").to_string(), customer("bob").to_string());
    let external_ids = r#"{"id":"cust_user_42","externalId":"bob","externalId":"user_42"}"#;
    for owner in [
        format!(r#""customer":{foreign},"customer":{ours}"#),
        format!(r#""customer":{ours},"customer":{foreign}"#),
        format!(r#""customer":{foreign},"\u0063ustomer":{ours}"#),
        format!(r#""customer":{external_ids}"#),
        r#""customer":["user_42","bob"]"#.to_owned(),
    ] {
        let body = text(format!("{{{owner}}}"));
        for sample in working() {
            app.upstream.reset().await;
            app.upstream.answer("GET", "/customers/user_42/billing", body.clone()).await;
            app.upstream.answer("GET", "/customers/user_42", body.clone()).await;
            app.upstream.answer("PUT", "/customers/user_42", body.clone()).await;
            app.upstream.answer_all(refusal(500, "INTERNAL_SERVER_ERROR", "no")).await;
            let reply = app.ask(sample.action, sample.body).await;
            assert!(matches!(reply.status, 502 | 404), "{} {owner}: {reply}", sample.action);
            assert!(!String::from_utf8_lossy(&reply.body).contains("bob"), "{} {owner}: {reply}", sample.action);
        }
    }
}
