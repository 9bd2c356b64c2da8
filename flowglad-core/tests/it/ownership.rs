//! Responses in which it is doubtful whose record it is. Readers of JSON differ on them, so none of them may pass.

use flowglad_core::{Error, Flowglad, api::CancellationTiming};
use serde_json::Value;
use wiremock::{MockServer, ResponseTemplate};

use crate::{
    act, ada, answer, client,
    documents::{billing, customer, subscription},
    error_of, json, on,
    upstream::{not_found, text},
};

const BILLING: &str = "/customers/user_42/billing";
const CUSTOMER: &str = "/customers/user_42";
const SUBSCRIPTION: &str = "/subscriptions/sub_1";

/// The fields of a JSON object, without its braces.
fn fields(object: &Value) -> String {
    let text = object.to_string();
    text[1..text.len() - 1].to_owned()
}

/// Both orders of two fields with one key, and both with one of the keys written with an escape.
fn doubled(key: &str, ours: &str, foreign: &str) -> [String; 4] {
    let escaped = format!("\\u{:04x}{}", key.as_bytes()[0], &key[1..]);
    [
        format!(r#""{key}":{ours},"{key}":{foreign}"#),
        format!(r#""{key}":{foreign},"{key}":{ours}"#),
        format!(r#""{key}":{foreign},"{escaped}":{ours}"#),
        format!(r#""{escaped}":{ours},"{key}":{foreign}"#),
    ]
}

/// Wraps fields into an object.
fn object(fields: impl AsRef<str>) -> String {
    format!("{{{}}}", fields.as_ref())
}

async fn server_with(verb: &str, path: &str, body: impl Into<String>) -> MockServer {
    let server = MockServer::start().await;
    answer(&server, verb, path, text(body)).await;
    server
}

fn assert_is_decode_error<T: std::fmt::Debug>(result: &Result<T, Error>, body: &str) {
    assert!(matches!(result, Err(Error::Decode { .. })), "{body}: {result:?}");
}

#[tokio::test]
async fn a_list_where_the_owner_is_expected_is_not_an_owner() {
    let rest = fields(&billing("user_42", &[]));
    for body in [
        r#"{"customer":["user_42"]}"#.to_owned(),
        r#"[["user_42"]]"#.to_owned(),
        r#"[{"externalId":"user_42"}]"#.to_owned(),
        object(format!(r#"{},"customer":["user_42"]"#, rest.replace("\"customer\":", "\"was\":"))),
        r#"{"customer":{"externalId":["user_42"]}}"#.to_owned(),
    ] {
        let server = server_with("GET", BILLING, &body).await;
        assert_is_decode_error(&client(&server).customer(&ada()).billing_json().await, &body);
        let shown = act(&client(&server), "customers/billing", "").await;
        assert_eq!(error_of(&shown), (502, "flowglad_unavailable".into()), "{body}");
    }
}

#[tokio::test]
async fn a_list_where_a_customer_or_subscription_is_expected_is_refused() {
    for body in [r#"{"customer":["cust_1","user_42","a@b.example"]}"#, r#"[{"externalId":"user_42"}]"#, "[]"] {
        let server = server_with("GET", CUSTOMER, body).await;
        assert_is_decode_error(&client(&server).customers().get("user_42").await, body);
    }
    for body in [r#"{"subscription":["sub_1","cust_user_42"]}"#, r#"[["sub_1","cust_user_42"]]"#] {
        let server = server_with("GET", SUBSCRIPTION, body).await;
        answer(&server, "GET", CUSTOMER, json(serde_json::json!({"customer": customer("user_42")}))).await;
        assert_is_decode_error(&cancel(&client(&server)).await, body);
    }
}

async fn cancel(flowglad: &Flowglad) -> Result<(), Error> {
    let id = "sub_1".parse().unwrap();
    flowglad.customer(&ada()).cancel_subscription(&id, CancellationTiming::Immediately).await.map(drop)
}

#[tokio::test]
async fn billing_with_the_customer_or_its_external_id_twice_is_refused() {
    let (ours, foreign) = (customer("user_42").to_string(), customer("bob").to_string());
    let two_customers = doubled("customer", &ours, &foreign);
    let two_ids = doubled("externalId", r#""user_42""#, r#""bob""#).map(|ids| format!(r#""customer":{{{ids}}}"#));
    let same_twice = doubled("customer", &ours, &ours);
    for body in two_customers.into_iter().chain(two_ids).chain(same_twice).map(object) {
        let server = server_with("GET", BILLING, &body).await;
        assert_is_decode_error(&client(&server).customer(&ada()).billing_json().await, &body);
        assert_is_decode_error(&client(&server).customer(&ada()).billing().await, &body);
        let shown = act(&client(&server), "customers/billing", "").await;
        assert_eq!(error_of(&shown), (502, "flowglad_unavailable".into()), "{body}");
    }
}

/// A customer under `customer`, with that key or a field of the customer twice.
fn doubtful_customers() -> Vec<String> {
    let (ours, foreign) = (customer("user_42"), customer("bob"));
    let whole = doubled("customer", &ours.to_string(), &foreign.to_string());
    let of_field = |key: &str| {
        let mut rest = ours.clone();
        rest.as_object_mut().unwrap().remove(key);
        let (mine, other) = (ours[key].to_string(), foreign[key].to_string());
        doubled(key, &mine, &other).map(|twice| format!(r#""customer":{{{},{twice}}}"#, fields(&rest)))
    };
    whole.into_iter().chain(of_field("externalId")).chain(of_field("id")).collect()
}

#[tokio::test]
async fn a_customer_with_a_key_twice_is_refused_by_reads_and_changes() {
    for body in doubtful_customers().into_iter().map(object) {
        let server = server_with("GET", CUSTOMER, &body).await;
        answer(&server, "PUT", CUSTOMER, text(&*body)).await;
        answer(&server, "POST", "/customers/user_42/archive", text(&*body)).await;
        let flowglad = client(&server);
        assert_is_decode_error(&flowglad.customers().get("user_42").await, &body);
        assert_is_decode_error(&flowglad.customer(&ada()).find_or_create().await, &body);
        assert_is_decode_error(&flowglad.customer(&ada()).archive().await, &body);
        for (action, sent) in
            [("customers/update", r#"{"customer":{"name":"Ada"}}"#), ("customers/find-or-create", "{}")]
        {
            let shown = act(&flowglad, action, sent).await;
            assert_eq!(error_of(&shown), (502, "flowglad_unavailable".into()), "{action} {body}");
            assert!(!String::from_utf8_lossy(&shown.body).contains("bob"), "{action} {body}");
        }
    }
}

#[tokio::test]
async fn a_created_customer_with_a_key_twice_is_refused() {
    let good = object(format!(r#""customer":{}"#, customer("user_42")));
    let foreign = object(format!(r#""customer":{}"#, customer("bob")));
    let inside = doubtful_customers().into_iter().map(|fields| format!(r#""data":{{{fields}}}"#));
    for body in inside.chain(doubled("data", &good, &foreign)).map(object) {
        let server = server_with("POST", "/customers", &body).await;
        on("GET", CUSTOMER).respond_with(not_found()).up_to_n_times(1).mount(&server).await;
        let shown = act(&client(&server), "customers/find-or-create", "{}").await;
        assert!(shown.status >= 500, "{body}: {}", shown.status);
        assert!(!String::from_utf8_lossy(&shown.body).contains("bob"), "{body}");
    }
}

#[tokio::test]
async fn a_subscription_with_a_key_twice_is_neither_canceled_nor_returned() {
    let (ours, foreign) = (subscription("sub_1", "user_42", &[]), subscription("sub_1", "bob", &[]));
    let whole = doubled("subscription", &ours.to_string(), &foreign.to_string());
    let mut rest = ours.clone();
    rest.as_object_mut().unwrap().remove("customerId");
    let owners = doubled("customerId", r#""cust_user_42""#, r#""cust_bob""#)
        .map(|twice| format!(r#""subscription":{{{},{twice}}}"#, fields(&rest)));
    for body in whole.into_iter().chain(owners).map(object) {
        let server = server_with("GET", SUBSCRIPTION, &body).await;
        answer(&server, "GET", CUSTOMER, json(serde_json::json!({"customer": customer("user_42")}))).await;
        assert_is_decode_error(&cancel(&client(&server)).await, &body);
        let requests = crate::seen(&server).await;
        assert!(requests.iter().all(|request| request.starts_with("GET")), "{requests:?}");
    }
}

#[tokio::test]
async fn an_owner_is_found_wherever_it_is_and_however_its_key_is_written() {
    let ours = r#"{"x":[{"customer":"bob"}],"external\u0049d":"user\u005f42","name":"{[\"customer\":"}"#;
    let body = format!(r#" {{ "before" : {{"customer":{{}}}}, "\u0063ustomer" : {ours} , "after":[[]] }} "#);
    let server = server_with("GET", BILLING, &body).await;
    let read = client(&server).customer(&ada()).billing_json().await.unwrap();
    assert_eq!(read.as_str(), body);
}

/// A runtime whose threads have a small stack, like those of some hosts.
fn runtime_with_small_stacks() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).thread_stack_size(512 * 1024).enable_all().build().unwrap()
}

fn nested(open: &str, levels: usize) -> String {
    let brackets = open.chars().rev().filter(|character| "[{".contains(*character));
    let close: String = brackets.map(|bracket| if bracket == '[' { ']' } else { '}' }).collect();
    format!("{}1{}", open.repeat(levels), close.repeat(levels))
}

#[test]
fn json_nested_too_deep_is_refused_wherever_it_is_and_does_not_overflow_a_small_stack() {
    runtime_with_small_stacks().block_on(async {
        let work = async {
            for (open, levels) in [("[", 512), ("[", 100_000), (r#"{"a":"#, 100_000), (r#"[{"b":"#, 300)] {
                let deep = nested(open, levels);
                for body in [
                    format!(r#"{{"customer":{{"externalId":"user_42"}},"ignored":{deep}}}"#),
                    format!(r#"{{"ignored":{deep},"customer":{{"externalId":"user_42"}}}}"#),
                    format!(r#"{{"customer":{{"externalId":"user_42","ignored":{deep}}}}}"#),
                    format!(r#"{{"customer":{deep}}}"#),
                    deep.clone(),
                ] {
                    let server = server_with("GET", BILLING, body).await;
                    answer(&server, "GET", CUSTOMER, text(format!(r#"{{"customer":{deep}}}"#))).await;
                    let shown = format!("{open} {levels}");
                    assert_is_decode_error(&client(&server).customer(&ada()).billing_json().await, &shown);
                    assert_is_decode_error(&client(&server).customer(&ada()).billing().await, &shown);
                    assert_is_decode_error(&client(&server).customers().get("user_42").await, &shown);
                    assert_is_decode_error(
                        &client(&server).request(flowglad_core::Method::Get, BILLING).send::<Value>().await,
                        &shown,
                    );
                }
            }
        };
        tokio::spawn(work).await.unwrap();
    });
}

#[test]
fn json_as_deep_as_allowed_is_kept_as_it_is_and_decoded_without_overflowing_a_small_stack() {
    runtime_with_small_stacks().block_on(async {
        let work = async {
            for levels in [100, 126, 127, 128, 510] {
                let mut document = billing("user_42", &[]);
                document["customer"]["deep"] = Value::Null;
                document["pricingModel"]["deep"] = Value::Null;
                let body = document.to_string().replace("\"deep\":null", &format!("\"deep\":{}", nested("[", levels)));
                let server = server_with("GET", BILLING, &body).await;
                let read = client(&server).customer(&ada()).billing_json().await.unwrap();
                assert_eq!(read.as_str(), body);
                let typed = client(&server).customer(&ada()).billing().await;
                assert_eq!(typed.is_ok(), levels < 120, "{levels}: {typed:?}");
            }
        };
        tokio::spawn(work).await.unwrap();
    });
}

#[test]
fn an_error_body_nested_deep_is_an_error_without_a_message_or_with_its_message() {
    runtime_with_small_stacks().block_on(async {
        let work = async {
            for levels in [100, 100_000] {
                let deep = nested("[", levels);
                let ignored = format!(r#"{{"error":"No card","code":"BAD_REQUEST","details":{deep}}}"#);
                let named = format!(r#"{{"error":{deep},"code":{deep}}}"#);
                for (body, expected) in [(ignored, Some("No card")), (named, None), (deep, None)] {
                    let server = MockServer::start().await;
                    answer(&server, "GET", BILLING, ResponseTemplate::new(400).set_body_string(body)).await;
                    let error = client(&server).customer(&ada()).billing_json().await.unwrap_err();
                    let Error::Api { status: 400, message, .. } = &error else { panic!("{error:?}") };
                    assert_eq!(message.as_deref(), expected, "{levels}");
                }
            }
        };
        tokio::spawn(work).await.unwrap();
    });
}
