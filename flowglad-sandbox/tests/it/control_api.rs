//! The control API, and who may use it.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use flowglad_sandbox::{Sandbox, SandboxError, Snapshot};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::{Api, DAY_MS, NEW_YEAR, each, send, text};

async fn status(request: RequestBuilder) -> u16 {
    send(request).await.status
}

#[tokio::test]
async fn time_is_moved_by_days_or_to_a_moment_and_never_back() {
    let api = Api::start().await;
    let moved = api.control_api("advance", json!({ "days": 31 })).await.ok();
    assert_eq!(moved["now"], NEW_YEAR + 31 * DAY_MS);
    let moved = api.control_api("advance", json!({ "to": NEW_YEAR + 40 * DAY_MS })).await.ok();
    assert_eq!(moved["now"], NEW_YEAR + 40 * DAY_MS);
    assert_eq!(api.clock.now_ms(), NEW_YEAR + 40 * DAY_MS);
    for body in [
        json!({}),
        json!({ "days": 1, "to": 2 }),
        json!({ "days": -1 }),
        json!({ "days": 1.5 }),
        json!({ "days": "1" }),
        json!({ "days": 4_294_967_295_u32 }),
        json!({ "days": 1e30 }),
        json!({ "to": i64::MAX }),
        json!({ "to": NEW_YEAR }),
        json!({ "hours": 1 }),
        json!([31]),
        json!(null),
    ] {
        assert_eq!(api.control_api("advance", body.clone()).await.status, 400, "{body}");
    }
    assert_eq!(api.clock.now_ms(), NEW_YEAR + 40 * DAY_MS);
}

#[tokio::test]
async fn no_days_are_never_before_now_although_the_clock_runs() {
    let api = Api::start().await;
    let (clock, done) = (api.clock.clone(), Arc::new(AtomicBool::new(false)));
    let running = std::thread::spawn({
        let done = Arc::clone(&done);
        move || {
            while !done.load(Ordering::Relaxed) {
                clock.advance(Duration::from_millis(1));
            }
        }
    });
    let mut statuses = Vec::new();
    for _ in 0..50 {
        statuses.push(api.control_api("advance", json!({ "days": 0 })).await.status);
    }
    done.store(true, Ordering::Relaxed);
    running.join().unwrap();
    assert_eq!(statuses, [200; 50]);
}

#[tokio::test]
async fn a_checkout_that_failed_buys_nothing_and_stays_failed() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let session = api.checkout("u", json!({ "type": "product", "priceSlug": "pro_monthly" })).await.ok();
    let id = text(&session["checkoutSession"]["id"]);
    let path = format!("/_sandbox/checkout-sessions/{id}");
    let failed = send(api.outside(Method::POST, &format!("{path}/fail"))).await.ok();
    assert_eq!(failed["checkoutSession"]["status"], "failed");
    assert_eq!(status(api.outside(Method::POST, &format!("{path}/complete"))).await, 409);
    assert!(matches!(api.sandbox.fail_checkout_session(&id), Err(SandboxError::CheckoutSessionNotOpen { .. })));
    assert_eq!(status(api.outside(Method::POST, "/_sandbox/checkout-sessions/nope/fail")).await, 404);
    assert_eq!(api.billing("u").await["purchases"], json!([]));
}

#[tokio::test]
async fn payments_to_fail_are_counted() {
    let api = Api::start().await;
    let path = "/_sandbox/fail-next-payment";
    assert_eq!(send(api.outside(Method::POST, path)).await.ok(), json!({ "failNextPayments": 1 }));
    api.sandbox.fail_next_payment();
    assert_eq!(api.control_api("fail-next-payment", json!({ "times": 3 })).await.ok()["failNextPayments"], 5);
    assert_eq!(api.control_api("fail-next-payment", json!({ "times": -1 })).await.status, 400);
    api.sandbox.reset();
    assert_eq!(send(api.outside(Method::POST, path)).await.ok()["failNextPayments"], 1);
}

#[tokio::test]
async fn requests_are_logged_with_their_status_and_without_the_key() {
    let api = Api::start().await;
    api.get("/customers/unknown").await;
    send(api.client.get(format!("{}/api/v1/customers", api.sandbox.base_url()))).await;
    let log = send(api.outside(Method::GET, "/_sandbox/requests")).await;
    assert_eq!(each(&log.body, "status"), [404, 401]);
    assert!(log.body[0]["durationUs"].is_u64());
    assert!(!log.text.contains(api.sandbox.api_key()));
}

