//! Bodies that are made to cost memory, responses or log lines.

use bytes::Bytes;
use flowglad_core::action::RequestHandler;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    App, Reply, SESSION_HEADER, Start, Upstream,
    app::client,
    cases::sessions::STRICT,
    documents::{billing, subscription},
    gate::Gate,
    log::Log,
    memory::{MEBIBYTE, allocated, max_allocated, mebibyte_of},
    samples::script,
};

const KIBIBYTE: usize = 1024;

/// By default a body may have 64 KiB.
pub async fn the_default_limit_of_a_body_is_64_kib(start: Start) {
    let app = App::start(start).await;
    script(&app.upstream).await;
    let of_length = |length: usize| format!("{{{}}}", " ".repeat(length - 2));
    assert_eq!(app.ask("customers/billing", &of_length(64 * KIBIBYTE)).await.status, 200);
    let too_large = app.ask("customers/billing", &of_length(64 * KIBIBYTE + 1)).await;
    assert_eq!(too_large.refusal(), (413, "payload_too_large".into()));
}

/// At most 100 characters of a name that the browser made up are sent back.
pub async fn long_names_are_sent_back_in_part(start: Start) {
    let app = App::start(start).await;
    let name = "ü".repeat(20_000);
    let shown = "ü".repeat(100) + "…";
    let unknown = json!({(name.as_str()): 1}).to_string();
    for action in STRICT {
        let reply = app.ask(action, &unknown).await;
        assert_eq!(reply.refusal(), (400, "validation_error".into()), "{action}");
        assert_eq!(reply.json()["error"]["json"]["issues"][0]["path"], json!([shown]), "{action}");
        assert!(reply.body.len() < 2 * KIBIBYTE, "{action}: {} bytes", reply.body.len());
    }
    let metadata = json!({"priceId": "p", "successUrl": "https://a.example", "cancelUrl": "https://a.example",
        "outputMetadata": {name: null}});
    let reply = app.ask("checkout-sessions/create", &metadata.to_string()).await;
    assert_eq!(reply.json()["error"]["json"]["issues"][0]["path"], json!(["outputMetadata", shown]));
    assert!(app.upstream.requests().await.is_empty());
}

