//! Metered calls: what they answer, and that what was answered is charged once, whatever happens to the program.

use std::{
    collections::HashSet,
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use flowglad_sandbox::{Fault, Sandbox};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::example::{Example, Folder, checked, until};

const BULK: &str = "/api/v1/usage-events/bulk";

impl Example {
    async fn call(&self, body: Value) -> (u16, Value) {
        let (status, body) = checked(self.post("/calls", body).await).await;
        (status, serde_json::from_str(&body).unwrap())
    }

    async fn call_named(&self, key: &str, body: Value) -> (u16, Value) {
        let request = self.browser.post(format!("{}/calls", self.base_url)).header("idempotency-key", key);
        let (status, body) = checked(request.json(&body).send().await.unwrap()).await;
        (status, serde_json::from_str(&body).unwrap())
    }

    async fn usage(&self) -> Value {
        let (status, body) = checked(self.get("/usage/status").await).await;
        assert_eq!(status, 200);
        serde_json::from_str(&body).unwrap()
    }

    async fn delivered(&self) {
        until(async || self.usage().await["pending"] == 0).await;
    }
}

/// The amounts that customers were charged, after checking that no transaction was charged twice.
pub(crate) fn charged(sandbox: &Sandbox) -> Vec<i64> {
    let ledger = sandbox.usage_ledger();
    let transactions: HashSet<&str> = ledger.iter().map(|event| &*event.transaction_id).collect();
    assert_eq!(transactions.len(), ledger.len(), "no transaction is charged twice");
    ledger.iter().map(|event| event.amount).collect()
}

async fn sandbox() -> Sandbox {
    Sandbox::start().await.unwrap()
}

#[tokio::test]
async fn calls_are_metered_and_end_with_the_credits() {
    let (sandbox, usage) = (sandbox().await, Folder::new());
    let example = Example::start_with(&sandbox, &usage);
    assert_eq!(example.usage().await, json!({"pending": 0, "oldestPendingMs": 0, "sent": 0, "deadLetters": 0}));
    let (status, body) = example.call(json!({})).await;
    assert_eq!((status, &body["error"]["code"]), (401, &json!("unauthorized")));

    example.sign_in("user_42").await;
    assert_eq!(example.call(json!({"amount": 98})).await, (200, json!({"recorded": 98, "balance": 2})));
    assert_eq!(example.call(json!({})).await, (200, json!({"recorded": 1, "balance": 1})));
    let (status, body) = example.call(json!({"amount": 2})).await;
    assert_eq!((status, &body["data"], &body["error"]["code"]), (402, &Value::Null, &json!("insufficient_balance")));
    let facts = &body["error"]["json"];
    assert_eq!((&facts["required"], &facts["availableBalance"]), (&json!(2), &json!(1)));
    assert_eq!((&facts["upgradeUrl"], &facts["error"]), (&json!("/#plans"), &body["error"]["message"]));
    let (status, body) = example.call(json!({"amount": u64::MAX})).await;
    assert_eq!((status, &body["error"]["json"]["required"]), (402, &json!(u64::MAX)));
    assert_eq!(example.call(json!({})).await, (200, json!({"recorded": 1, "balance": 0})));
    assert_eq!(example.call(json!({})).await.0, 402);

    example.delivered().await;
    assert_eq!(charged(&sandbox), [98, 1, 1]);
    assert_eq!(example.usage().await, json!({"pending": 0, "oldestPendingMs": 0, "sent": 3, "deadLetters": 0}));
    assert_eq!(example.call(json!({})).await.0, 402, "also by the balance that Flowglad has now");
}

#[tokio::test]
async fn bodies_that_say_no_amount_are_refused_in_the_form_of_the_actions() {
    let example = Example::start(&[]);
    example.sign_in("user_42").await;
    let amounts = ["0", "-1", "1.5", "\"3\"", "null", "1e30", "18446744073709551616", "[]", "true"];
    let bodies = amounts.map(|amount| format!("{{\"amount\": {amount}}}"));
    let others = ["[1, 2]", "3", "{", "amount=3", ""].map(str::to_owned);
    for body in bodies.iter().chain(&others) {
        let request = example.browser.post(format!("{}/calls", example.base_url));
        let request = request.header("content-type", "application/json").body(body.clone());
        let (status, answer) = checked(request.send().await.unwrap()).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let error = (&answer["data"], &answer["error"]["code"]);
        assert_eq!((status, error), (400, (&Value::Null, &json!("validation_error"))), "{body}");
        assert_eq!(answer["error"]["json"]["error"], answer["error"]["message"], "{body}");
    }
    let request = example.browser.post(format!("{}/calls", example.base_url)).body("{\"amount\": 3}");
    let (status, answer) = checked(request.send().await.unwrap()).await;
    assert!(status == 400 && answer.contains("validation_error"), "no content type: {status} {answer}");
    assert_eq!(example.call(json!({"amount": 1, "more": true})).await, (200, json!({"recorded": 1, "balance": 99})));
}

#[tokio::test]
async fn the_same_key_costs_once_and_only_the_same_customer() {
    let (sandbox, usage) = (sandbox().await, Folder::new());
    let example = Example::start_with(&sandbox, &usage);
    example.sign_in("user_42").await;
    for attempt in ["the first", "again"] {
        let answer = example.call_named("order_17", json!({"amount": 60})).await;
        assert_eq!(answer, (200, json!({"recorded": 60, "balance": 40})), "{attempt}");
    }
    assert_eq!(example.call_named("order_18", json!({"amount": 60})).await.0, 402);
    assert_eq!(example.call_named("order_18", json!({"amount": 2})).await.1["balance"], 38, "a refusal costs nothing");
    example.delivered().await;
    assert_eq!(example.call_named("order_17", json!({"amount": 60})).await.1["balance"], 38, "also after delivery");
    assert_eq!(example.call_named("", json!({})).await.0, 400, "a key without a name");

    example.sign_in("user_43").await;
    let answer = example.call_named("order_17", json!({"amount": 60})).await;
    assert_eq!(answer, (200, json!({"recorded": 60, "balance": 40})), "another customer's key is another");
    example.delivered().await;
    assert_eq!(charged(&sandbox), [60, 2, 60]);
}

#[tokio::test]
async fn a_call_that_fails_is_not_recorded() {
    let (sandbox, usage) = (sandbox().await, Folder::new());
    let example = Example::start_with(&sandbox, &usage);
    assert_eq!(example.post("/calls/fail", json!({})).await.status(), 401);
    example.sign_in("user_42").await;
    for _ in 0..3 {
        let (status, body) = checked(example.post("/calls/fail", json!({})).await).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, &body["error"]["code"]), (500, &json!("internal_error")));
    }
    assert_eq!(example.usage().await, json!({"pending": 0, "oldestPendingMs": 0, "sent": 0, "deadLetters": 0}));
    assert_eq!(example.call(json!({"amount": 100})).await.1["balance"], 0, "all credits are still there");
    assert_eq!(example.post("/calls/fail", json!({})).await.status(), 402, "a call that cannot be paid is not made");
    example.delivered().await;
    assert_eq!(charged(&sandbox), [100]);
}