/// A sandbox with everything that a snapshot can contain.
async fn busy() -> Api {
    let api = Api::start().await;
    let model = api.get("/pricing-models/default").await.ok()["pricingModel"]["id"].clone();
    let webhook = json!({ "name": "w", "url": "http://192.0.2.1/", "filterTypes": [], "pricingModelId": model });
    api.post("/webhooks", json!({ "webhook": webhook })).await.ok();
    let subscription = api.sandbox.subscribe("u", "pro_monthly").unwrap();
    api.buy("u", "credit_pack_500").await;
    api.use_calls(&subscription, 1700, "t1").await.ok();
    let claim = json!({ "resourceSlug": "seats", "quantity": 2, "metadata": { "a": 1 } });
    api.post(&format!("/resource-claims/{subscription}/claim"), claim).await.ok();
    api
}

#[tokio::test]
async fn a_restored_sandbox_goes_on_as_the_first_would_have() {
    let api = busy().await;
    let snapshot = send(api.outside(Method::GET, "/_sandbox/snapshot")).await.ok();
    assert!(!snapshot.to_string().contains(api.sandbox.api_key()));
    let other = Api::start().await;
    other.clock.set(NEW_YEAR + DAY_MS);
    assert_eq!(other.control_api("restore", snapshot.clone()).await.ok(), json!({ "restored": true }));
    assert_eq!(other.clock.now_ms(), NEW_YEAR);
    assert_eq!(serde_json::to_value(other.sandbox.snapshot()).unwrap(), snapshot);

    assert_eq!(other.balance("u").await, -200, "units that no credit covered are remembered");
    let one = api.billing("u").await.to_string().replace(api.sandbox.base_url(), "");
    assert_eq!(other.billing("u").await.to_string().replace(other.sandbox.base_url(), ""), one);
    assert_eq!(other.new_customer("v").await, api.new_customer("v").await, "ids go on where they were");
}

#[tokio::test]
async fn going_back_to_a_snapshot_undoes_what_came_after() {
    let api = busy().await;
    let before = api.sandbox.snapshot();
    api.new_customer("later").await;
    api.clock.advance(std::time::Duration::from_secs(1));
    api.sandbox.restore(&before).unwrap();
    assert_eq!(api.sandbox.snapshot(), before);
    assert_eq!(api.get("/customers/later").await.status, 404);
    api.new_customer("later").await;
}

#[tokio::test]
async fn what_is_no_snapshot_is_refused_and_changes_nothing() {
    let api = busy().await;
    let before = serde_json::to_value(api.sandbox.snapshot()).unwrap();
    let with = |pointer: &str, value: Value| {
        let mut snapshot = before.clone();
        *snapshot.pointer_mut(pointer).unwrap() = value;
        snapshot
    };
    let mut doubled = before["tables"]["customers"].clone();
    let customer = doubled[0].clone();
    doubled.as_array_mut().unwrap().push(customer);
    for (snapshot, reason) in [
        (json!({}), "missing field"),
        (with("/version", json!(2)), "version 2"),
        (with("/ids/records", json!("xyz")), "hexadecimal"),
        (with("/tables", json!({ "cats": [] })), "no table cats"),
        (with("/tables/customers", json!(7)), "customers must be an array"),
        (with("/tables/customers/0/id", json!(7)), "customers.0"),
        (with("/tables/usage_events/0/costs", json!(null)), "usage_events.0"),
        (with("/tables/customers", doubled), "already"),
    ] {
        let message = api.control_api("restore", snapshot).await.error(400);
        assert!(message.contains(reason), "{reason}: {message}");
    }
    assert!(api.sandbox.restore(&serde_json::from_str::<Snapshot>("[1]").unwrap()).is_err());
    assert_eq!(serde_json::to_value(api.sandbox.snapshot()).unwrap(), before);
}

#[tokio::test]
async fn pages_of_other_sites_cannot_use_the_control_api() {
    let api = Api::start().await;
    let reset = || api.outside(Method::POST, "/_sandbox/reset");
    assert_eq!(status(reset().header("origin", "https://evil.example")).await, 403);
    assert_eq!(status(reset().header("origin", "null")).await, 403);
    assert_eq!(status(reset().header("sec-fetch-site", "cross-site")).await, 403);
    assert_eq!(status(reset().header("sec-fetch-site", "same-site")).await, 403);
    assert_eq!(status(reset().header("host", "evil.example")).await, 403, "a name that leads here by DNS");
    assert_eq!(status(reset().header("origin", api.sandbox.base_url())).await, 200);
    assert_eq!(status(reset().header("sec-fetch-site", "same-origin")).await, 200);
    let form = api.outside(Method::POST, "/_sandbox/advance").header("content-type", "text/plain");
    assert_eq!(status(form.body("{\"days\": 1}")).await, 415);
    assert_eq!(status(api.outside(Method::GET, "/_sandbox/snapshot").header("host", "evil.example:80")).await, 403);
}

