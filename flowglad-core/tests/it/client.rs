//! Requests as they are sent, retries, and error messages.

use std::time::Duration;

use flowglad_core::{
    Error, SideEffect,
    api::{CheckoutOptions, NewUsageEvent, PriceRef, ProductCheckout},
};
use wiremock::{MockServer, ResponseTemplate};

use crate::{
    KEY, ada, answer, builder, client,
    documents::{billing, pricing_model, subscription},
    json, on, seen,
    upstream::refusal,
};

fn checkout_by_id() -> ProductCheckout {
    let home = || "https://app.example.com/".parse().unwrap();
    ProductCheckout::new(PriceRef::Id("price_pro".parse().unwrap()), CheckoutOptions::new(home(), home()))
}

#[tokio::test]
async fn a_request_carries_the_key_and_names_crate_and_version() {
    let server = MockServer::start().await;
    answer(&server, "GET", "/pricing-models/default", json(serde_json::json!({"pricingModel": pricing_model()}))).await;
    client(&server).default_pricing_model().await.unwrap();
    let request = server.received_requests().await.unwrap().remove(0);
    assert_eq!(request.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(request.headers["user-agent"], concat!("flowglad-core/", env!("CARGO_PKG_VERSION")));
    assert_eq!(request.headers["accept"], "application/json");
}

#[tokio::test]
async fn base_url_prefix_is_kept() {
    let server = MockServer::start().await;
    let flowglad = builder(&format!("{}/billing/", server.uri())).build().unwrap();
    let _ = flowglad.default_pricing_model().await;
    assert_eq!(seen(&server).await, ["GET /billing/api/v1/pricing-models/default"]);
}

#[tokio::test]
async fn a_read_is_retried_after_a_server_failure() {
    let server = MockServer::start().await;
    let once = |status| ResponseTemplate::new(status);
    on("GET", "/customers/user_42/billing").respond_with(once(503)).up_to_n_times(1).mount(&server).await;
    on("GET", "/customers/user_42/billing").respond_with(once(500)).up_to_n_times(1).mount(&server).await;
    answer(&server, "GET", "/customers/user_42/billing", json(billing("user_42", &[]))).await;
    client(&server).customer(&ada()).billing().await.unwrap();
    assert_eq!(seen(&server).await.len(), 3);
}

#[tokio::test]
async fn a_500_with_the_apis_json_is_not_retried() {
    let server = MockServer::start().await;
    let refusal = refusal(500, "INTERNAL_SERVER_ERROR", "Default pricing model not found");
    answer(&server, "GET", "/pricing-models/default", refusal).await;
    let error = client(&server).default_pricing_model().await.unwrap_err();
    assert_eq!(error.to_string(), "pricing_models.default: Flowglad answered 500: Default pricing model not found");
    assert_eq!(error.request_id(), Some("5b1f09c2"));
    assert_eq!(seen(&server).await.len(), 1);
}

#[tokio::test]
async fn retries_can_be_switched_off_and_are_limited() {
    for (retries, expected) in [(0, 1), (2, 3)] {
        let server = MockServer::start().await;
        answer(&server, "GET", "/pricing-models/default", ResponseTemplate::new(502)).await;
        let flowglad = builder(&server.uri()).max_retries(retries).build().unwrap();
        flowglad.default_pricing_model().await.unwrap_err();
        assert_eq!(seen(&server).await.len(), expected);
    }
}

#[tokio::test]
async fn a_checkout_is_never_retried() {
    for status in [408, 429, 500, 502, 503, 504] {
        let server = MockServer::start().await;
        answer(&server, "POST", "/checkout-sessions", ResponseTemplate::new(status)).await;
        client(&server).customer(&ada()).create_checkout_session(&checkout_by_id()).await.unwrap_err();
        assert_eq!(seen(&server).await, ["POST /checkout-sessions"], "{status}");
    }
}

#[tokio::test]
async fn a_usage_event_is_retried_with_the_same_transaction_id() {
    let server = MockServer::start().await;
    let current = [subscription("sub_1", "user_42", &[])];
    answer(&server, "GET", "/customers/user_42/billing", json(billing("user_42", &current))).await;
    on("POST", "/usage-events").respond_with(ResponseTemplate::new(502)).up_to_n_times(2).mount(&server).await;
    let event =
        serde_json::json!({"id": "usage_event_1", "subscriptionId": "sub_1", "amount": 3, "transactionId": "t"});
    answer(&server, "POST", "/usage-events", json(serde_json::json!({"usageEvent": event}))).await;

    let used = NewUsageEvent::for_meter("api_calls", 3.try_into().unwrap());
    client(&server).customer(&ada()).create_usage_event(&used, None).await.unwrap();

    let sent: Vec<serde_json::Value> =
        server.received_requests().await.unwrap()[1..].iter().map(|request| request.body_json().unwrap()).collect();
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|event| *event == sent[0]), "{sent:?}");
    assert_eq!(sent[0]["usageEvent"]["transactionId"].as_str().unwrap().len(), 36);
}

