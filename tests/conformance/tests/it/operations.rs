//! Which operations there are, and their query parameters.

use flowglad_conformance::{ClientOperation, Compared, compare};
use serde_json::{Value, json};

use super::{ids, object, text};

fn drift(described: &Value, ours: Value) -> Vec<String> {
    let ours: Vec<ClientOperation> = serde_json::from_value(ours).unwrap();
    ids(&compare(&json!({"paths": described}), &ours).unwrap())
}

#[test]
fn operations_are_matched_by_method_and_path() {
    let described = json!({
        "/api/v1/things": {"get": {}, "post": {}},
        "/api/v1/things/{id}": {"get": {}},
        "/api/v1/things/{slug}/tags": {"get": {}, "summary": "no operation"},
    });
    let ours = json!([
        {"name": "things.list", "method": "GET", "path": "/things", "reply": true},
        {"name": "things.get", "method": "GET", "path": "/things/{id}", "reply": true},
        {"name": "things.tags", "method": "GET", "path": "/things/{id}/tags", "reply": true},
        {"name": "things.delete", "method": "DELETE", "path": "/things/{id}", "reply": true},
    ]);
    assert_eq!(
        drift(&described, ours),
        [
            "POST /things operation missing",
            "DELETE /things/{id} operation extra",
            "GET /things/{id}/tags operation extra",
            "GET /things/{slug}/tags operation missing",
        ]
    );
}

#[test]
fn query_parameters_are_compared() {
    let parameter = |name, schema: Value| json!({"in": "query", "name": name, "schema": schema});
    let list = json!({"type": "array", "items": {"type": "string"}});
    let mut required = parameter("of", text());
    required["required"] = json!(true);
    let described = json!({"/api/v1/things": {
        "parameters": [parameter("shared", text()), parameter("limit", list.clone())],
        "get": {"parameters": [
            parameter("limit", text()),
            parameter("tags", list.clone()),
            parameter("ids", list.clone()),
            parameter("name", text()),
            parameter("cursor", text()),
            parameter("either", json!({"anyOf": [list, {"type": "string"}]})),
            required,
            {"in": "header", "name": "accept-language", "schema": {"type": "string"}},
        ]},
    }});
    let ours = json!([{"name": "things.list", "method": "GET", "path": "/things", "reply": true, "query": [
        {"name": "limit"}, {"name": "tags"}, {"name": "ids", "repeated": true}, {"name": "name", "repeated": true},
        {"name": "of"}, {"name": "colour"}, {"name": "shared"}, {"name": "either"},
    ]}]);
    assert_eq!(
        drift(&described, ours),
        [
            "GET /things query colour extra",
            "GET /things query cursor missing",
            "GET /things query name described as one value",
            "GET /things query of may be left out",
            "GET /things query tags described as a list",
        ]
    );
}

#[test]
fn one_operation_may_be_several_of_the_client() {
    let body = object(&json!({"quantity": {"type": "integer"}, "name": text(), "of!": text()}));
    let described = json!({"/api/v1/claims": {"post": {
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {"200": {"content": {"application/json": {"schema": object(&json!({"id!": text()}))}}}},
    }}});
    let claim = |body: &Value| {
        json!({"name": "claim", "method": "POST", "path": "/claims", "body": body,
        "reply": object(&json!({"id!": text()}))})
    };
    let by_quantity = object(&json!({"quantity!": {"type": "integer"}, "of!": text()}));
    let by_name = object(&json!({"name!": text(), "of!": text()}));
    assert!(drift(&described, json!([claim(&by_quantity), claim(&by_name)])).is_empty());
    assert_eq!(drift(&described, json!([claim(&by_name)])), ["POST /claims body quantity missing"]);
}

#[test]
fn totals_count_what_is_described_and_compared() {
    let record = object(&json!({"id!": text(), "status": {"enum": ["on", "off"]}, "kids": {"type": "array",
        "items": object(&json!({"id!": text()}))}}));
    let post = json!({
        "requestBody": {"content": {"application/json": {"schema": object(&json!({"name!": text()}))}}},
        "responses": {"200": {"content": {"application/json": {"schema": record}}}},
        "parameters": [{"in": "query", "name": "dry", "schema": {"type": "boolean"}}],
    });
    let described = json!({"paths": {"/api/v1/things": {"post": post, "get": {}}}});
    let ours = json!([{"name": "things.create", "method": "POST", "path": "/things", "query": [{"name": "dry"}],
        "body": object(&json!({"name!": text()})), "reply": record}]);
    let ours: Vec<ClientOperation> = serde_json::from_value(ours).unwrap();
    let Compared {
        operations_described,
        operations_covered,
        query_parameters,
        body_fields,
        reply_fields,
        enum_values,
        ..
    } = compare(&described, &ours).unwrap().compared;
    assert_eq!((operations_described, operations_covered, query_parameters), (2, 1, 1));
    assert_eq!((body_fields, reply_fields, enum_values), (1, 4, 2));
}
