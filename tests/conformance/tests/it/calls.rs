//! What every call sends, and how often.

use std::collections::{BTreeMap, BTreeSet};

use flowglad_conformance::{Case, Observed, ScriptedApi, every_case, observe};

use super::facts;

async fn every_request() -> Vec<(Case, Observed)> {
    let cases = every_case();
    let requests = observe(&ScriptedApi::start().await.unwrap(), &cases).await.unwrap();
    cases.into_iter().zip(requests).collect()
}

/// As it is sent, but for what is made anew for each call.
fn shown(request: &Observed) -> String {
    let parts = request.body_text.split("\"transactionId\":\"").map(|part| match part.split_once('"') {
        Some((id, rest)) if id.len() == 36 => format!("(a fresh one)\"{rest}"),
        _ => part.to_owned(),
    });
    let body = parts.collect::<Vec<_>>().join("\"transactionId\":\"");
    format!("{} {}\n{body}", request.method, request.target).trim_end().to_owned()
}

#[tokio::test]
async fn every_operation_is_sent_as_recorded() {
    let requests = every_request().await;
    let shown: Vec<String> = requests.iter().map(|(case, request)| format!("# {case}\n{}", shown(request))).collect();
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[tokio::test]
async fn every_operation_is_called_and_each_by_one_name() {
    let (facts, mut names) = (facts(), BTreeMap::<String, BTreeSet<&str>>::new());
    for (case, request) in every_request().await {
        let (described, operation) = facts.operation_at(&request.method, &request.path).unwrap();
        assert_eq!(operation.body.is_some() || request.has_content_type, !request.body_text.is_empty(), "{case}");
        assert_eq!(request.has_content_type, !request.body_text.is_empty(), "{case}");
        names.entry(described.to_owned()).or_default().insert(case.operation);
    }
    assert_eq!(names.keys().collect::<Vec<_>>(), facts.operations.keys().collect::<Vec<_>>());
    assert!(names.values().all(|names| names.len() == 1), "{names:?}");
    let different: BTreeSet<&str> = names.values().flatten().copied().collect();
    assert_eq!(different.len(), names.len(), "two operations have one name");
}

/// One value of a list looks like text to the API, which refuses it.
#[tokio::test]
async fn query_parameters_that_are_lists_come_at_least_twice_and_others_once() {
    let facts = facts();
    for (case, request) in every_request().await {
        let (_, operation) = facts.operation_at(&request.method, &request.path).unwrap();
        for (name, _) in &request.query {
            let (_, shape) = operation.query_parameters().find(|(known, _)| known == name).unwrap();
            let times = request.query.iter().filter(|(other, _)| other == name).count();
            assert!(if shape["type"] == "array" { times > 1 } else { times == 1 }, "{case}: {name} {times} times");
        }
    }
}

/// The table of what is retried after a failure that does not say whether the request was handled: a change here is a
/// decision about people's money. Each call fails with the name of its operation.
#[tokio::test]
async fn what_is_retried_is_written_down() {
    let mut lines = BTreeSet::new();
    for (case, request) in every_request().await {
        // The retries of one client are limited.
        let api = ScriptedApi::start().await.unwrap();
        api.fail_with(503);
        let error = case.call(&api.client).await.unwrap_err().to_string();
        assert!(error.starts_with(case.operation), "{case}: {error}");
        let rule = match api.take_requests().len() {
            1 => "if_not_delivered",
            3 => "always",
            other => panic!("{case}: {other} requests"),
        };
        let facts = facts();
        let (_, operation) = facts.operation_at(&request.method, &request.path).unwrap();
        let form = if case.operation == "resource_claims.claim" { format!(" ({})", case.form) } else { String::new() };
        lines.insert(format!("{rule}: {}{form}: {} {}", case.operation, operation.method, operation.path));
    }
    insta::assert_snapshot!(Vec::from_iter(lines).join("\n"));
}