#[tokio::test]
async fn requests_at_once_never_spend_more_than_there_is() {
    let (sandbox, usage) = (sandbox().await, Folder::new());
    let example = Example::start_with(&sandbox, &usage);
    example.sign_in("user_42").await;
    let calls = (0..64).map(|_| example.call(json!({"amount": 3})));
    let statuses: Vec<u16> = join_all(calls).await.into_iter().map(|(status, _)| status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 33, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 402].contains(status)), "{statuses:?}");
    example.delivered().await;
    assert_eq!(charged(&sandbox).len(), 33);
}

#[tokio::test]
async fn customers_in_memory_use_their_credits_while_flowglad_is_down() {
    let (sandbox, usage) = (sandbox().await, Folder::new());
    let example = Example::start_with(&sandbox, &usage);
    example.sign_in("user_42").await;
    assert_eq!(example.call(json!({"amount": 90})).await.0, 200);
    example.delivered().await;
    sandbox.inject_fault(Fault::cut_before().times(u32::MAX)).unwrap();
    assert_eq!(example.call(json!({"amount": 8})).await, (200, json!({"recorded": 8, "balance": 2})));
    assert_eq!(example.call(json!({"amount": 3})).await.0, 402);
    let status = example.usage().await;
    assert_eq!((&status["pending"], &status["sent"]), (&json!(1), &json!(1)));
    sandbox.clear_faults();
    example.delivered().await;
    assert_eq!(charged(&sandbox), [90, 8]);
}

