//! Changes of a description that a client fits: each is noticed.

use std::{fs, path::Path};

use flowglad_conformance::{ClientOperation, Comparison, compare};
use serde_json::{Value, json};

use super::ids;

/// A file beside these tests.
fn fixture(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

fn compared(description: &Value) -> Comparison {
    let client: Vec<ClientOperation> = serde_json::from_value(fixture("client.json")).unwrap();
    compare(description, &client).unwrap()
}

#[test]
fn the_client_fits() {
    let comparison = compared(&fixture("description.json"));
    assert_eq!(ids(&comparison), [""; 0]);
    assert_eq!(comparison.extras.iter().map(|extra| &*extra.at).collect::<Vec<_>>(), ["data[].note"]);
}

/// Changes one place after the other, and collects what the comparison says to each.
fn after_each_change(is_place: impl Fn(&Value) -> bool, change: impl Fn(&mut Value)) -> Vec<(String, Vec<String>)> {
    let mut places = Vec::new();
    find_places(&fixture("description.json"), String::new(), &is_place, &mut places);
    let mut outcomes = Vec::new();
    for place in places {
        let mut description = fixture("description.json");
        change(description.pointer_mut(&place).unwrap());
        outcomes.push((place, ids(&compared(&description))));
    }
    outcomes
}

fn find_places(value: &Value, at: String, is_place: &impl Fn(&Value) -> bool, places: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.replace('/', "~1"), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(number, value)| (number.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        find_places(child, format!("{at}/{name}"), is_place, places);
    }
    if is_place(value) && !at.contains("/Failure") {
        places.push(at);
    }
}

#[test]
fn a_new_field_is_noticed_wherever_it_comes() {
    let outcomes = after_each_change(
        |schema| schema.get("properties").is_some(),
        |schema| schema["properties"]["brandNew"] = json!({"type": "string"}),
    );
    assert_eq!(outcomes.len(), 8);
    for (place, drift) in outcomes {
        let noticed = |id: &String| id.ends_with("brandNew missing") || id.ends_with("brandNew unread");
        assert!(!drift.is_empty() && drift.iter().all(noticed), "{place}: {drift:?}");
    }
}

#[test]
fn a_new_value_is_noticed_wherever_it_comes() {
    let outcomes = after_each_change(
        |schema| schema.get("enum").is_some(),
        |schema| schema["enum"].as_array_mut().unwrap().push(json!("brand_new")),
    );
    assert_eq!(outcomes.len(), 1);
    for (place, drift) in outcomes {
        let noticed = |id: &String| id.ends_with(r#"unknown value "brand_new""#);
        assert!(!drift.is_empty() && drift.iter().all(noticed), "{place}: {drift:?}");
    }
}

#[test]
fn another_type_is_noticed_wherever_it_comes() {
    let outcomes = after_each_change(
        |schema| schema["type"] == "string" && schema.get("const").is_none(),
        |schema| {
            *schema = json!({"type": "object", "properties": {"inside": {"type": "string"}}, "required": ["inside"]});
        },
    );
    assert!(outcomes.len() > 5);
    let unnoticed: Vec<_> = outcomes.iter().filter(|(_, drift)| drift.is_empty()).map(|(place, _)| &**place).collect();
    // The type of a query parameter is its own affair, and so are the names of fields and the items of such a list.
    for place in unnoticed {
        let of_no_interest = place.contains("/parameters/") || place.ends_with("/propertyNames");
        assert!(of_no_interest || place.contains("/Metadata/"), "{place}");
    }
}

#[test]
fn a_field_that_is_not_always_there_any_more_is_noticed_where_a_record_requires_it() {
    let outcomes = after_each_change(
        |schema| schema.get("required").is_some_and(Value::is_array),
        |schema| schema["required"] = json!([]),
    );
    let lines: Vec<String> = outcomes.into_iter().flat_map(|(_, drift)| drift).collect();
    assert!(lines.iter().all(|line| line.ends_with("wrongly required")), "{lines:?}");
    for line in ["GET /things reply data wrongly required", "GET /trees/{id} reply name wrongly required"] {
        assert!(lines.iter().any(|known| known == line), "{line} is not in {lines:?}");
    }
}
