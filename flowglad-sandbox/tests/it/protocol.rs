//! What the API answers before an operation is run: keys, paths, methods, content types and headers.

use std::io::{Read as _, Write as _};

use flowglad_sandbox::{ErrorMode, Sandbox};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Api, Reply, send};

async fn with_key(api: &Api, key: &str) -> Reply {
    let url = format!("{}/api/v1/customers/unknown", api.sandbox.base_url());
    send(api.client.get(url).header("authorization", key)).await
}

#[tokio::test]
async fn the_key_may_come_bare_or_as_bearer_with_one_space() {
    let api = Api::start().await;
    for key in ["sk_test_sandbox", "Bearer sk_test_sandbox", " sk_test_sandbox "] {
        assert_eq!(with_key(&api, key).await.status, 404, "{key}");
    }
    for key in ["Bearer", "Bearer  sk_test_sandbox", "Bearer sk_test_sandbox x"] {
        let answer = with_key(&api, key).await;
        assert!(answer.text.starts_with("API key invalid. "), "{key}: {}", answer.text);
    }
}

#[tokio::test]
async fn another_spelling_of_bearer_passes_the_door_and_fails_later() {
    let api = Api::start().await;
    for key in ["bearer sk_test_sandbox", "BEARER sk_test_sandbox"] {
        assert_eq!(with_key(&api, key).await.error(500), "No unkey metadata provided");
    }
    let intended = Api::of(Sandbox::builder().errors(ErrorMode::Intended)).await;
    assert_eq!(with_key(&intended, "bearer sk_test_sandbox").await.status, 404);
}

#[tokio::test]
async fn an_escaped_slash_separates_the_parts_of_a_path() {
    let api = Api::start().await;
    api.new_customer("team").await;
    api.new_customer("team/7").await;
    assert_eq!(api.get("/customers/team%2F7").await.text, "Not Found", "it can be made and never read");
    let billing = api.get("/customers/team%2Fbilling").await.ok();
    assert_eq!(billing["customer"]["externalId"], "team");
    let twice = api.get("/customers/team%252F7").await.error(404);
    assert_eq!(twice, "Customer with externalId team%2F7 not found");
}

#[tokio::test]
async fn a_malformed_escape_is_a_page_and_unclean_paths_are_redirected() {
    let api = Api::start().await;
    for path in ["/api/v1/customers/%", "/api/v1/customers/a%zz", "/api/v1/customers/%ff"] {
        let answer = raw(&api, "GET", path).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{path}: {answer}");
        assert!(answer.contains("content-type: text/html"), "{path}: {answer}");
    }
    for (path, target) in [
        ("/api/v1/", "/api/v1"),
        ("/api/v1/customers/", "/api/v1/customers"),
        ("/api/v1//customers?limit=1", "/api/v1/customers?limit=1"),
        ("/api/v1/customers/../products", "/api/v1/products"),
    ] {
        let answer = raw(&api, "PUT", path).await;
        assert!(answer.starts_with("HTTP/1.1 308"), "{path}: {answer}");
        assert!(answer.contains(&format!("location: {target}\r\n")), "{path}: {answer}");
    }
    let bare = raw(&api, "GET", "/api/v1").await;
    assert!(bare.starts_with("HTTP/1.1 307") && bare.contains("/sign-in"), "{bare}");
}

/// The answer to a request whose path is sent as it is: clients clean paths before they send them.
async fn raw(api: &Api, method: &str, path: &str) -> String {
    let address = api.sandbox.base_url().trim_start_matches("http://").to_owned();
    let request = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    let exchange = move || {
        let mut connection = std::net::TcpStream::connect(address).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        answer
    };
    tokio::task::spawn_blocking(exchange).await.unwrap()
}

#[tokio::test]
async fn methods_that_no_pattern_has_are_answered_by_the_server() {
    let api = Api::start().await;
    for path in ["/customers", "/webhooks/w", "/nowhere"] {
        let head = send(api.request(Method::HEAD, path)).await;
        assert_eq!((head.status, head.text.as_str()), (404, ""), "{path}");
        let patch = send(api.request(Method::PATCH, path).json(&json!({}))).await;
        assert_eq!((patch.status, patch.text.as_str()), (405, ""), "{path}");
        let url = format!("{}/api/v1{path}", api.sandbox.base_url());
        let options = send(api.client.request(Method::OPTIONS, url)).await;
        assert_eq!((options.status, options.text.as_str()), (204, ""), "{path}");
        assert_eq!(options.headers["allow"], "DELETE, GET, HEAD, OPTIONS, POST, PUT");
    }
}

