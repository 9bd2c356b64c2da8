//! Webhooks: what the route answers, what the log shows, and what open pages get to know.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowglad_sandbox::Sandbox;
use hmac::{Hmac, Mac as _};
use redis_process::RedisProcess;
use reqwest::Response;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::example::{Example, checked, until};

const ROUTE: &str = "/webhooks/flowglad";
const LOG: &str = "/webhooks/flowglad/log";
/// `whsec_` and the base64 of these.
const KEYS: [&[u8]; 2] = [b"twenty-four bytes of key", b"another twenty-four byte"];

fn secret(key: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(key))
}

/// A delivery as Flowglad sends it.
struct Delivery {
    id: &'static str,
    body: String,
    key: &'static [u8],
    /// How long ago it was signed, in seconds.
    age: u64,
}

impl Delivery {
    fn new(id: &'static str, object: &str) -> Self {
        Self::of("user_42", id, object)
    }

    fn of(customer: &str, id: &'static str, object: &str) -> Self {
        let customer = json!({"id": "cust_1", "externalId": customer});
        let body =
            json!({"object": object, "id": format!("{object}_1"), "customer": customer, "pricingModelId": "pm_1"});
        Self { id, body: body.to_string(), key: KEYS[0], age: 0 }
    }

    async fn send(&self, example: &Example) -> (u16, String) {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - self.age;
        let mut signature = Hmac::<Sha256>::new_from_slice(self.key).unwrap();
        signature.update(format!("{}.{seconds}.{}", self.id, self.body).as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(signature.finalize().into_bytes()));
        let request = example.browser.post(format!("{}{ROUTE}", example.base_url)).body(self.body.clone());
        let request = request.header("svix-id", self.id).header("svix-timestamp", seconds);
        checked(request.header("svix-signature", signature).send().await.unwrap()).await
    }
}

impl Example {
    async fn handled(&self) -> Vec<Value> {
        let (status, body) = checked(self.get(LOG).await).await;
        assert_eq!(status, 200);
        serde_json::from_str(&body).unwrap()
    }

    async fn objects(&self) -> Vec<Value> {
        self.handled().await.iter().map(|handled| handled["object"].clone()).collect()
    }

    async fn open_page(&self) -> Response {
        let page = self.get("/events").await;
        assert_eq!(page.status(), 200);
        assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
        page
    }
}

/// An app with a key, a sandbox that it does not start itself, and the secrets of both keys.
async fn connected(environment: &[(&str, &str)]) -> (Sandbox, Example) {
    let sandbox = Sandbox::start().await.unwrap();
    let api = [("FLOWGLAD_SECRET_KEY", sandbox.api_key()), ("FLOWGLAD_BASE_URL", sandbox.base_url())];
    let example = Example::start(&[&api, environment].concat());
    (sandbox, example)
}

fn both() -> String {
    format!("{},{}", secret(KEYS[0]), secret(KEYS[1]))
}

