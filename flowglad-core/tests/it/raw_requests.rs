//! Requests without a typed method, and settings for single calls.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use flowglad_core::{Error, Flowglad, InvalidInput, Method, SideEffect, model::Resource};
use serde_json::{Value, json as object};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use crate::{
    ada, answer, builder, client,
    documents::{billing, pricing_model},
    every_field, json, on, seen,
    upstream::{hanging_up, refusal, text},
};

const THINGS: &str = "/brand-new-things";

/// A server that responds to every request with `answer`.
async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(matchers::any()).respond_with(answer).mount(&server).await;
    server
}

async fn send(flowglad: &Flowglad, method: Method, path: &str) -> Result<Value, Error> {
    Ok(flowglad.request(method, path).send::<Value>().await?.into_record())
}

#[tokio::test]
async fn a_raw_request_is_sent_with_the_key_and_read_as_any_record() {
    let server = MockServer::start().await;
    let raw = format!(r#"{{ "brandNew":1, {}"#, &every_field::resource().to_string()[1..]);
    answer(&server, "GET", "/resources/resource_1", text(raw.clone())).await;
    let resource = client(&server).request(Method::Get, "/resources/resource_1").send::<Resource>().await.unwrap();
    assert_eq!((resource.slug.as_str(), resource.raw().as_str()), ("seats", raw.as_str()));
    let request = server.received_requests().await.unwrap().remove(0);
    assert_eq!(request.headers["authorization"], format!("Bearer {}", crate::KEY));
    assert!(request.body.is_empty());
}

#[tokio::test]
async fn every_method_can_be_sent() {
    let methods = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];
    let server = answering(json(object!([]))).await;
    for method in methods {
        send(&client(&server), method, THINGS).await.unwrap();
    }
    assert_eq!(seen(&server).await, methods.map(|method| format!("{method} {THINGS}")));
}

#[tokio::test]
async fn a_path_stays_the_path_that_was_written() {
    let paths = [
        ("/customers/user 42/billing", "/customers/user%2042/billing"),
        ("/products?limit=1#x", "/products%3Flimit%3D1%23x"),
        ("/customers/100%25/zoë", "/customers/100%2525/zo%C3%AB"),
        ("/a.b/~c-d_e", "/a.b/~c-d_e"),
        ("/a;b=1/c&d+e:f@g", "/a%3Bb%3D1/c%26d%2Be%3Af%40g"),
        ("/%2e%2e/%2Fcustomers", "/%252e%252e/%252Fcustomers"),
    ];
    let server = answering(json(object!([]))).await;
    for (path, _) in paths {
        send(&client(&server), Method::Get, path).await.unwrap();
    }
    assert_eq!(seen(&server).await, paths.map(|(_, sent)| format!("GET {sent}")));
}

#[tokio::test]
async fn a_path_that_could_become_another_is_refused_before_any_request() {
    let server = answering(json(object!([]))).await;
    let elsewhere = [
        "",
        "/",
        "products",
        "//evil.example",
        "/a//b",
        "/a/",
        "/../customers",
        "/a/../b",
        "/a/..",
        "/./a",
        "/...",
        "/a\\b",
        "/..\\b",
        "/a\nb",
        "/a\0",
        "/ ",
        "http://evil.example/",
    ];
    for path in elsewhere {
        let refused = send(&client(&server), Method::Get, path).await;
        assert!(
            matches!(&refused, Err(Error::InvalidInput(input)) if input.field() == "path"),
            "{path:?}: {refused:?}"
        );
    }
    assert!(seen(&server).await.is_empty());
}

#[tokio::test]
async fn a_query_arrives_unchanged() {
    let query = [
        ("limit", "5"),
        ("a&b", "c&d=e"),
        ("name=x", "=&="),
        ("#", "?#/"),
        ("two words", " a b "),
        ("größe", "100% “zoë” 🦀"),
        ("+", "1+1"),
        ("empty", ""),
        ("limit", "again"),
    ];
    let server = answering(json(object!([]))).await;
    let begun = client(&server).request(Method::Get, THINGS);
    query.iter().fold(begun, |request, (name, value)| request.query(*name, *value)).send::<Value>().await.unwrap();
    let request = server.received_requests().await.unwrap().remove(0);
    let arrived: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
    assert_eq!(arrived, query.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!((request.url.path(), request.url.fragment()), ("/api/v1/brand-new-things", None));
}

#[tokio::test]
async fn a_body_is_sent_as_json() {
    let server = answering(json(object!({"thing": {"id": "thing_1"}}))).await;
    let body = object!({"thing": {"name": "Größe", "tags": [1, null]}});
    let made = client(&server).request(Method::Post, THINGS).json(&body).send::<Value>().await.unwrap();
    assert_eq!(made["thing"]["id"], "thing_1");
    let request = server.received_requests().await.unwrap().remove(0);
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.body_json::<Value>().unwrap(), body);
}

