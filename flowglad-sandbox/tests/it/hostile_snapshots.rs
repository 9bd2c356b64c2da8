//! Snapshots that were edited, or made to do harm: each is refused, or the sandbox works with it.

use flowglad_sandbox::Snapshot;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{Api, DAY_MS, NEW_YEAR, send};

/// A sandbox with a subscription, a trial, a planned end, a payment to retry, usage and claims.
async fn eventful() -> Api {
    let api = Api::with_model(crate::model_with_team_and_lite()).await;
    for (external_id, plan) in [("u", "pro_monthly"), ("trial", "trial_monthly"), ("leaving", "lite_monthly")] {
        api.sandbox.subscribe(external_id, plan).unwrap();
    }
    let leaving = api.current("leaving").await;
    crate::time::cancel_at_period_end(&api, &leaving).await;
    let subscription = api.current("u").await;
    api.buy("u", "credit_pack_500").await;
    api.use_calls(&subscription, 1700, "t1").await.ok();
    let claim = json!({ "resourceSlug": "seats", "quantity": 2 });
    api.post(&format!("/resource-claims/{subscription}/claim"), claim).await.ok();
    api.checkout("u", json!({ "type": "add_payment_method" })).await.ok();
    // The end of the trial is paid, and the first renewal is declined.
    api.sandbox.advance_to(NEW_YEAR + 14 * DAY_MS).unwrap();
    api.sandbox.fail_next_payment();
    api.sandbox.advance_to(NEW_YEAR + 32 * DAY_MS).unwrap();
    api
}

/// The pointers to all values of a document that hold no others.
fn leaves(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| leaves(value, &format!("{pointer}/{key}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| leaves(value, &format!("{pointer}/{index}"), found));
        }
        _ => found.push(pointer.to_owned()),
    }
}

/// What a value is replaced with, by turns.
fn hostile(turn: usize, value: &Value) -> Vec<Value> {
    match value {
        Value::Number(_) => vec![json!(0), [json!(-1), json!(i64::MAX), json!(i64::MIN)][turn % 3].clone()],
        Value::String(_) => vec![[json!(""), json!("sub_none"), Value::Null][turn % 3].clone()],
        Value::Bool(flag) => vec![json!(!flag)],
        _ => vec![[json!(0), json!("x"), json!(i64::MAX)][turn % 3].clone()],
    }
}

async fn assert_works(api: &Api, edit: &str) {
    let jobs = api.sandbox.advance_days(62);
    assert!(jobs < 10_000, "{edit}: {jobs} jobs");
    for path in ["/customers/u/billing", "/customers/u/usage-balances"] {
        let reply = send(api.request(Method::GET, path)).await;
        assert!(reply.status < 500 || reply.body["error"].is_string(), "{edit} {path}: {}", reply.text);
    }
    assert!(send(api.outside(Method::GET, "/")).await.status < 500, "{edit}");
}

#[tokio::test]
async fn a_snapshot_with_any_value_replaced_is_refused_or_works() {
    let api = eventful().await;
    let good = serde_json::to_value(api.sandbox.snapshot()).unwrap();
    let mut pointers = Vec::new();
    leaves(&good, "", &mut pointers);
    // Later rows of a table are of the same kind.
    pointers.retain(|pointer| pointer.split('/').filter_map(|part| part.parse().ok()).all(|row: usize| row == 0));
    let (mut accepted, mut refused) = (0, 0);
    for (turn, pointer) in pointers.iter().enumerate() {
        for value in hostile(turn, good.pointer(pointer).unwrap()) {
            let mut edited = good.clone();
            *edited.pointer_mut(pointer).unwrap() = value.clone();
            let snapshot: Snapshot = serde_json::from_value(edited).unwrap();
            if api.sandbox.restore(&snapshot).is_ok() {
                accepted += 1;
                assert_works(&api, &format!("{pointer} = {value}")).await;
            } else {
                refused += 1;
            }
        }
    }
    assert!(accepted > 100 && refused > 100, "{accepted} accepted, {refused} refused");
}

#[tokio::test]
async fn what_the_rules_rely_on_is_checked_and_named() {
    let api = eventful().await;
    let good = serde_json::to_value(api.sandbox.snapshot()).unwrap();
    let rows = good["tables"]["subscriptions"].as_array().unwrap();
    let row = rows.iter().position(|row| row["intervalCount"] == 1 && row["status"] != "canceled").unwrap();
    let subscription = |field: &str| format!("/tables/subscriptions/{row}/{field}");
    let century_ago = NEW_YEAR - 100 * 366 * DAY_MS;
    for (pointer, value, reason) in [
        (subscription("intervalCount"), json!(0), "intervalCount: 0 is not 1 or more"),
        (subscription("intervalCount"), json!(-3), "intervalCount: -3 is not 1 or more"),
        (subscription("currentBillingPeriodEnd"), json!(0), "currentBillingPeriodEnd: 0 is before the start"),
        (subscription("cancelScheduledAt"), json!(century_ago), "more than a hundred years before the time"),
        ("/tables/prices/0/intervalCount".into(), json!(0), "prices.0.intervalCount"),
        ("/tables/billing_runs/0/retries".into(), json!(u64::MAX), "billing_runs.0.retries"),
        ("/tables/billing_runs/0/next_try_at".into(), json!(i64::MIN), "billing_runs.0.next_try_at"),
        ("/now".into(), json!(-1), "between 1970 and 9998"),
        ("/now".into(), json!(i64::MAX), "between 1970 and 9998"),
    ] {
        let mut edited = good.clone();
        *edited.pointer_mut(&pointer).unwrap() = value;
        let message = api.control_api("restore", edited).await.error(400);
        assert!(message.contains(reason), "{pointer}: {message}");
    }
    assert_eq!(serde_json::to_value(api.sandbox.snapshot()).unwrap(), good, "nothing changed");
    assert_eq!(api.control_api("restore", good).await.status, 200);
}