#[tokio::test]
async fn where_other_computers_can_reach_it_the_control_api_is_closed_unless_opened() {
    let client = crate::client();
    for (open, expected) in [(None, 404), (Some(true), 200)] {
        let mut builder = Sandbox::builder().host(Ipv4Addr::UNSPECIFIED.into());
        if let Some(open) = open {
            builder = builder.control_api(open);
        }
        let sandbox = builder.start().await.unwrap();
        let get = |path: &str| client.get(format!("{}{path}", sandbox.base_url()));
        assert_eq!(status(get("/_sandbox/requests")).await, expected);
        assert_eq!(status(get("/")).await, expected);
        assert_eq!(status(get("/api/v1/customers").header("authorization", sandbox.api_key())).await, 200);
    }
    let closed = Api::of(Sandbox::builder().control_api(false)).await;
    assert_eq!(status(closed.outside(Method::POST, "/_sandbox/reset")).await, 404);
}

#[tokio::test]
async fn one_call_makes_a_customer_or_a_paying_one() {
    let api = Api::start().await;
    let customer_id = api.sandbox.create_customer("user_42").unwrap();
    assert_eq!(api.get("/customers/user_42").await.ok()["customer"]["id"], customer_id);
    assert!(api.sandbox.create_customer("user_42").unwrap_err().to_string().contains("already exists"));
    for external_id in ["user_42", "user_43"] {
        let subscription_id = api.sandbox.subscribe(external_id, "pro_monthly").unwrap();
        let billing = api.billing(external_id).await;
        assert_eq!(billing["currentSubscription"]["id"], subscription_id);
        assert_eq!(billing["invoices"][0]["invoice"]["status"], "paid");
    }
    for (external_id, price, reason) in [
        ("user_42", "pro_monthly", "already has an active subscription"),
        ("user_44", "nope", "Price with slug \"nope\" not found"),
        ("user_44", "credit_pack_500", "not a subscription price"),
        ("user_44", "free_monthly", "default product"),
    ] {
        let error = api.sandbox.subscribe(external_id, price).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    api.sandbox.fail_next_payment();
    assert!(api.sandbox.subscribe("user_44", "pro_monthly").unwrap_err().to_string().contains("declined"));
    assert_eq!(api.get("/customers/user_44").await.status, 404, "a refused subscription leaves no customer");
}

#[tokio::test]
async fn on_this_computer_nothing_answers_under_a_foreign_name() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let session = api.checkout("u", json!({ "type": "add_payment_method" })).await.ok();
    let session = text(&session["checkoutSession"]["id"]);
    let paths = [
        (Method::GET, "/api/v1/customers".to_owned()),
        (Method::POST, "/api/v1/customers".to_owned()),
        (Method::GET, "/api/v1/nothing".to_owned()),
        (Method::GET, format!("/add-payment-method/{session}")),
        (Method::POST, format!("/add-payment-method/{session}/pay")),
        (Method::GET, "/".to_owned()),
        (Method::GET, "/_sandbox/requests".to_owned()),
    ];
    for (method, path) in &paths {
        let request = || api.outside(method.clone(), path).header("authorization", api.sandbox.api_key());
        for host in ["evil.example", "evil.example:4010", "127.0.0.1.evil.example", "0.0.0.0", "192.168.0.2"] {
            let refused = send(request().header("host", host)).await;
            assert_eq!(refused.status, 403, "{method} {path} {host}");
            assert!(!refused.text.contains("data"), "{}", refused.text);
        }
    }
    let seen = api.sandbox.requests();
    assert!(seen.iter().any(|request| request.status == Some(403)), "refused requests are in the log");
    for host in ["localhost", "LOCALHOST:1", "127.0.0.1:4010", "[::1]:4010"] {
        let answer = api.request(Method::GET, "/customers").header("host", host);
        assert_eq!(status(answer).await, 200, "{host}");
    }
}

