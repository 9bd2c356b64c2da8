//! Tests of the request handler that need no adapter. All others are in the adapter contract.

use std::num::NonZeroUsize;

use flowglad_core::{
    action::RequestHandler,
    adapter::{ActionRequest, Identity},
};
use serde_json::json as object;
use wiremock::{MockServer, ResponseTemplate};

use crate::{
    act, answer, client,
    documents::{billing, customer, pricing_model},
    error_of, json, on, parsed, seen,
    upstream::{not_found, refusal},
};

const BILLING: &str = "/customers/user_42/billing";
const URLS: &str = r#""successUrl":"https://a.example/ok","cancelUrl":"https://a.example/no""#;

#[tokio::test]
async fn a_price_slug_that_the_customer_cannot_buy_is_not_found() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    let answer = act(&client(&server), "checkout-sessions/create", format!(r#"{{"priceSlug":"gold",{URLS}}}"#)).await;
    assert_eq!(error_of(&answer), (404, "not_found".into()));
    assert_eq!(seen(&server).await, ["GET /customers/user_42/billing"]);
}

#[tokio::test]
async fn a_checkout_for_a_customer_that_flowglad_does_not_know_creates_it_first() {
    let server = MockServer::start().await;
    let unknown = refusal(500, "INTERNAL_SERVER_ERROR", "Invalid checkoutSession: Customer not found");
    on("POST", "/checkout-sessions").respond_with(unknown).up_to_n_times(1).mount(&server).await;
    let hosted = object!({"checkoutSession": {"id": "chckt_session_1", "status": "open"}, "url": "https://pay"});
    answer(&server, "POST", "/checkout-sessions", json(hosted)).await;
    answer(&server, "GET", "/customers/user_42", not_found()).await;
    answer(&server, "POST", "/customers", json(object!({"data": {"customer": customer("user_42")}}))).await;
    let answer =
        act(&client(&server), "checkout-sessions/create", format!(r#"{{"priceId":"price_pro",{URLS}}}"#)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let expected = ["POST /checkout-sessions", "GET /customers/user_42", "POST /customers", "POST /checkout-sessions"];
    assert_eq!(seen(&server).await, expected);
}

#[tokio::test]
async fn a_refused_checkout_of_a_known_customer_is_not_retried() {
    let server = MockServer::start().await;
    let refused = refusal(500, "INTERNAL_SERVER_ERROR", "Unwrap called on Err: X: Invalid priceId: price_1");
    answer(&server, "POST", "/checkout-sessions", refused).await;
    answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    let answer =
        act(&client(&server), "checkout-sessions/create", format!(r#"{{"priceId":"price_pro",{URLS}}}"#)).await;
    let body = parsed(&answer);
    assert_eq!(error_of(&answer), (502, "flowglad_error".into()));
    assert_eq!(body["error"]["json"]["requestId"], "5b1f09c2");
    assert_eq!(seen(&server).await, ["POST /checkout-sessions", "GET /customers/user_42"]);
}

#[tokio::test]
async fn pricing_of_a_customer_never_falls_back_to_the_default() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, ResponseTemplate::new(400)).await;
    answer(&server, "GET", "/pricing-models/default", json(object!({"pricingModel": pricing_model()}))).await;
    assert_eq!(error_of(&act(&client(&server), "pricing-models/retrieve", "").await).0, 502);
}

#[tokio::test]
async fn the_body_of_an_anonymous_caller_is_not_read_and_an_unknown_route_looks_up_no_session() {
    let server = MockServer::start().await;
    let handler = RequestHandler::new(client(&server)).with_body_limit(NonZeroUsize::new(10).unwrap());
    assert_eq!(handler.body_limit(), 10);
    let unread = async { panic!("the body of an anonymous caller was read") };
    let request = ActionRequest { method: "POST", subroute: "customers/billing", content_type: None };
    let answer = handler.handle(request, async { Ok::<_, ()>(Identity::Anonymous) }, unread).await.unwrap();
    assert_eq!(answer.status, 401);

    let unasked = async { panic!("the session was looked up") as Result<Identity, ()> };
    let request = ActionRequest { subroute: "nonsense", ..request };
    assert_eq!(handler.handle(request, unasked, async { Ok("".into()) }).await.unwrap().status, 404);
}

#[tokio::test]
async fn a_failed_session_layer_returns_its_own_response() {
    let server = MockServer::start().await;
    let request = ActionRequest { method: "POST", subroute: "pricing-models/retrieve", content_type: None };
    let broken = async { Err("session store is down") };
    let answer = RequestHandler::new(client(&server)).handle(request, broken, async { Ok("".into()) }).await;
    assert_eq!(answer, Err("session store is down"));
}

#[tokio::test]
async fn a_customer_created_by_a_concurrent_request_gets_the_checkout() {
    let server = MockServer::start().await;
    let unknown = refusal(500, "INTERNAL_SERVER_ERROR", "Invalid checkoutSession: Customer not found");
    on("POST", "/checkout-sessions").respond_with(unknown).up_to_n_times(1).mount(&server).await;
    let hosted = object!({"checkoutSession": {"id": "chckt_session_1", "status": "open"}, "url": "https://pay"});
    answer(&server, "POST", "/checkout-sessions", json(hosted)).await;
    answer(&server, "GET", "/customers/user_42", json(object!({"customer": customer("user_42")}))).await;
    let answer =
        act(&client(&server), "checkout-sessions/create", format!(r#"{{"priceId":"price_pro",{URLS}}}"#)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn a_body_with_many_problems_gets_a_short_response() {
    let server = MockServer::start().await;
    let keys: Vec<String> = (0..20_000).map(|n| format!(r#""wrong_{n}":1"#)).collect();
    let answer = act(&client(&server), "invoices/list", format!("{{{}}}", keys.join(","))).await;
    assert_eq!(error_of(&answer), (400, "validation_error".into()));
    assert!(answer.body.len() < 10_000, "{}", answer.body.len());
}

#[tokio::test]
async fn sixty_thousand_entries_of_metadata_are_refused_in_linear_time() {
    let server = MockServer::start().await;
    let entries: Vec<String> = (0..60_000).map(|n| format!(r#""key_{n}":{n}"#)).collect();
    let body = format!(r#"{{"priceId":"price_pro",{URLS},"outputMetadata":{{{}}}}}"#, entries.join(","));
    let answer = act(&client(&server), "checkout-sessions/create", body).await;
    assert_eq!(error_of(&answer), (400, "validation_error".into()));
}