#[tokio::test]
async fn paths_without_a_procedure_name_the_one_that_is_missing() {
    let api = Api::start().await;
    for (method, path, procedure) in [
        (Method::GET, "/webhooks", "webhooks.list"),
        (Method::GET, "/api-keys", "apiKeys.list"),
        (Method::POST, "/payments", "payments.create"),
        (Method::POST, "/invoice-line-items", "invoiceLineItems.create"),
        (Method::PUT, "/usage-events/e", "usageEvents.update"),
        (Method::PUT, "/payment-methods/m", "paymentMethods.update"),
        (Method::DELETE, "/customers/u", "customers.delete"),
        (Method::DELETE, "/usage-meters/m", "usageMeters.delete"),
    ] {
        let answer = send(api.request(method, path).json(&json!({}))).await;
        assert_eq!(answer.error(404), format!("No procedure found on path \"{procedure}\""));
    }
    for path in ["/products/p", "/discounts/d", "/customers", "/nowhere"] {
        let answer = send(api.request(Method::DELETE, path).json(&json!({}))).await;
        assert_eq!((answer.status, answer.text.as_str()), (404, "Not Found"), "{path} has no pattern for it");
    }
    let key = send(api.request(Method::DELETE, "/api-keys/k").json(&json!({}))).await;
    assert_eq!((key.status, &key.body["code"]), (405, &json!("METHOD_NOT_SUPPORTED")));
    let untyped = send(api.request(Method::DELETE, "/webhooks/w")).await;
    assert_eq!(untyped.error(415), "Missing content-type header");
}