#[tokio::test]
async fn a_body_that_cannot_be_json_is_an_error_and_nothing_is_sent() {
    let server = answering(json(object!([]))).await;
    let by_pair = BTreeMap::from([((1, 2), "keys must be text")]);
    let error = client(&server).request(Method::Post, THINGS).json(&by_pair).send::<Value>().await.unwrap_err();
    assert!(matches!(error, Error::Decode { side_effect: SideEffect::None, .. }), "{error:?}");
    assert!(seen(&server).await.is_empty());
}

#[tokio::test]
async fn an_empty_response_is_read_as_null() {
    for status in [200, 204] {
        let server = answering(ResponseTemplate::new(status)).await;
        let gone = client(&server).request(Method::Delete, "/things/thing_1").send::<Option<Resource>>().await.unwrap();
        assert_eq!(gone.raw().as_str(), "null");
        assert_eq!(gone.into_record(), None);
        assert_eq!(send(&client(&server), Method::Get, THINGS).await.unwrap(), Value::Null);
        assert_eq!(seen(&server).await.len(), 2);
    }
}

#[tokio::test]
async fn only_reads_and_requests_declared_idempotent_are_retried() {
    let others = [Method::Post, Method::Put, Method::Patch, Method::Delete];
    let server = answering(ResponseTemplate::new(503)).await;
    send(&client(&server), Method::Get, THINGS).await.unwrap_err();
    assert_eq!(seen(&server).await.len(), 3);
    for method in others {
        server.reset().await;
        Mock::given(matchers::any()).respond_with(ResponseTemplate::new(503)).mount(&server).await;
        send(&client(&server), method, THINGS).await.unwrap_err();
        assert_eq!(seen(&server).await.len(), 1, "{method}");
        client(&server).request(method, THINGS).idempotent().send::<Value>().await.unwrap_err();
        assert_eq!(seen(&server).await.len(), 1 + 3, "{method}");
    }
}