#[tokio::test]
async fn what_was_answered_is_charged_once_although_the_program_is_killed() {
    let (sandbox, usage) = (sandbox().await, Folder::new());
    for round in 0..3 {
        let example = Example::start_with(&sandbox, &usage);
        example.sign_in("user_42").await;
        let key = format!("round_{round}");
        assert_eq!(example.call_named(&key, json!({"amount": 10})).await.0, 200);
        assert_eq!(example.call(json!({})).await.0, 200);
        example.end();
    }
    let example = Example::start_with(&sandbox, &usage);
    example.sign_in("user_42").await;
    let (status, answer) = example.call_named("round_2", json!({"amount": 10})).await;
    assert_eq!((status, &answer["recorded"]), (200, &json!(10)), "the key is known again");
    // What was killed on its way to Flowglad may be counted there and here, until Flowglad has acknowledged it.
    assert!(answer["balance"].as_i64().unwrap() <= 67, "so is what was used: {answer}");
    example.delivered().await;
    let mut amounts = charged(&sandbox);
    amounts.sort_unstable();
    assert_eq!(amounts, [1, 1, 1, 10, 10, 10]);
}

#[cfg(unix)]
#[tokio::test]
async fn asked_to_end_it_delivers_and_ends_with_success() {
    for signal in ["-TERM", "-INT"] {
        let (sandbox, usage) = (sandbox().await, Folder::new());
        let example = Example::start_with(&sandbox, &usage);
        example.sign_in("user_42").await;
        assert_eq!(example.call(json!({"amount": 7})).await.0, 200);
        let (status, printed) = example.end_by(signal).await;
        assert!(status.success(), "{signal}: {status}\n{printed}");
        assert_eq!(charged(&sandbox), [7], "{signal}");
    }
}

/// Connections that clients keep open, one that sends nothing, one that has sent half a request, and a Flowglad that does not
/// answer: none of them keeps the program from ending, and what it could not deliver it delivers after the next start.
#[cfg(unix)]
#[tokio::test]
async fn asked_to_end_without_flowglad_it_keeps_the_usage_and_ends_within_ten_seconds() {
    let (sandbox, usage) = (sandbox().await, Folder::new());
    let example = Example::start_with(&sandbox, &usage);
    example.sign_in("user_42").await;
    assert_eq!(example.call(json!({"amount": 1})).await.0, 200);
    example.delivered().await;
    sandbox.inject_fault(Fault::delay(Duration::from_secs(60)).times(u32::MAX).on("POST", BULK)).unwrap();
    sandbox.inject_fault(Fault::delay(Duration::from_secs(60)).times(u32::MAX)).unwrap();
    assert_eq!(example.call_named("order_17", json!({"amount": 7})).await.0, 200);
    let (browser, waiting) = (example.browser.clone(), format!("{}/api/flowglad/customers/billing", example.base_url));
    let waiting = tokio::spawn(async move { browser.post(waiting).json(&json!({})).send().await.is_ok() });
    until(async || sandbox.requests().iter().filter(|request| request.path.contains("billing")).count() > 1).await;

    let address = example.base_url.strip_prefix("http://").unwrap();
    let _idle = TcpStream::connect(address).unwrap();
    let mut half = TcpStream::connect(address).unwrap();
    half.write_all(b"POST /calls HTTP/1.1\r\nhost: localhost\r\n").unwrap();
    let mut kept = TcpStream::connect(address).unwrap();
    kept.write_all(b"GET /usage/status HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    assert!(kept.read(&mut [0; 1_000]).unwrap() > 0);

    let asked = Instant::now();
    let (status, printed) = example.end_by("-TERM").await;
    assert!(status.success(), "{status}\n{printed}");
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    assert!(printed.contains("wait for the next start: 1"), "{printed}");
    drop(waiting);

    sandbox.clear_faults();
    let example = Example::start_with(&sandbox, &usage);
    // Before the program has read its folder, it does not know what waits there.
    until(async || charged(&sandbox) == [1, 7]).await;
    example.delivered().await;
    example.sign_in("user_42").await;
    let answer = example.call_named("order_17", json!({"amount": 7})).await;
    assert_eq!(answer, (200, json!({"recorded": 7, "balance": 92})));
}

#[tokio::test]
async fn a_second_program_in_the_same_folder_does_not_start_and_says_why() {
    let (sandbox, usage) = (sandbox().await, Folder::new());
    let _first = Example::start_with(&sandbox, &usage);
    let said = Example::refuses_to_start(&sandbox, &usage);
    assert!(said.starts_with("example-") && said.contains("is in use"), "{said}");
}