#[tokio::test]
async fn words_of_other_paths_are_taken_for_ids_where_a_pattern_fits() {
    let api = Api::start().await;
    assert!(api.get("/usage-events/bulk").await.error(500).ends_with("found with id: bulk"));
    assert_eq!(api.get("/pricing-models/setup").await.error(500), "Pricing Model setup not found");
    let ping = api.get("/utils/ping").await.ok();
    assert_eq!(
        (&ping["message"], &ping["environment"], &ping["userId"]),
        (&json!("pong"), &json!("test"), &json!("api"))
    );
    for path in ["/api-keys", "/checkout-sessions/c"] {
        let method = if path == "/api-keys" { Method::POST } else { Method::PUT };
        assert_eq!(send(api.request(method, path).json(&json!({}))).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn a_query_key_replaces_the_part_of_the_path_with_its_name() {
    let api = Api::start().await;
    api.new_customer("one").await;
    api.new_customer("two").await;
    let shown = api.get("/customers/one?externalId=two").await.ok();
    assert_eq!(shown["customer"]["externalId"], "two");
    let doubled = api.get("/customers/one?externalId=one&externalId=two").await;
    assert_eq!((doubled.status, &doubled.body["error"][0]["path"]), (400, &json!(["externalId"])));
}

#[tokio::test]
async fn the_content_type_of_a_body_must_begin_as_that_of_json_does() {
    let api = Api::start().await;
    let post = |content_type: Option<&str>| {
        let request = api.request(Method::POST, "/customers").body("\u{feff}{\"customer\":{}}");
        send(match content_type {
            Some(content_type) => request.header("content-type", content_type),
            None => request,
        })
    };
    for json_type in ["application/json", "application/json; charset=utf-8"] {
        let answer = post(Some(json_type)).await;
        assert_eq!((answer.status, &answer.body["error"][0]["path"]), (400, &json!(["customer", "email"])));
    }
    let bytes = post(Some("application/octet-stream")).await;
    assert_eq!((bytes.status, &bytes.body["error"][0]["path"]), (400, &json!(["customer"])), "bytes have no fields");
    for other in ["text/plain", "Application/JSON", "application/vnd.api+json", "application/x-www-form-urlencoded"] {
        assert_eq!(post(Some(other)).await.error(415), format!("Unsupported content-type \"{other}"));
    }
    assert_eq!(post(None).await.error(415), "Unsupported content-type \"text/plain;charset=UTF-8");
    assert_eq!(post(Some("multipart/form-data; boundary=b")).await.status, 500);
    let get = api.request(Method::GET, "/customers").header("content-type", "text/plain");
    assert_eq!(send(get).await.status, 200, "a GET has no body");
}

#[tokio::test]
async fn bytes_and_forms_are_for_bodies_and_hide_the_parts_of_the_path() {
    let api = Api::start().await;
    for media_type in ["application/octet-stream", "multipart/form-data"] {
        let typed =
            |method: Method, path: &str| send(api.request(method, path).header("content-type", media_type).body("{}"));
        for method in [Method::GET, Method::DELETE] {
            let answer = typed(method, "/customers/u").await;
            assert_eq!(answer.body["code"], "METHOD_NOT_SUPPORTED");
            assert_eq!(answer.error(405), format!("Only POST requests are supported for {media_type} requests"));
        }
        let nothing = typed(Method::POST, "/payments").await.error(404);
        assert_eq!(nothing, "No procedure found on path \"payments.create\"");
        let refund = typed(Method::POST, "/payments/p/refund").await;
        if media_type.starts_with("multipart") {
            assert_eq!(refund.error(500), "Failed to parse body as FormData.");
        } else {
            assert_eq!((refund.status, &refund.body["error"][0]["path"]), (400, &json!(["id"])));
        }
    }
}

#[tokio::test]
async fn two_operations_take_an_empty_body_of_json() {
    let api = Api::start().await;
    for path in ["/subscriptions/s/uncancel", "/product-features/f/expire", "/customers/u/archive"] {
        let untyped = send(api.request(Method::POST, path)).await;
        let typed = send(api.request(Method::POST, path).header("content-type", "application/json")).await;
        let takes_none = path.starts_with("/customers");
        assert_eq!(untyped.status, if takes_none { 400 } else { 415 }, "{path}");
        assert_eq!(typed.status == 400, takes_none, "{path}: {}", typed.text);
    }
}

#[tokio::test]
async fn every_answer_has_the_security_headers_and_routed_ones_the_names_of_the_request() {
    let api = Api::start().await;
    let refused = with_key(&api, "sk_test_wrong").await;
    let answers = [api.get("/customers").await, api.get("/nowhere").await, api.get("/subscriptions/s").await];
    for answer in answers.iter().chain([&refused]) {
        assert_eq!(answer.headers["x-frame-options"], "DENY");
        assert_eq!(answer.headers["content-security-policy"], "frame-ancestors 'none'");
    }
    for answer in &answers {
        assert!(is_hex(&answer.headers["x-request-id"], 8) && is_hex(&answer.headers["x-trace-id"], 32));
    }
    assert!(!refused.headers.contains_key("x-request-id") && !refused.headers.contains_key("x-trace-id"));
    let [list, _, error] = answers;
    assert_eq!(list.headers["content-type"], "application/json");
    assert_eq!(error.headers["x-trace-id"].to_str().unwrap(), error.body["trace_id"]);
    assert_eq!(error.body["sentry_event_id"].as_str().map(str::len), Some(32));
    let missing = api.get("/customers/u").await;
    assert_eq!(missing.body.get("sentry_event_id"), None::<&Value>, "only errors of the server are reported");
}

fn is_hex(value: &reqwest::header::HeaderValue, digits: usize) -> bool {
    value.len() == digits && value.as_bytes().iter().all(u8::is_ascii_hexdigit)
}

#[tokio::test]
async fn a_nul_is_refused_as_the_database_does_after_bad_input() {
    let api = Api::start().await;
    let failed = "Failed query: ";
    assert!(api.get("/customers/a%00b").await.error(500).starts_with(failed));
    let named = |name: Value| json!({ "customer": { "externalId": "nul", "email": "n@example.com", "name": name } });
    assert!(api.post("/customers", named(json!("a\u{0}b"))).await.error(500).starts_with(failed));
    assert_eq!(api.get("/customers/nul").await.status, 404, "nothing is stored");
    assert_eq!(api.put("/customers/a%00b", named(json!(5))).await.status, 400);
}