#[tokio::test]
async fn every_attempt_carries_the_same_body() {
    let server = MockServer::start().await;
    on("POST", THINGS).respond_with(ResponseTemplate::new(502)).up_to_n_times(2).mount(&server).await;
    answer(&server, "POST", THINGS, json(object!({}))).await;
    let request = client(&server).request(Method::Post, THINGS).json(&object!({"key": "once"})).idempotent();
    request.send::<Value>().await.unwrap();
    let bodies = server.received_requests().await.unwrap().into_iter().map(|request| request.body);
    assert_eq!(bodies.collect::<Vec<_>>(), [br#"{"key":"once"}"#; 3]);
}

#[tokio::test]
async fn errors_name_the_method_and_not_the_path() {
    let refused = answering(refusal(404, "NOT_FOUND", "no such thing")).await;
    let unreadable = answering(text(r#"{"id": 7}"#)).await;
    let cut = hanging_up().await;
    for base_url in [refused.uri(), unreadable.uri(), cut] {
        let api = builder(&base_url).build().unwrap();
        let request = api.request(Method::Put, "/customers/user_42").query("email", "ada@example.com");
        let error = request.send::<Resource>().await.unwrap_err();
        assert!(error.to_string().starts_with("PUT request: "), "{error}");
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("user_42") && !shown.contains("ada"), "{shown}");
    }
}

/// A server that accepts requests and never responds.
async fn silence() -> MockServer {
    answering(ResponseTemplate::new(200).set_delay(Duration::from_secs(3600))).await
}

#[tokio::test]
async fn one_call_can_have_a_shorter_limit() {
    let server = silence().await;
    let hasty = client(&server).with_timeout(Duration::from_millis(50));
    let began = Instant::now();
    let errors = [
        hasty.pricing_models().default_model().await.unwrap_err(),
        hasty.customer(&ada()).billing().await.unwrap_err(),
        hasty.usage_meters().list().page().await.unwrap_err(),
        send(&hasty, Method::Post, THINGS).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::Transport { timed_out: true, .. }), "{error:?}");
    }
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn one_call_can_have_no_time_and_sends_nothing() {
    let server = silence().await;
    let error = client(&server).with_timeout(Duration::ZERO).default_pricing_model().await.unwrap_err();
    assert!(matches!(error, Error::Transport { timed_out: true, side_effect: SideEffect::None, .. }), "{error:?}");
    assert!(seen(&server).await.is_empty());
}

#[tokio::test]
async fn one_call_can_have_a_longer_limit_for_its_attempts_too() {
    let server = MockServer::start().await;
    let slow = json(object!({"pricingModel": pricing_model()})).set_delay(Duration::from_millis(100));
    answer(&server, "GET", "/pricing-models/default", slow).await;
    let limits = builder(&server.uri()).timeout(Duration::from_millis(30)).attempt_timeout(Duration::from_millis(20));
    let hasty = limits.build().unwrap();
    hasty.default_pricing_model().await.unwrap_err();
    hasty.with_timeout(Duration::from_secs(30)).default_pricing_model().await.unwrap();
}

#[tokio::test]
async fn one_call_can_have_no_retries() {
    let server = answering(ResponseTemplate::new(502)).await;
    let once = client(&server).without_retries();
    once.default_pricing_model().await.unwrap_err();
    assert_eq!(seen(&server).await.len(), 1);
    send(&once, Method::Get, THINGS).await.unwrap_err();
    once.customer(&ada()).billing().await.unwrap_err();
    assert_eq!(seen(&server).await.len(), 3);
}

/// The value of this header in every request so far.
async fn values_of(server: &MockServer, header: &str) -> Vec<Option<String>> {
    let value = |request: &wiremock::Request| Some(request.headers.get(header)?.to_str().ok()?.to_owned());
    server.received_requests().await.unwrap().iter().map(value).collect()
}

#[tokio::test]
async fn a_header_of_one_call_arrives_with_every_attempt_and_in_the_customer_scope() {
    let server = MockServer::start().await;
    let path = "/customers/user_42/billing";
    on("GET", path).respond_with(ResponseTemplate::new(503)).up_to_n_times(2).mount(&server).await;
    answer(&server, "GET", path, json(billing("user_42", &[]))).await;
    let tenant = client(&server).with_header("X-Tenant", "north").unwrap();
    tenant.customer(&ada()).billing().await.unwrap();
    assert_eq!(
        values_of(&server, "x-tenant").await,
        [Some("north".into()), Some("north".into()), Some("north".into())]
    );
}

#[tokio::test]
async fn settings_of_one_call_combine_reach_every_handle_and_leave_the_client_unchanged() {
    let server = answering(ResponseTemplate::new(502)).await;
    let plain = client(&server);
    let tenant = plain.with_header("x-tenant", "north").unwrap().with_header("x-trace", "7").unwrap();
    let tenant = tenant.with_timeout(Duration::from_secs(30)).without_retries().clone();
    let products = tenant.products();
    products.list().page().await.unwrap_err();
    send(&tenant, Method::Get, THINGS).await.unwrap_err();
    let other = tenant.with_header("X-TENANT", "south").unwrap();
    other.subscriptions().get(&"sub_1".parse().unwrap()).await.unwrap_err();
    plain.without_retries().default_pricing_model().await.unwrap_err();
    let [north, south] = ["north", "south"].map(|tenant| Some(tenant.to_owned()));
    assert_eq!(values_of(&server, "x-tenant").await, [north.clone(), north, south, None]);
    let trace = Some("7".to_owned());
    assert_eq!(values_of(&server, "x-trace").await, [trace.clone(), trace.clone(), trace, None]);
    plain.default_pricing_model().await.unwrap_err();
    assert_eq!(seen(&server).await.len(), 4 + 3, "the client itself repeats as ever");
}

#[tokio::test]
async fn a_header_is_never_logged() {
    let flowglad = builder("http://127.0.0.1:9").build().unwrap();
    let tenant = flowglad.with_header("x-proxy-password", "hidden_value").unwrap();
    let shown = [
        format!("{tenant:?}"),
        format!("{:?}", tenant.customer(&ada())),
        format!("{:?}", tenant.products()),
        format!("{:?}", tenant.products().list()),
        format!("{:?}", tenant.products().list().stream()),
        format!("{:?}", tenant.request(Method::Get, THINGS)),
    ];
    assert!(shown.iter().all(|shown| !shown.contains("hidden_value")), "{shown:?}");
}

#[tokio::test]
async fn a_header_that_the_client_writes_itself_is_refused() {
    let flowglad = builder("http://127.0.0.1:9").build().unwrap();
    for (name, value) in [("authorization", "Bearer x"), ("Content-Type", "text/plain"), ("a b", "x"), ("x", "a\r\nb")]
    {
        let refused: Result<Flowglad, InvalidInput> = flowglad.with_header(name, value);
        assert_eq!(refused.unwrap_err().field(), "header", "{name}");
    }
}
