//! Changes of what the API takes: each is noticed.

use serde_json::json;

use super::{compared, drift_after, facts_of};

#[tokio::test]
async fn a_new_field_of_a_body_is_missing() {
    let drift = drift_after("usageEvents.create", |facts| {
        let event = &mut facts["operations"]["usageEvents.create"]["body"]["properties"]["usageEvent"];
        event["properties"]["brandNew"] = json!({"type": "string"});
    });
    assert_eq!(drift.await, ["body usageEvent.brandNew missing"]);
}

#[tokio::test]
async fn a_new_required_field_of_a_body_makes_the_calls_invalid() {
    let drift = drift_after("usageEvents.create", |facts| {
        facts["operations"]["usageEvents.create"]["body"]["required"] = json!(["brandNew"]);
    });
    assert_eq!(drift.await, ["body $ invalid: \"brandNew\" is a required property"]);
}

#[tokio::test]
async fn a_field_of_a_body_that_is_described_no_more_is_extra() {
    let drift = drift_after("usageEvents.create", |facts| {
        let event = &mut facts["operations"]["usageEvents.create"]["body"]["properties"]["usageEvent"];
        assert!(event["properties"].as_object_mut().unwrap().remove("usageDate").is_some());
    });
    assert_eq!(drift.await, ["body usageEvent.usageDate extra"]);
}

#[tokio::test]
async fn another_type_of_a_field_makes_the_calls_invalid() {
    let drift = drift_after("usageEvents.create", |facts| {
        let event = &mut facts["operations"]["usageEvents.create"]["body"]["properties"]["usageEvent"];
        event["properties"]["amount"] = json!({"type": "string"});
    });
    assert_eq!(drift.await, ["body usageEvent.amount invalid: the value is not of type \"string\""]);
}

#[tokio::test]
async fn a_new_value_that_no_call_sends_is_noticed() {
    let drift = drift_after("usageMeters.create", |facts| {
        let text = facts.to_string().replace(r#"["sum","count_d"#, r#"["average","sum","count_d"#);
        *facts = serde_json::from_str(&text).unwrap();
    });
    let unsent = r#"body usageMeter.aggregationType never sends "average""#.to_owned();
    assert!(drift.await.contains(&unsent));
}

#[tokio::test]
async fn a_new_query_parameter_is_missing_and_one_described_no_more_is_extra() {
    let drift = drift_after("payments.list", |facts| {
        let query = &mut facts["operations"]["payments.list"]["query"];
        query["properties"]["status"] = json!({"type": "string"});
        assert!(query["properties"].as_object_mut().unwrap().remove("limit").is_some());
    });
    assert_eq!(drift.await, ["query limit extra", "query status missing"]);
}

#[tokio::test]
async fn a_new_operation_is_missing_and_one_described_no_more_is_extra() {
    let mut facts = facts_of("payments.list");
    let operation = facts["operations"]["payments.list"].clone();
    facts["operations"]["payments.search"] = operation;
    facts["operations"]["payments.search"]["path"] = json!("/payment-searches");
    let drift: Vec<String> = compared(facts).await.drift.iter().map(ToString::to_string).collect();
    assert!(drift.contains(&"GET /payment-searches operation missing".to_owned()), "{drift:?}");
    assert!(drift.contains(&"GET /payments/pym_1 operation extra".to_owned()), "{drift:?}");
}
