//! The real client beside the facts of the API, and beside facts in which one thing has changed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod allowed;
mod calls;
mod examples;
mod facts;
mod program;
mod read;
mod sent;

use std::fs;

use flowglad_conformance::{Api, Comparison, compare, read_api};
use serde_json::Value;

const FACTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../spec/api.json");

fn facts() -> Api {
    read_api(FACTS).unwrap()
}

/// The recorded facts of one operation.
fn facts_of(operation: &str) -> Value {
    let mut facts: Value = serde_json::from_slice(&fs::read(FACTS).unwrap()).unwrap();
    facts["operations"].as_object_mut().unwrap().retain(|name, _| name == operation);
    assert!(facts["operations"][operation].is_object(), "{operation}");
    facts
}

async fn compared(facts: Value) -> Comparison {
    compare(&Api::from_document("changed", facts).unwrap()).await.unwrap()
}

/// The drift of one operation that comes with a change of its facts, which are given as JSON.
async fn drift_after(operation: &str, change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut facts = facts_of(operation);
    let before = drift_of(operation, &facts).await;
    change(&mut facts);
    let after = drift_of(operation, &facts).await;
    after.into_iter().filter(|drift| !before.contains(drift)).collect()
}

async fn drift_of(operation: &str, facts: &Value) -> Vec<String> {
    let described = &facts["operations"][operation];
    let place = format!("{} {} ", described["method"].as_str().unwrap(), described["path"].as_str().unwrap());
    let comparison = compared(facts.clone()).await;
    let drift = comparison.drift.iter().map(ToString::to_string);
    drift.filter_map(|drift| Some(drift.strip_prefix(&place)?.to_owned())).collect()
}