/// Reads events until there are so many. Returns how many there are.
async fn read_events(page: &mut Response, expected: usize) -> usize {
    let mut read = String::new();
    let reading = async {
        while read.matches("changed").count() < expected {
            let chunk = page.chunk().await.unwrap().expect("the stream goes on");
            read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    };
    tokio::time::timeout(Duration::from_secs(15), reading).await.expect("the page gets them");
    read.matches("changed").count()
}

#[tokio::test]
async fn a_signed_delivery_is_handled_once_and_logged() {
    let (_sandbox, example) = connected(&[("FLOWGLAD_WEBHOOK_SECRET", &both())]).await;
    assert_eq!(example.handled().await, Vec::<Value>::new());
    for _ in 0..3 {
        assert_eq!(Delivery::new("msg_1", "payment").send(&example).await, (204, String::new()));
    }
    let payment =
        json!({"deliveryId": "msg_1", "object": "payment", "id": "payment_1", "customerExternalId": "user_42"});
    assert_eq!(example.handled().await, std::slice::from_ref(&payment));

    let without_customer = json!({"object": "plan", "id": "plan_1", "more": {"x": [1]}}).to_string();
    let second = Delivery { body: without_customer, key: KEYS[1], ..Delivery::new("msg_2", "plan") };
    assert_eq!(second.send(&example).await.0, 204, "an unknown object, no customer, and the second secret");
    let plan = json!({"deliveryId": "msg_2", "object": "plan", "id": "plan_1", "customerExternalId": null});
    assert_eq!(example.handled().await, [plan, payment], "the newest first");
}

#[tokio::test]
async fn what_is_not_signed_or_no_event_is_refused() {
    let (_sandbox, example) = connected(&[("FLOWGLAD_WEBHOOK_SECRET", &secret(KEYS[0]))]).await;
    let (status, body) = checked(example.post(ROUTE, json!({"object": "payment", "id": "x"})).await).await;
    assert!(status == 400 && body.contains("invalid_signature"), "{status} {body}");
    let good = || Delivery::new("msg_1", "payment");
    for (problem, delivery) in [
        ("another secret", Delivery { key: KEYS[1], ..good() }),
        ("too old", Delivery { age: 400, ..good() }),
        ("an id that is none", Delivery { id: "msg.1", ..good() }),
    ] {
        let (status, body) = delivery.send(&example).await;
        assert!(status == 400 && body.contains("invalid_signature"), "{problem}: {status} {body}");
    }
    for body in ["", "{", "[]", "{\"id\": \"payment_1\"}"] {
        let (status, answer) = Delivery { body: body.to_owned(), ..good() }.send(&example).await;
        assert!(status == 400 && answer.contains("invalid_event"), "{body}: {status} {answer}");
    }
    let answer: Value = serde_json::from_str(&Delivery { age: 400, ..good() }.send(&example).await.1).unwrap();
    assert_eq!((&answer["data"], &answer["error"]["json"]["error"]), (&Value::Null, &answer["error"]["message"]));
    assert_eq!(example.get(ROUTE).await.status(), 405);
    assert_eq!(example.handled().await, Vec::<Value>::new());
}

#[tokio::test]
async fn deliveries_at_once_are_one_handling() {
    let (_sandbox, example) = connected(&[("FLOWGLAD_WEBHOOK_SECRET", &both())]).await;
    let deliveries = (0..50).map(async |_| Delivery::new("msg_1", "payment").send(&example).await.0);
    let statuses = futures_util::future::join_all(deliveries).await;
    assert_eq!(statuses, [204; 50]);
    assert_eq!(example.handled().await.len(), 1);
}

#[tokio::test]
async fn deliveries_to_several_instances_are_one_handling_and_outdate_billing_at_all() {
    let (redis, sandbox) = (RedisProcess::builder().start().await.unwrap(), Sandbox::start().await.unwrap());
    let (url, secrets) = (redis.url(), both());
    let api = [("FLOWGLAD_SECRET_KEY", sandbox.api_key()), ("FLOWGLAD_BASE_URL", sandbox.base_url())];
    let shared = [("REDIS_URL", &*url), ("FLOWGLAD_WEBHOOK_SECRET", &*secrets)];
    let instances = [(); 3].map(|()| Example::start(&[api, shared].concat()));
    let subscription = sandbox.subscribe("user_42", "pro_monthly").unwrap();
    for instance in &instances {
        instance.sign_in("user_42").await;
        assert_eq!(instance.get("/reports.csv").await.status(), 200);
    }
    // By no instance, so that none knows it otherwise.
    let cancel = format!("{}/api/v1/subscriptions/{subscription}/cancel", sandbox.base_url());
    let request = reqwest::Client::new().post(cancel).header("authorization", sandbox.api_key());
    let canceled = request.json(&json!({"cancellation": {"timing": "immediately"}})).send().await.unwrap();
    assert_eq!(canceled.status(), 200);
    let deliveries =
        (0..30).map(async |number| Delivery::new("msg_1", "subscription").send(&instances[number % 3]).await.0);
    assert_eq!(futures_util::future::join_all(deliveries).await, [204; 30]);
    let handled = futures_util::future::join_all(instances.iter().map(Example::handled)).await;
    assert_eq!(handled.iter().map(Vec::len).sum::<usize>(), 1);
    for instance in &instances {
        until(async || instance.get("/reports.csv").await.status() == 403).await;
    }
}

#[tokio::test]
async fn without_a_secret_the_route_is_off() {
    let (_sandbox, example) = connected(&[]).await;
    assert_eq!(Delivery::new("msg_1", "payment").send(&example).await.0, 404);
    assert_eq!(example.get(ROUTE).await.status(), 404);
    assert_eq!(example.handled().await, Vec::<Value>::new());
}

#[test]
fn a_secret_that_is_none_is_explained_at_the_start() {
    let half = secret(KEYS[0])[..30].to_owned();
    for text in ["", "c2VjcmV0c2VjcmV0", &half, &format!("{},", both())] {
        let (code, said) = Example::ends_at_start(&[("FLOWGLAD_WEBHOOK_SECRET", text)]);
        assert_eq!(code, Some(1), "{text}: {said}");
        assert!(said.starts_with("example-") && said.contains("FLOWGLAD_WEBHOOK_SECRET"), "{text}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(text.is_empty() || !said.contains(text), "{said}");
    }
}

#[tokio::test]
async fn secrets_and_signatures_are_in_no_log_and_no_response() {
    let secrets = both();
    let (_sandbox, example) =
        connected(&[("FLOWGLAD_WEBHOOK_SECRET", &secrets), ("RUST_LOG", "flowglad_core=trace")]).await;
    assert_eq!(Delivery::new("msg_1", "payment").send(&example).await.0, 204);
    let (_, refused) =
        Delivery { key: b"not one of the two keys.", ..Delivery::new("msg_2", "payment") }.send(&example).await;
    let printed = example.end();
    assert!(printed.contains("webhook"), "the log is not there:\n{printed}");
    for key in KEYS {
        for text in [&printed, &refused] {
            assert!(!text.contains(&secret(key)) && !text.contains(&STANDARD.encode(key)), "{text}");
        }
    }
    assert!(!printed.contains("v1,") && !printed.contains("user_42"), "{printed}");
}

#[tokio::test]
async fn with_a_sandbox_of_its_own_it_registers_itself() {
    let example = Example::start(&[]);
    example.sign_in("user_42").await;
    checked(example.post("/api/flowglad/customers/billing", json!({})).await).await;
    until(async || example.handled().await.len() == 2).await;
    assert_eq!(example.objects().await, ["subscription", "customer"]);
    assert!(example.handled().await.iter().all(|handled| handled["customerExternalId"] == "user_42"));
}

#[tokio::test]
async fn an_event_outdates_the_billing_in_memory() {
    let example = Example::start(&[]);
    let (url, key) = example.own_sandbox();
    let ask = async |path: &str, body: Value| {
        let request = example.browser.post(format!("{url}/{path}")).header("authorization", &key).json(&body);
        assert_eq!(request.send().await.unwrap().status(), 200, "{path}");
    };
    example.sign_in("user_42").await;
    let urls = json!({"successUrl": "https://a.example", "cancelUrl": "https://a.example", "priceSlug": "pro_monthly"});
    let (_, checkout) = checked(example.post("/api/flowglad/checkout-sessions/create", urls).await).await;
    let checkout: Value = serde_json::from_str(&checkout).unwrap();
    let session = checkout["data"]["checkoutSession"]["id"].as_str().unwrap();
    ask(&format!("_sandbox/checkout-sessions/{session}/complete"), json!({})).await;
    until(async || example.objects().await.first() == Some(&json!("payment"))).await;
    assert_eq!(example.get("/reports.csv").await.status(), 200);

    let (_, billing) = checked(example.post("/api/flowglad/customers/billing", json!({})).await).await;
    let billing: Value = serde_json::from_str(&billing).unwrap();
    let subscription = billing["data"]["currentSubscription"]["id"].as_str().unwrap();
    let handled = example.handled().await.len();
    // Not by this app, so that it does not know it otherwise.
    let now = json!({"cancellation": {"timing": "immediately"}});
    ask(&format!("api/v1/subscriptions/{subscription}/cancel"), now).await;
    until(async || example.handled().await.len() > handled).await;
    assert_eq!(example.get("/reports.csv").await.status(), 403);
}

#[cfg(unix)]
#[tokio::test]
async fn events_of_a_customer_reach_the_open_pages_of_that_customer_and_streams_end_with_the_program() {
    let (_sandbox, example) = connected(&[("FLOWGLAD_WEBHOOK_SECRET", &both())]).await;
    let (status, body) = checked(example.get("/events").await).await;
    assert!(status == 401 && body.contains("unauthorized"), "{status} {body}");
    example.sign_in("user_42").await;
    let mut pages = vec![(example.open_page().await, 2), (example.open_page().await, 2)];
    example.sign_in("user_43").await;
    pages.push((example.open_page().await, 1));
    for (id, customer) in [("msg_1", "user_42"), ("msg_2", "user_42"), ("msg_3", "user_43")] {
        assert_eq!(Delivery::of(customer, id, "payment").send(&example).await.0, 204);
    }
    for (page, expected) in &mut pages {
        assert_eq!(read_events(page, *expected).await, *expected);
    }

    let began = Instant::now();
    let (ended, printed) = example.end_by("-TERM").await;
    assert!(ended.success() && began.elapsed() < Duration::from_secs(10), "{ended} {printed}");
    for (page, _) in pages {
        let more = page.text().await.expect("a stream that has ended, and was not cut");
        assert_eq!(more.matches("changed").count(), 0, "{more}");
    }
}
