//! The typed client beside the API's description, where that is at hand.

use std::collections::BTreeSet;

use std::{fs, path::Path};

use flowglad_conformance::{Allowances, ClientOperation, Report, client_operations, compare, read_description};
use serde_json::Value;

const CRATE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn nothing_unexplained_beside_the_api_description() {
    let description = Path::new(CRATE).join("../../shared/openapi.json");
    if !description.exists() {
        eprintln!("skipped: no API description beside this repository");
        return;
    }
    let description = read_description(description.to_str().unwrap()).unwrap();
    let allowances = Allowances::parse(&fs::read_to_string(Path::new(CRATE).join("allowed-drift")).unwrap()).unwrap();
    let report = Report::of(compare(&description, &client_operations()).unwrap(), &allowances);
    assert!(report.is_clean(), "\n{report}");
}

#[test]
fn every_reference_of_the_client_leads_somewhere() {
    for operation in client_operations() {
        for schema in operation.body.iter().chain([&operation.reply]) {
            check_references(&operation, schema, schema);
        }
    }
}

/// The comparison follows only what both sides have; this follows everything.
fn check_references(operation: &ClientOperation, document: &Value, schema: &Value) {
    match schema {
        Value::Object(keywords) => {
            if let Some(reference) = keywords.get("$ref").and_then(Value::as_str) {
                let pointer = reference.strip_prefix('#').unwrap();
                assert!(document.pointer(pointer).is_some(), "{}: {reference}", operation.name);
            }
            keywords.values().for_each(|schema| check_references(operation, document, schema));
        }
        Value::Array(schemas) => schemas.iter().for_each(|schema| check_references(operation, document, schema)),
        _ => {}
    }
}

/// The table of what may be sent twice: a change here is a decision about people's money.
#[test]
fn what_may_be_sent_twice_is_written_down() {
    let lines = flowglad_core::schema::operations()
        .iter()
        .map(|operation| {
            let flowglad_core::schema::Operation { name, method, path, idempotent, .. } = operation;
            let retried = if *idempotent { "always" } else { "if_not_delivered" };
            format!("{retried}: {name}: {method} {path}")
        })
        .collect::<BTreeSet<_>>();
    insta::assert_snapshot!(Vec::from_iter(lines).join("\n"));
}
