//! The recorded facts, and how they are taken out of a description.

use std::fs;

use flowglad_conformance::{Api, compare};
use serde_json::{Value, json};

use super::{FACTS, facts};

#[test]
fn the_recorded_facts_are_written_as_they_would_be_today() {
    assert_eq!(facts().to_text(), fs::read_to_string(FACTS).unwrap());
}

/// A description of one operation, `POST /things`, with this reply.
fn description(reply: &Value, schemas: &Value) -> Value {
    let operation = json!({
        "operationId": "things-create", "summary": "Prose", "description": "Prose",
        "parameters": [
            {"name": "limit", "in": "query", "description": "Prose", "schema": {"type": "string", "example": "10"}},
            {"name": "x-trace", "in": "header", "schema": {"type": "string"}},
        ],
        "responses": {
            "200": {"description": "Prose", "content": {"application/json": {"schema": reply}}},
            "404": {"description": "Prose"},
        },
    });
    json!({"openapi": "3.1.0", "paths": {"/api/v1/things": {"post": operation}}, "components": {"schemas": schemas}})
}

fn recorded(description: Value) -> Result<String, String> {
    Api::from_document("test", description).map(|api| api.to_text()).map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        format!("{error}{}", cause.unwrap_or_default())
    })
}

#[test]
fn facts_are_recorded_and_prose_is_not() {
    let reply = json!({
        "title": "Prose", "description": "Prose", "type": "object", "required": ["title", "id"],
        "properties": {
            "title": {"type": "string", "description": "Prose", "maxLength": 5, "examples": ["Prose"]},
            "id": {"$ref": "#/components/schemas/Id", "description": "Prose"},
        },
    });
    let schemas = json!({
        "Id": {"type": "string", "enum": ["b", "a"], "title": "Prose"},
        "NotNeeded": {"type": "string"},
    });
    insta::assert_snapshot!(recorded(description(&reply, &schemas)).unwrap(), @r##"
    {
      "operations": {
        "things.create": {
          "method": "POST",
          "path": "/things",
          "query": {"properties": {"limit": {"type": "string"}}, "required": [], "type": "object"},
          "reply": {
            "properties": {"id": {"$ref": "#/shapes/Id"}, "title": {"maxLength": 5, "type": "string"}},
            "required": ["id", "title"],
            "type": "object"
          }
        }
      },
      "shapes": {"Id": {"enum": ["b", "a"], "type": "string"}}
    }
    "##);
}

#[test]
fn recording_recorded_facts_changes_nothing() {
    let once = recorded(description(&json!({"type": "object"}), &json!({}))).unwrap();
    assert_eq!(recorded(serde_json::from_str(&once).unwrap()).unwrap(), once);
}

#[test]
fn what_is_no_description_is_refused() {
    for (document, problem) in [
        (json!({}), "it has no `paths`"),
        (json!({"paths": {}}), "its `paths` hold no operation"),
        (json!({"paths": {"/things": {"get": {}}}}), "`GET /things` has no `operationId`"),
        (json!({"paths": {"/things": {"get": {"operationId": "a-b", "responses": {}}}}}), "has no JSON reply"),
        (description(&json!({"newKeyword": true}), &json!({})), "the keyword `newKeyword` is not known"),
        (description(&json!({"$ref": "#/components/schemas/None"}), &json!({})), "`None` leads nowhere"),
        (description(&json!({"$ref": "https://example.com"}), &json!({})), "`https://example.com` leads nowhere"),
        (
            description(&json!({"$ref": "#/components/schemas/A"}), &json!({"A": {"$ref": "#/components/schemas/A"}})),
            "the shape `A` consists of itself",
        ),
    ] {
        let refused = recorded(document).unwrap_err();
        assert!(refused.contains(problem), "{refused}");
    }
}

#[tokio::test]
async fn a_shape_that_contains_itself_is_compared() {
    let tree = json!({"type": "object", "properties": {"inner": {"$ref": "#/components/schemas/Tree"}}});
    let description = description(&json!({"$ref": "#/components/schemas/Tree"}), &json!({"Tree": tree}));
    let comparison = compare(&Api::from_document("test", description).unwrap()).await.unwrap();
    assert_eq!(comparison.compared.reply_fields, 1);
}
