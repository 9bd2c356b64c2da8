//! The field names of a JSON Schema and of a JSON value, in the form `customer.billingAddress.name`.

use std::collections::BTreeSet;

use serde_json::Value;

/// Every field of the schema, including those in lists and alternatives.
pub(crate) fn named_in(schema: &Value) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    walk_schema(schema, schema, "", &mut fields);
    fields
}

fn walk_schema(root: &Value, schema: &Value, path: &str, fields: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let definition = root.pointer(name.trim_start_matches('#')).unwrap();
        walk_schema(root, definition, path, fields);
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let path = below(path, name);
        walk_schema(root, field, &path, fields);
        fields.insert(path);
    }
    for alternatives in ["anyOf", "oneOf", "allOf"] {
        for alternative in schema[alternatives].as_array().into_iter().flatten() {
            walk_schema(root, alternative, path, fields);
        }
    }
    if let Some(items) = schema.get("items") {
        walk_schema(root, items, path, fields);
    }
}

/// Every field of the value, including those in lists.
pub(crate) fn of(value: &Value) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    walk(value, "", &mut fields);
    fields
}

fn walk(value: &Value, path: &str, fields: &mut BTreeSet<String>) {
    for (name, field) in value.as_object().into_iter().flatten() {
        let path = below(path, name);
        walk(field, &path, fields);
        fields.insert(path);
    }
    for item in value.as_array().into_iter().flatten() {
        walk(item, path, fields);
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
