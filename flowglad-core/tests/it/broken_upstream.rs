//! Broken responses: cut off, too large, not JSON, or about another customer.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use flowglad_core::Error;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use wiremock::{MockServer, ResponseTemplate};

use crate::{act, ada, answer, builder, client, documents::billing, error_of, json, seen, upstream::refusal};

const BILLING: &str = "/customers/user_42/billing";

/// A server that sends each connection the next of these responses and closes it. Counts the connections.
async fn cutting_server(answers: Vec<Vec<u8>>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let answer = &answers[counter.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1)];
            let mut request = [0; 8192];
            let _ = connection.read(&mut request).await;
            let _ = connection.write_all(answer).await;
        }
    });
    (base_url, count)
}

fn http(headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{headers}\r\n\r\n{body}").into_bytes()
}

fn complete() -> Vec<u8> {
    http("content-type: application/json", &billing("user_42", &[]).to_string())
}

#[tokio::test]
async fn a_read_whose_response_was_cut_off_is_retried() {
    let whole = billing("user_42", &[]).to_string();
    let half = &whole[..whole.len() / 2];
    let cuts = [
        http(&format!("content-length: {}", whole.len()), half),
        http("transfer-encoding: chunked", &format!("{:x}\r\n{half}\r\n", half.len())),
        http("content-type: application/json", half),
        b"HTTP/1.1 200".to_vec(),
        Vec::new(),
    ];
    for cut in cuts {
        let (base_url, connections) = cutting_server(vec![cut, complete()]).await;
        builder(&base_url).build().unwrap().customer(&ada()).billing().await.unwrap();
        assert_eq!(connections.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test]
async fn a_checkout_is_not_retried_if_its_response_is_lost() {
    let (base_url, connections) = cutting_server(vec![Vec::new()]).await;
    let flowglad = builder(&base_url).build().unwrap();
    let body = r#"{"priceId":"price_pro","successUrl":"https://a.example/ok","cancelUrl":"https://a.example/no"}"#;
    let answer = act(&flowglad, "checkout-sessions/create", body).await;
    assert_eq!(error_of(&answer), (502, "flowglad_unavailable".into()));
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn unexpected_json_is_a_502_without_a_trace_of_it() {
    let bodies: [&[u8]; 8] = [
        b"<html><h1>secret proxy page</h1></html>",
        b"",
        b"null",
        b"[]",
        b"{\"customer\":{\"externalId\":7}}",
        b"{\"customer\":{\"externalId\":\"user_42\"}} trailing secret",
        b"{\"customer\":{\"externalId\":\"user_42\"},\"customer\":{\"externalId\":\"bob\"}}",
        b"{\"customer\":{\"externalId\":\"user_42\",\"name\":\"\xff\xfe\"}}",
    ];
    for body in bodies {
        let server = MockServer::start().await;
        answer(&server, "GET", BILLING, ResponseTemplate::new(200).set_body_bytes(body)).await;
        let answer = act(&client(&server), "customers/billing", "").await;
        let shown = String::from_utf8_lossy(body).into_owned();
        assert_eq!(error_of(&answer), (502, "flowglad_unavailable".into()), "{shown}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("secret"), "{shown}");
    }
}

#[tokio::test]
async fn an_endless_response_is_cut_off() {
    let server = MockServer::start().await;
    let endless = ResponseTemplate::new(200).set_body_bytes(vec![b' '; 33 * 1024 * 1024]);
    answer(&server, "GET", BILLING, endless).await;
    let error = client(&server).customer(&ada()).billing().await.unwrap_err();
    assert!(matches!(error, Error::Decode { .. }), "{error:?}");
}

#[tokio::test]
async fn deeply_nested_json_does_not_overflow_the_stack() {
    let server = MockServer::start().await;
    let deep = "[".repeat(200_000) + &"]".repeat(200_000);
    let body = format!(r#"{{"customer":{{"externalId":"user_42"}},"deep":{deep}}}"#);
    answer(&server, "GET", BILLING, ResponseTemplate::new(200).set_body_string(body)).await;
    let _ = act(&client(&server), "customers/billing", "").await;
    let _ = client(&server).customer(&ada()).billing().await;
}

#[tokio::test]
async fn billing_of_another_customer_is_never_returned() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(billing("bob", &[]))).await;
    for action in
        ["customers/billing", "invoices/list", "features/access", "customerDetails", "pricing-models/retrieve"]
    {
        let answer = act(&client(&server), action, "{}").await;
        assert_eq!(error_of(&answer), (502, "flowglad_unavailable".into()), "{action}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("bob"));
    }
}

#[tokio::test]
async fn a_plain_text_404_means_a_wrong_base_url_and_creates_nothing() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, ResponseTemplate::new(404).set_body_string("Not Found")).await;
    let answer = act(&client(&server), "customers/billing", "").await;
    assert_eq!(error_of(&answer), (502, "flowglad_unavailable".into()));
    assert_eq!(seen(&server).await, ["GET /customers/user_42/billing"]);
}

#[tokio::test]
async fn a_404_with_another_code_creates_nothing() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, refusal(404, "GONE", "no")).await;
    act(&client(&server), "customers/billing", "").await;
    assert_eq!(seen(&server).await, ["GET /customers/user_42/billing"]);
}
