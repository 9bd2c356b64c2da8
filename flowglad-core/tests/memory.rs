//! How much memory hostile bodies cost. In a program of its own, since it counts what the whole process allocates.

#![expect(clippy::unwrap_used, reason = "test code")]

use std::sync::{Arc, Mutex};

use adapter_contract::{
    documents::{billing, subscription},
    memory::{MEBIBYTE, allocated, max_allocated, mebibyte_of},
};
use bytes::Bytes;
use flowglad_core::{
    Flowglad, RequestingCustomer,
    action::RequestHandler,
    adapter::{ActionRequest, ActionResponse, Identity},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, copy, sink},
    net::{TcpListener, TcpStream},
};

/// An API that keeps nothing of a request, and notes how much memory is allocated when one arrives.
struct Api {
    base_url: String,
    allocated_at_arrival: Arc<Mutex<Vec<usize>>>,
}

impl Api {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let allocated_at_arrival = Arc::<Mutex<Vec<usize>>>::default();
        let notes = Arc::clone(&allocated_at_arrival);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(answer(connection, Arc::clone(&notes)));
            }
        });
        Self { base_url, allocated_at_arrival }
    }
}

/// Reads are answered with Ada's billing, and changes are refused.
async fn answer(connection: TcpStream, notes: Arc<Mutex<Vec<usize>>>) {
    let mut connection = BufReader::new(connection);
    let (mut is_read, mut length) = (false, 0);
    loop {
        let mut line = String::new();
        connection.read_line(&mut line).await.unwrap();
        is_read |= line.starts_with("GET ");
        if let Some(number) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = number.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    notes.lock().unwrap().push(allocated());
    copy(&mut (&mut connection).take(length), &mut sink()).await.unwrap();
    let (status, body) = if is_read {
        ("200 OK", billing("user_42", &[subscription("sub_1", "user_42", &[])]).to_string())
    } else {
        ("409 Conflict", r#"{"error":"no","code":"CONFLICT"}"#.to_owned())
    };
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    connection.write_all((head + &body).as_bytes()).await.unwrap();
}

async fn act(handler: &RequestHandler, action: &str, body: &str) -> ActionResponse {
    let request = ActionRequest { method: "POST", subroute: action, content_type: Some("application/json") };
    let identity = match action {
        "pricing-models/retrieve" => Identity::Anonymous,
        _ => RequestingCustomer::new("user_42", "Ada", "ada@example.com").unwrap().into(),
    };
    // The copy is what an adapter would have read.
    let body = async { Ok(Bytes::copy_from_slice(body.as_bytes())) };
    handler.handle(request, async { Ok::<_, ()>(identity) }, body).await.unwrap()
}

fn handler(api: &Api) -> RequestHandler {
    let flowglad = Flowglad::builder().api_key("sk_test_memory").base_url(&api.base_url).build().unwrap();
    RequestHandler::new(flowglad).with_body_limit(MEBIBYTE.try_into().unwrap())
}

const URLS: &str = r#""successUrl":"https://a.example","cancelUrl":"https://a.example""#;

fn hostile_bodies() -> Vec<(&'static str, String)> {
    let of = |start: &str, part: &str, end: &str| mebibyte_of(start, part, end);
    let checkout = format!(r#"{{"priceId":"p",{URLS},"#);
    let ids = format!("\"{}\"", "x".repeat(250));
    vec![
        ("pricing-models/retrieve", of(r#"{"a":[0"#, r#",{"":0}"#, "]}")),
        ("pricing-models/retrieve", of(r#"{"a":0"#, r#","a":0"#, "}")),
        ("customers/billing", of(r#"{"a":[0"#, r#",{"":0}"#, "]}")),
        ("customers/billing", of(r#"{"a":[0"#, ",[]", "]}")),
        ("customers/billing", of("", "[", "")),
        ("invoices/list", of(r#"{""#, r"\n", r#"":0}"#)),
        ("invoices/list", of(r#"{""#, "ü", r#"":0}"#)),
        ("resources/usages", of(r#"{"":0"#, r#","":0"#, "}")),
        ("resources/claim", of(r#"{"resourceSlug":"s","externalIds":["a""#, r#","a""#, "]}")),
        ("resources/claim", of(r#"{"resourceSlug":"s","externalIds":[0"#, ",0", "]}")),
        ("resources/release", of(r#"{"resourceSlug":"s","claimIds":["a""#, &format!(",{ids}"), "]}")),
        ("resources/claim", of(r#"{"resourceSlug":""#, r"\n", r#"","quantity":1}"#)),
        ("subscriptions/adjust", of(r#"{"subscriptionItems":[{}"#, ",{}", "]}")),
        ("subscriptions/adjust", of(r#"{"subscriptionItems":[{"priceId":"a"}"#, r#",{"priceId":"a"}"#, "]}")),
        ("usage-events/create", of(r#"{"usageMeterSlug":"a","properties":{"a":[0"#, ",[]", "]}}")),
        ("usage-events/create", of(r#"{"usageMeterSlug":"a","properties":{"a":""#, r"\n", r#""}}"#)),
        ("customers/update", of(r#"{"customer":{"name":""#, r"\n", r#""}}"#)),
        ("customers/update", of(r#"{"customer":{"billingAddress":{"a":[0"#, r#",{"":0}"#, "]}}}")),
        ("checkout-sessions/create", of(&format!(r#"{checkout}"outputMetadata":{{"a":0"#), r#","b":0"#, "}}")),
        ("checkout-sessions/create", of(&format!(r#"{checkout}"outputMetadata":{{""#), r"\n", r#"":0}}"#)),
        ("checkout-sessions/create", metadata_that_is_taken(&checkout)),
        ("checkout-sessions/create", of(&format!(r#"{checkout}"outputName":""#), r"\n", r#""}"#)),
        ("checkout-sessions/create", format!(r#"{checkout}"outputName":"{}"}}"#, "\\n".repeat(32_000))),
    ]
}

/// As large as metadata can be.
fn metadata_that_is_taken(checkout: &str) -> String {
    let entry = |number| format!(r#""{number:04}{}":"{}""#, "k".repeat(496), "v".repeat(500));
    let entries: Vec<String> = (0..1000).map(entry).collect();
    format!(r#"{checkout}"outputMetadata":{{{}}}}}"#, entries.join(","))
}

#[tokio::test]
async fn a_body_costs_at_most_four_times_its_size() {
    let api = Api::start().await;
    let handler = handler(&api);
    act(&handler, "customers/billing", "{}").await;
    act(&handler, "checkout-sessions/create", &format!(r#"{{"priceId":"p",{URLS}}}"#)).await;
    let bodies = hostile_bodies();
    let before = allocated();
    for (action, body) in bodies {
        let (shown, size) = (&body[..body.len().min(100)], body.len().max(MEBIBYTE));
        let answer = act(&handler, action, &body).await;
        assert!(matches!(answer.status, 200 | 400 | 409 | 502), "{action} {shown}: {answer:?}");
        // The highest mark of all bodies so far, and all before this one were below the limit.
        let cost = max_allocated() - before;
        assert!(cost <= 4 * size, "{action} {shown}: {} KiB", cost / 1024);
        assert!(answer.body.len() < 16 * 1024 || answer.status == 200, "{action} {shown}: {} bytes", answer.body.len());
    }
}

#[tokio::test]
async fn a_body_is_dropped_before_the_first_request_to_the_api() {
    let api = Api::start().await;
    let handler = handler(&api);
    act(&handler, "customers/billing", "{}").await;
    for (action, known) in [
        ("customers/billing", r#""b":0}"#),
        ("resources/usages", r#""b":0}"#),
        ("customers/update", r#""customer":{"name":"Ada"}}"#),
        ("usage-events/create", r#""usageMeterSlug":"a"}"#),
        ("subscriptions/adjust", r#""priceSlug":"a"}"#),
    ] {
        let body = mebibyte_of(r#"{"a":[0"#, r#",{"":0}"#, &format!("],{known}"));
        api.allocated_at_arrival.lock().unwrap().clear();
        let before = allocated();
        act(&handler, action, &body).await;
        let at_arrival = api.allocated_at_arrival.lock().unwrap().clone();
        assert!(!at_arrival.is_empty(), "{action}");
        for allocated in at_arrival {
            assert!(allocated < before + MEBIBYTE / 2, "{action}: {} bytes are held", allocated - before);
        }
    }
}