#[tokio::test]
async fn where_other_computers_may_ask_any_name_is_answered() {
    let sandbox = Sandbox::builder().host(Ipv4Addr::UNSPECIFIED.into()).start().await.unwrap();
    let url = format!("{}/api/v1/customers", sandbox.base_url());
    let named = crate::client().get(url).header("authorization", sandbox.api_key()).header("host", "sandbox:4010");
    assert_eq!(status(named).await, 200);
}

#[tokio::test]
async fn no_body_means_no_fields_whatever_its_content_type() {
    let api = Api::start().await;
    for (path, empty) in [
        ("advance", "give either days or to"),
        ("restore", "missing field"),
        ("faults", ""),
        ("fail-next-payment", ""),
        ("reset", ""),
    ] {
        let url = format!("/_sandbox/{path}");
        let with_fields = send(api.outside(Method::POST, &url).json(&json!({}))).await;
        for content_type in [None, Some("application/json"), Some("text/plain")] {
            let request = api.outside(Method::POST, &url);
            let request = match content_type {
                Some(content_type) => request.header("content-type", content_type),
                None => request,
            };
            let reply = send(request).await;
            assert_eq!(reply.status, with_fields.status, "{path} {content_type:?}: {}", reply.text);
            assert!(reply.text.contains(empty), "{path} {content_type:?}: {}", reply.text);
        }
    }
}

#[tokio::test]
async fn the_usage_ledger_lists_each_recorded_event_once_and_in_order() {
    let api = Api::start().await;
    for user in ["a", "b"] {
        api.new_customer(user).await;
    }
    let (a, b) = (api.current("a").await, api.current("b").await);
    api.use_calls(&a, 5, "t1").await.ok();
    api.use_calls(&b, 7, "t2").await.ok();
    api.use_calls(&a, 5, "t1").await.ok();
    api.use_calls(&a, 9, "t3").await.ok();
    assert_ne!(api.use_calls("nope", 9, "t4").await.status, 200);

    let ledger = api.sandbox.usage_ledger();
    let amounts: Vec<_> = ledger.iter().map(|event| (event.transaction_id.as_str(), event.amount)).collect();
    assert_eq!(amounts, [("t1", 5), ("t2", 7), ("t3", 9)]);
    assert_eq!(api.sandbox.usage_ledger_from(2), ledger[2..]);
    assert_eq!(api.sandbox.usage_ledger_from(9), []);
    let ledger_at = |query: &'static str| send(api.outside(Method::GET, &format!("/_sandbox/usage-ledger{query}")));
    let all = ledger_at("").await.ok();
    assert_eq!(
        all["events"][1],
        json!({ "position": 1, "transactionId": "t2", "customerExternalId": "b", "subscriptionId": b,
            "usageMeterSlug": "api_calls", "amount": 7, "usageDate": NEW_YEAR, "createdAt": NEW_YEAR })
    );
    assert_eq!((all["events"].as_array().unwrap().len(), &all["next"]), (3, &json!(null)));
    assert_eq!(each(&ledger_at("?customer=a").await.ok()["events"], "transactionId"), ["t1", "t3"]);
    assert_eq!(each(&ledger_at("?customer=a&from=1").await.ok()["events"], "transactionId"), ["t3"]);
    assert_eq!(ledger_at("?customer=c").await.ok()["events"], json!([]));
    for query in ["?from=-1", "?from=x", "?user=a"] {
        ledger_at(query).await.error(400);
    }
}

#[tokio::test]
async fn a_long_usage_ledger_comes_in_pages() {
    let api = Api::start().await;
    api.new_customer("u").await;
    let id = api.current("u").await;
    for batch in 0..5 {
        let event = |n: usize| {
            json!({ "subscriptionId": id, "usageMeterSlug": "api_calls", "amount": 1,
            "transactionId": format!("t{}", batch * 4_001 + n) })
        };
        let events: Vec<Value> = (0..4_001).map(event).collect();
        api.post("/usage-events/bulk", json!({ "usageEvents": events })).await.ok();
    }
    let (mut seen, mut from) = (Vec::new(), json!(0));
    while !from.is_null() {
        let page = send(api.outside(Method::GET, &format!("/_sandbox/usage-ledger?from={from}"))).await.ok();
        seen.extend(page["events"].as_array().unwrap().iter().map(|event| text(&event["transactionId"])));
        from = page["next"].clone();
    }
    let all: Vec<String> = (0..20_005).map(|n| format!("t{n}")).collect();
    assert!(seen == all, "each once, in order");
}
