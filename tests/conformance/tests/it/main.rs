//! Compares small clients with small descriptions, each with one thing that does not fit.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod allowed;
mod bodies;
mod changes;
mod hostile;
mod operations;
mod program;
mod real_client;
mod replies;

use flowglad_conformance::{ClientOperation, Comparison, Error, compare};
use serde_json::{Value, json};

/// A description of one operation, `POST /things`.
fn description(body: Option<&Value>, reply: &Value) -> Value {
    let mut operation = json!({"responses": {"200": {"content": {"application/json": {"schema": reply}}}}});
    if let Some(body) = body {
        operation["requestBody"] = json!({"content": {"application/json": {"schema": body}}});
    }
    json!({"paths": {"/api/v1/things": {"post": operation}}})
}

/// A client of one operation, `POST /things`.
fn client(body: Option<&Value>, reply: &Value) -> Vec<ClientOperation> {
    let operation = json!({"name": "things.create", "method": "POST", "path": "/things", "body": body, "reply": reply});
    serde_json::from_value(json!([operation])).unwrap()
}

/// What does not fit between a described body and one of ours.
fn drift_of_bodies(described: &Value, ours: &Value) -> Vec<String> {
    let reply = json!({"type": "object"});
    problems(compare(&description(Some(described), &reply), &client(Some(ours), &reply)), "POST /things body ")
}

/// What does not fit between a described reply and a record of ours.
fn drift_of_replies(described: &Value, ours: &Value) -> Vec<String> {
    problems(compare(&description(None, described), &client(None, ours)), "POST /things reply ")
}

fn problems(comparison: Result<Comparison, Error>, prefix: &str) -> Vec<String> {
    let ids = ids(&comparison.unwrap());
    ids.iter().map(|id| id.strip_prefix(prefix).unwrap().to_owned()).collect()
}

fn ids(comparison: &Comparison) -> Vec<String> {
    comparison.drift.iter().map(ToString::to_string).collect()
}

/// An object that requires what is marked with `!` after its name.
fn object(fields: &Value) -> Value {
    let fields = fields.as_object().unwrap();
    let required: Vec<_> = fields.keys().filter_map(|name| name.strip_suffix('!')).collect();
    let properties = fields.iter().map(|(name, schema)| (name.trim_end_matches('!').to_owned(), schema.clone()));
    json!({"type": "object", "properties": properties.collect::<serde_json::Map<_, _>>(), "required": required})
}

fn text() -> Value {
    json!({"type": "string"})
}

fn nullable(schema: &Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn one_of(values: &[&str]) -> Value {
    json!({"type": "string", "enum": values})
}

/// As schemars shows an enum whose last variant keeps an unknown value.
fn open_enum(values: &[&str]) -> Value {
    json!({"anyOf": [{"type": "string", "enum": values}, {"type": "string"}]})
}
