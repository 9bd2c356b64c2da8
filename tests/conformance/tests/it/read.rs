//! Changes of what the API returns: each is noticed.

use serde_json::{Value, json};

use super::drift_after;

fn customer(facts: &mut Value) -> &mut Value {
    let customer = &facts["operations"]["customers.get"]["reply"]["properties"]["customer"];
    let name = customer["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    &mut facts["shapes"][name]
}

#[tokio::test]
async fn a_new_field_of_a_record_is_unread() {
    let drift = drift_after("customers.get", |facts| {
        customer(facts)["properties"]["brandNew"] =
            json!({"type": "object", "properties": {"inside": {"type": "string"}}});
    });
    assert_eq!(drift.await, ["reply customer.brandNew unread"]);
}

#[tokio::test]
async fn a_new_field_beside_the_record_is_unread() {
    let drift = drift_after("payments.get", |facts| {
        facts["operations"]["payments.get"]["reply"]["properties"]["brandNew"] = json!({"type": "string"});
    });
    assert_eq!(drift.await, ["reply brandNew unread"]);
}

#[tokio::test]
async fn a_field_that_may_be_absent_now_is_wrongly_required() {
    let drift = drift_after("customers.get", |facts| {
        customer(facts)["required"].as_array_mut().unwrap().retain(|name| name != "createdAt");
    });
    assert_eq!(drift.await, ["reply customer.createdAt wrongly required"]);
}

#[tokio::test]
async fn a_field_that_can_be_of_another_type_now_cannot_be_read() {
    let drift = drift_after("customers.get", |facts| {
        customer(facts)["properties"]["email"] = json!({"anyOf": [{"type": "string"}, {"type": "boolean"}]});
    });
    assert_eq!(drift.await, ["reply customer.email cannot read false", "reply customer.email cannot read true"]);
}

#[tokio::test]
async fn one_refusal_does_not_hide_another() {
    let drift = drift_after("customers.get", |facts| {
        let fields = &mut customer(facts)["properties"];
        fields["email"] = json!({"anyOf": [{"type": "string"}, {"const": 1}]});
        fields["name"] = json!({"anyOf": [{"type": "string"}, {"const": 2}]});
    });
    assert_eq!(drift.await, ["reply customer.email cannot read 1", "reply customer.name cannot read 2"]);
}

#[tokio::test]
async fn a_new_value_is_unknown() {
    let drift = drift_after("usageMeters.get", |facts| {
        let text = facts["shapes"]
            .to_string()
            .replace(r#"["sum","count_distinct_properties"]"#, r#"["sum","count_distinct_properties","average"]"#);
        facts["shapes"] = serde_json::from_str(&text).unwrap();
    });
    assert_eq!(drift.await, [r#"reply usageMeter.aggregationType unknown value "average""#]);
}
