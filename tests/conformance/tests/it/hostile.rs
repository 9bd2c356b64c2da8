//! Descriptions that make no sense end with a clear error.

use std::{error::Error as _, fmt::Write as _};

use flowglad_conformance::{Error, compare};
use serde_json::{Value, json};

use super::{client, description, object, text};

fn refusal(described: &Value) -> String {
    with_cause(&compare(described, &client(Some(&json!(true)), &json!(true))).unwrap_err())
}

fn refusal_of_body(schema: &Value) -> String {
    refusal(&description(Some(schema), &json!({})))
}

fn with_cause(error: &Error) -> String {
    let cause = error.source().map_or_else(String::new, |cause| format!(": {cause}"));
    format!("{error}{cause}")
}

#[test]
fn a_document_without_operations_is_no_description() {
    assert_eq!(refusal(&json!([])), "not an API description: it has no `paths`");
    assert_eq!(refusal(&json!({"paths": []})), "not an API description: it has no `paths`");
    assert_eq!(refusal(&json!({"paths": {}})), "not an API description: its `paths` hold no operation");
    assert_eq!(refusal(&json!({"paths": {"/a": 1}})), "not an API description: `/a` is not an object");
    assert_eq!(refusal(&json!({"paths": {"/a": {"get": 1}}})), "not an API description: `GET /a` is not an object");
}

#[test]
fn a_reference_that_leads_nowhere_is_named() {
    let place = "POST /things body: the reference";
    for reference in ["#/components/schemas/None", "other.json#/Thing", "#components", "#/%FF"] {
        let refusal = refusal_of_body(&json!({"$ref": reference}));
        assert_eq!(refusal, format!("{place} `{reference}` leads nowhere in its document"));
    }
    let inside = object(&json!({"a": {"type": "array", "items": {"$ref": "#/none"}}}));
    let ours = object(&json!({"a": {"type": "array", "items": text()}}));
    let error = compare(&description(Some(&inside), &json!({})), &client(Some(&ours), &json!(true))).unwrap_err();
    assert_eq!(with_cause(&error), format!("{place} `#/none` leads nowhere in its document"));
}

#[test]
fn references_in_a_circle_end() {
    let circle = "POST /things body: a schema consists of itself: its references go round in a circle";
    let mut described = description(Some(&json!({"$ref": "#/a"})), &json!({}));
    described["a"] = json!({"$ref": "#/b"});
    described["b"] = json!({"$ref": "#/a"});
    assert_eq!(refusal(&described), circle);
    described["b"] = json!({"anyOf": [{"type": "null"}, {"allOf": [{"$ref": "#/a"}]}]});
    assert_eq!(refusal(&described), circle);
    described["paths"]["/api/v1/things"] = json!({"$ref": "#/paths/~1api~1v1~1things"});
    let circle = "/api/v1/things: a schema consists of itself: its references go round in a circle";
    assert_eq!(refusal(&described), circle);
}

#[test]
fn what_is_no_schema_is_refused() {
    assert_eq!(refusal_of_body(&json!(["string"])), "POST /things body: a schema is neither an object nor a boolean");
    assert_eq!(refusal_of_body(&json!({"type": "strnig"})), "POST /things body: `strnig` is not a type");
    assert_eq!(refusal_of_body(&json!({"type": 5})), "POST /things body: `5` is not a type");
    let mut described = description(None, &json!({}));
    described["paths"]["/api/v1/things"]["post"]["parameters"] = json!([5]);
    assert_eq!(refusal(&described), "POST /things query: a schema is neither an object nor a boolean");
}

#[test]
fn a_schema_that_would_take_for_ever_is_refused() {
    let two = json!({"anyOf": [{"type": "string"}, {"type": "integer"}]});
    let parts: Vec<_> = (0..40).map(|_| two.clone()).collect();
    // Parts that contradict each other vanish on the way.
    assert!(
        compare(&description(Some(&json!({"allOf": parts})), &json!({})), &client(Some(&text()), &json!({}))).is_ok()
    );
    let field =
        |name: String| json!({"anyOf": [object(&json!({name.clone(): text()})), object(&json!({name + "2": text()}))]});
    let parts: Vec<_> = (0..40).map(|number| field(number.to_string())).collect();
    assert_eq!(refusal_of_body(&json!({"allOf": parts})), "POST /things body: too many alternatives to compare");
}

#[test]
fn a_long_chain_of_references_is_refused() {
    let mut described = description(Some(&json!({"$ref": "#/s/0"})), &json!({}));
    described["s"] = (0..10_000).map(|number| json!({"allOf": [{"$ref": format!("#/s/{}", number + 1)}]})).collect();
    assert_eq!(refusal(&described), "POST /things body: too many levels of references and alternatives to compare");
}

#[test]
fn a_deep_schema_beside_one_that_holds_itself_is_refused() {
    let tree = object(&json!({"a": {"$ref": "#"}, "b": {"$ref": "#"}}));
    let mut described = description(Some(&json!({"$ref": "#/s/0"})), &json!({}));
    let level = |next: usize| {
        let next = json!({"$ref": format!("#/s/{next}")});
        object(&json!({"a": next, "b": next}))
    };
    described["s"] = (1..=10_000).map(level).collect();
    let error = compare(&described, &client(Some(&tree), &json!(true))).unwrap_err();
    assert_eq!(with_cause(&error), "POST /things body: too many levels to compare");
    described["s"] = (1..=50).map(level).chain([text()]).collect();
    let error = compare(&described, &client(Some(&tree), &json!(true))).unwrap_err();
    assert_eq!(with_cause(&error), "POST /things body: too many fields to compare");
}

#[test]
fn strange_values_in_known_places_do_no_harm() {
    let mut strange = String::from("{");
    for keyword in ["allOf", "anyOf", "oneOf", "required", "properties", "enum", "items", "patternProperties", "$ref"] {
        for value in ["null", "5", "\"x\"", "[]", "{}", "[null]", "[{}]", "true"] {
            let schema = format!("{{\"type\":\"object\",\"{keyword}\":{value}}}");
            let schema: Value = serde_json::from_str(&schema).unwrap();
            let outcome = compare(&description(Some(&schema), &schema), &client(Some(&schema), &schema));
            if let Err(error) = outcome {
                writeln!(strange, "{}", with_cause(&error)).unwrap();
            }
        }
    }
    assert!(strange.contains("neither an object nor a boolean"), "{strange}");
}
