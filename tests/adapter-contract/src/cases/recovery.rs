//! Recovery from failures of Flowglad that pass.

use std::time::Duration;

use flowglad_core::Flowglad;
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::{
    App, Start, Upstream,
    documents::{billing, customer},
    samples::{script, working},
    upstream::{not_found, refusal},
};

const BILLING: &str = "/customers/user_42/billing";

/// What is sent again because it cannot take effect twice. The claim and the release are named in some samples only.
const IDEMPOTENT: [(&str, &str); 13] = [
    ("GET", BILLING),
    ("GET", "/customers/user_42"),
    ("GET", "/customers/user_42/usage-balances"),
    ("GET", "/pricing-models/default"),
    ("GET", "/subscriptions/sub_1"),
    ("GET", "/subscriptions/sub_ending"),
    ("GET", "/resource-claims/sub_1/usages"),
    ("GET", "/resource-claims/sub_1/usage"),
    ("GET", "/resource-claims/sub_1/claims"),
    ("PUT", "/customers/user_42"),
    ("POST", "/subscriptions/sub_1/cancel"),
    ("POST", "/subscriptions/sub_ending/uncancel"),
    ("POST", "/usage-events"),
];

/// What the API answers when something below it fails.
fn failure() -> ResponseTemplate {
    refusal(500, "INTERNAL_SERVER_ERROR", "connect ECONNREFUSED")
}

/// An action succeeds although each of its reads and idempotent changes fails once with a 500 and the API's JSON.
pub async fn every_read_and_every_idempotent_change_recovers_from_one_failure(start: Start) {
    for sample in working() {
        let app = App::start(start).await;
        for (verb, path) in IDEMPOTENT {
            app.upstream.answer_once(verb, path, failure()).await;
        }
        script(&app.upstream).await;
        let reply = app.ask(sample.action, sample.body).await;
        assert_eq!(reply.status, 200, "{}: {reply}", sample.action);
    }
}

/// A first visit succeeds if creating the customer fails once, and if it was created but the answer was lost.
pub async fn a_first_visit_survives_a_failed_or_unanswered_creation_of_the_customer(start: Start) {
    let created = ResponseTemplate::new(200).set_body_json(json!({"data": {"customer": customer("user_42")}}));
    let exists = refusal(409, "CONFLICT", "already exists");
    for (first, second) in [(failure(), created), (ResponseTemplate::new(502), exists)] {
        let app = App::start(start).await;
        app.upstream.answer_once("GET", BILLING, not_found()).await;
        app.upstream.answer_once("POST", "/customers", first).await;
        app.upstream.answer_once("POST", "/customers", second).await;
        app.upstream.answer("GET", BILLING, billing("user_42", &[])).await;
        let reply = app.ask("customers/billing", "").await;
        assert_eq!(reply.status, 200, "{reply}");
    }
}

/// A key that has worked and is refused is reported to the browser as a limited rate, one that never worked as a wrong
/// setup.
pub async fn a_refused_key_that_has_worked_is_a_rate_limit(start: Start) {
    let app = App::start(start).await;
    let refused = || ResponseTemplate::new(401).set_body_string("API key invalid.");
    app.upstream.answer_once("GET", BILLING, refused()).await;
    app.upstream.answer_once("GET", BILLING, billing("user_42", &[])).await;
    app.upstream.answer_all(refused()).await;
    let before = app.ask("customers/billing", "").await;
    assert_eq!(before.refusal(), (500, "flowglad_credentials".into()));
    assert_eq!(app.ask("customers/billing", "").await.status, 200);
    for sample in working() {
        let reply = app.ask(sample.action, sample.body).await;
        assert_eq!(reply.refusal(), (429, "rate_limited".into()), "{}", sample.action);
        assert_eq!(reply.headers.last().unwrap(), &("retry-after", "1".to_owned()), "{}", sample.action);
    }
}

/// Requests beyond the limit of requests in flight wait for their time limit, and are then refused as busy.
pub async fn more_requests_than_allowed_in_flight_are_refused_as_busy(start: Start) {
    let upstream = Upstream::start().await;
    upstream.answer_all(ResponseTemplate::new(200).set_delay(Duration::from_secs(600))).await;
    let builder = Flowglad::builder().api_key("sk_test_busy").base_url(upstream.base_url()).max_in_flight(1);
    let flowglad = builder.timeout(Duration::from_millis(200)).build().unwrap();
    let patient = flowglad.with_timeout(Duration::from_secs(600));
    let stuck = tokio::spawn(async move { patient.default_pricing_model().await.map(drop) });
    while upstream.requests().await.is_empty() {
        tokio::task::yield_now().await;
    }
    let app = App::start_before(start, flowglad).await;
    let reply = app.ask("customers/billing", "").await;
    assert_eq!(reply.refusal(), (503, "flowglad_busy".into()));
    assert_eq!(reply.headers.last().unwrap(), &("retry-after", "1".to_owned()));
    stuck.abort();
}