/// Objects, lists and free-form values are limited in the number of their parts, and nesting is limited.
pub async fn bodies_with_very_many_parts_are_refused(start: Start) {
    let app = App::start(start).await;
    let many: Vec<u32> = (0..1001).collect();
    let fields: Value = many.iter().map(|number| (number.to_string(), json!(number))).collect();
    let ids: Vec<String> = many.iter().map(u32::to_string).collect();
    let urls = json!({"priceId": "p", "successUrl": "https://a.example", "cancelUrl": "https://a.example"});
    let checkout = |metadata: &Value| {
        let mut checkout = urls.clone();
        checkout["outputMetadata"] = metadata.clone();
        checkout
    };
    let bodies = [
        ("subscriptions/uncancel", fields.clone()),
        ("invoices/list", fields.clone()),
        ("checkout-sessions/create", checkout(&fields)),
        ("resources/claim", json!({"resourceSlug": "seats", "externalIds": ids})),
        ("resources/release", json!({"resourceSlug": "seats", "claimIds": ids})),
        ("subscriptions/adjust", json!({"subscriptionItems": many})),
        ("usage-events/create", json!({"usageMeterSlug": "a", "properties": {"many": many}})),
        ("customers/update", json!({"customer": {"billingAddress": fields}})),
    ];
    for (action, body) in bodies {
        let reply = app.ask(action, &body.to_string()).await;
        assert_eq!(reply.refusal(), (400, "validation_error".into()), "{action}");
        assert!(reply.to_string().contains("at most 1000"), "{action}: {reply}");
    }
    let deep = format!(r#"{{"usageMeterSlug":"a","properties":{{"a":{}{}}}}}"#, "[".repeat(127), "]".repeat(127));
    for action in ["usage-events/create", "customers/billing"] {
        assert_eq!(app.ask(action, &deep).await.refusal(), (400, "invalid_json".into()), "{action}");
    }
    assert!(app.upstream.requests().await.is_empty());
}

/// Twenty hostile bodies of 1 MiB at the same time cost less than 100 MB, and while the API is waited for, less than they
/// had themselves.
pub async fn twenty_hostile_bodies_in_flight_cost_little_memory(start: Start) {
    let upstream = Upstream::start().await;
    script(&upstream).await;
    // A customer each, since reads of one are shared.
    let users: Vec<_> = (0..20).map(|number| format!("hostile_{number}")).collect();
    for user in &users {
        let document = billing(user, &[subscription("sub_1", user, &[])]);
        upstream.answer("GET", &format!("/customers/{user}/billing"), document).await;
    }
    let mut gate = Gate::before(&upstream).await;
    let handler = RequestHandler::new(client(&gate.base_url)).with_body_limit(MEBIBYTE.try_into().unwrap());
    let app = App::start_handler(start, handler).await;
    let body = Bytes::from(mebibyte_of(r#"{"a":[0"#, r#",{"":0}"#, "]}"));
    let send = async |user: &str| {
        let request = app.request(Method::POST, "resources/usages").header(SESSION_HEADER, user);
        Reply::to(request.header("content-type", "application/json").body(body.clone())).await
    };
    let before = allocated();
    let waiting = async {
        gate.arrivals(20).await;
        let held = allocated() - before;
        gate.open();
        held
    };
    let (replies, held) = tokio::join!(join_all(users.iter().map(|user| send(user))), waiting);
    assert!(replies.iter().all(|reply| reply.status == 200));
    assert!(max_allocated() - before < 100 * 1_000_000, "at most {}", max_allocated() - before);
    assert!(held < 20 * MEBIBYTE, "{held} are held");
}

/// `null` means absent in three fields of a usage event, and nowhere else.
pub async fn null_means_absent_in_optional_fields_of_a_usage_event(start: Start) {
    let app = App::start(start).await;
    script(&app.upstream).await;
    let nulls = r#"{"usageMeterSlug":"api_calls","amount":null,"transactionId":null,"subscriptionId":null}"#;
    let reply = app.ask("usage-events/create", nulls).await;
    assert_eq!(reply.status, 200, "{reply}");
    let event = app.upstream.bodies().await.pop().unwrap()["usageEvent"].take();
    assert_eq!((&event["amount"], &event["subscriptionId"]), (&json!(1), &json!("sub_1")));
    assert!(event["transactionId"].is_string(), "{event}");
    for required in [r#"{"usageMeterSlug":null}"#, r#"{"usageMeterSlug":"a","usageDate":null}"#] {
        assert_eq!(app.ask("usage-events/create", required).await.refusal().0, 400, "{required}");
    }
}

/// Control characters of a body do not reach the log, so that no slug forges a line of it.
pub async fn no_control_character_of_a_body_reaches_the_log(start: Start) {
    let mut log = Log::start();
    let app = App::start(start).await;
    script(&app.upstream).await;
    let slug = "gold\r\n2026-01-01T00:00:00Z ERROR forged\u{1b}[2J\u{2028}";
    let body = json!({"priceSlug": slug, "successUrl": "https://a.example", "cancelUrl": "https://a.example"});
    let reply = app.ask("checkout-sessions/create", &body.to_string()).await;
    assert_eq!(reply.refusal(), (404, "not_found".into()));
    let line = log.line_with(&["not found", "gold"]).await;
    assert!(line.contains("gold\u{fffd}\u{fffd}2026-01-01T00:00:00Z ERROR forged\u{fffd}[2J\u{fffd}"), "{line}");
    let logged = log.text();
    assert!(!logged.lines().any(|line| line.starts_with("2026-01-01T00:00:00Z")), "{logged}");
    assert!(!logged.contains(['\r', '\u{1b}', '\u{2028}']), "{logged}");
}