#[tokio::test]
async fn a_wait_that_exceeds_the_deadline_ends_the_call_with_the_error() {
    let server = MockServer::start().await;
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "3600");
    answer(&server, "GET", "/pricing-models/default", busy).await;
    let error = client(&server).default_pricing_model().await.unwrap_err();
    assert!(
        matches!(error, Error::Api { retry_after: Some(wait), .. } if wait == Duration::from_secs(3600)),
        "{error:?}"
    );
    assert_eq!(seen(&server).await.len(), 1);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let server = MockServer::start().await;
    let elsewhere = ResponseTemplate::new(302).insert_header("location", format!("{}/evil", server.uri()));
    answer(&server, "GET", "/pricing-models/default", elsewhere).await;
    let error = client(&server).default_pricing_model().await.unwrap_err();
    assert!(error.to_string().ends_with("a redirect, which is not followed; check the base URL"), "{error}");
    assert_eq!(seen(&server).await.len(), 1);
}

/// An upstream that never responds, and a client whose total limit is far shorter than its attempt limit.
async fn silence() -> (MockServer, flowglad_core::Flowglad) {
    let server = MockServer::start().await;
    let silent = ResponseTemplate::new(200).set_delay(Duration::from_secs(3600));
    wiremock::Mock::given(wiremock::matchers::any()).respond_with(silent).mount(&server).await;
    let flowglad = builder(&server.uri()).timeout(Duration::from_secs(1)).build().unwrap();
    (server, flowglad)
}

#[tokio::test]
async fn a_silent_api_ends_the_call_in_time() {
    let (_server, flowglad) = silence().await;
    let began = std::time::Instant::now();
    let error = flowglad.default_pricing_model().await.unwrap_err();
    assert!(matches!(error, Error::Transport { timed_out: true, side_effect: SideEffect::None, .. }), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_change_without_a_response_may_have_taken_effect() {
    let (server, flowglad) = silence().await;
    let error = flowglad.customer(&ada()).create_checkout_session(&checkout_by_id()).await.unwrap_err();
    assert!(matches!(error, Error::Transport { timed_out: true, side_effect: SideEffect::Possible, .. }), "{error:?}");
    assert_eq!(seen(&server).await.len(), 1);
}

#[tokio::test]
async fn a_hung_attempt_of_a_read_does_not_use_up_the_call() {
    let server = MockServer::start().await;
    let hung = ResponseTemplate::new(200).set_delay(Duration::from_secs(3600));
    on("GET", "/pricing-models/default").respond_with(hung).up_to_n_times(1).mount(&server).await;
    answer(&server, "GET", "/pricing-models/default", json(serde_json::json!({"pricingModel": pricing_model()}))).await;
    let flowglad = builder(&server.uri()).attempt_timeout(Duration::from_millis(700)).build().unwrap();
    flowglad.default_pricing_model().await.unwrap();
    assert_eq!(seen(&server).await.len(), 2);
}

#[tokio::test]
async fn absurd_waits_and_limits_do_not_overflow() {
    let server = MockServer::start().await;
    let never = ResponseTemplate::new(503).insert_header("retry-after", "18446744073709551615");
    answer(&server, "GET", "/pricing-models/default", never).await;
    let limits = builder(&server.uri()).timeout(Duration::MAX).attempt_timeout(Duration::MAX);
    let error = limits.build().unwrap().default_pricing_model().await.unwrap_err();
    assert!(matches!(error, Error::Api { status: 503, .. }), "{error:?}");
}

/// A reserved port that refuses connections until the socket listens.
fn refusing_port() -> (tokio::net::TcpSocket, String) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let base_url = format!("http://{}", socket.local_addr().unwrap());
    (socket, base_url)
}

#[tokio::test]
async fn a_change_is_retried_if_the_connection_was_refused() {
    let (socket, base_url) = refusing_port();
    let flowglad = builder(&base_url).max_retries(1000).build().unwrap();
    let call = tokio::spawn(async move { flowglad.customer(&ada()).create_checkout_session(&checkout_by_id()).await });
    let listener = socket.listen(16).unwrap().into_std().unwrap();
    let server = MockServer::builder().listener(listener).start().await;
    answer(&server, "POST", "/checkout-sessions", ResponseTemplate::new(422)).await;
    assert!(matches!(call.await.unwrap(), Err(Error::Api { status: 422, .. } | Error::Api { status: 404, .. })));
    assert_eq!(seen(&server).await, ["POST /checkout-sessions"]);
}

#[tokio::test]
async fn a_refused_connection_has_no_side_effect() {
    let (_socket, base_url) = refusing_port();
    let flowglad = builder(&base_url).build().unwrap();
    let error = flowglad.customer(&ada()).create_checkout_session(&checkout_by_id()).await.unwrap_err();
    assert!(matches!(error, Error::Transport { timed_out: false, side_effect: SideEffect::None, .. }), "{error:?}");
}
