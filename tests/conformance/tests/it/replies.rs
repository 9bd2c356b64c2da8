//! What the records read.

use serde_json::{Value, json};

use super::{client, description, drift_of_replies, nullable, object, one_of, open_enum, text};

#[test]
fn a_described_field_that_no_record_reads_is_unread() {
    let described = object(&json!({"id!": text(), "name": text(), "owner": object(&json!({"id!": text()}))}));
    assert_eq!(drift_of_replies(&described, &object(&json!({"id!": text()}))), ["name unread", "owner unread"]);
}

#[test]
fn a_map_for_unknown_fields_reads_none_of_them() {
    let mut ours = object(&json!({"id!": text()}));
    ours["additionalProperties"] = json!(true);
    assert_eq!(drift_of_replies(&object(&json!({"id!": text(), "name": text()})), &ours), ["name unread"]);
}

#[test]
fn a_field_that_can_only_be_null_need_not_be_read() {
    let described = object(&json!({"id!": text(), "omitted!": {"type": "null", "const": null}}));
    assert!(drift_of_replies(&described, &object(&json!({"id!": text()}))).is_empty());
}

#[test]
fn a_record_requires_only_what_is_always_there() {
    let required = object(&json!({"name!": text()}));
    let optional = object(&json!({"name": text()}));
    let with_null = object(&json!({"name!": nullable(&text())}));
    assert!(drift_of_replies(&required, &required).is_empty());
    assert!(drift_of_replies(&required, &optional).is_empty());
    assert_eq!(drift_of_replies(&optional, &required), ["name wrongly required"]);
    assert_eq!(drift_of_replies(&with_null, &required), ["name wrongly required"]);
    assert_eq!(drift_of_replies(&with_null, &optional), ["name cannot read null"]);
    assert!(drift_of_replies(&with_null, &object(&json!({"name": {"type": ["string", "null"]}}))).is_empty());
    let neither = object(&json!({"name": nullable(&text())}));
    assert_eq!(drift_of_replies(&neither, &required), ["name wrongly required"]);
}

#[test]
fn a_record_reads_every_type_that_is_described() {
    let amount = |kind: &str| object(&json!({"amount!": {"type": kind}}));
    assert_eq!(drift_of_replies(&amount("number"), &amount("integer")), ["amount cannot read number"]);
    assert!(drift_of_replies(&amount("integer"), &amount("number")).is_empty());
    assert_eq!(drift_of_replies(&amount("string"), &amount("integer")), ["amount cannot read string"]);
    assert_eq!(drift_of_replies(&amount("object"), &amount("array")), ["amount cannot read object"]);
    let anything = object(&json!({"amount!": {}}));
    assert_eq!(drift_of_replies(&anything, &amount("integer")), ["amount cannot read any value"]);
    assert!(drift_of_replies(&amount("integer"), &anything).is_empty());
    assert!(drift_of_replies(&anything, &anything).is_empty());
}

#[test]
fn a_record_knows_every_described_value() {
    let status = |schema| object(&json!({"status!": schema}));
    let described = status(one_of(&["on", "off"]));
    for known in [open_enum(&["on"]), one_of(&["on"])] {
        assert_eq!(drift_of_replies(&described, &status(known)), [r#"status unknown value "off""#]);
    }
    for reads_all in [open_enum(&["on", "off"]), one_of(&["on", "off", "dim"]), text()] {
        assert!(drift_of_replies(&described, &status(reads_all)).is_empty());
    }
}

#[test]
fn plain_text_is_read_by_an_open_enum_and_not_by_a_closed_one() {
    let status = |schema| object(&json!({"status!": schema}));
    assert!(drift_of_replies(&status(text()), &status(open_enum(&["on"]))).is_empty());
    let closed = status(one_of(&["on"]));
    assert_eq!(drift_of_replies(&status(text()), &closed), ["status cannot read any string"]);
}

#[test]
fn a_listed_number_beside_all_numbers_is_nothing_new() {
    let amount = |schema| object(&json!({"amount!": schema}));
    let zero_or_more = json!({"anyOf": [{"type": "integer", "exclusiveMinimum": 0}, {"type": "number", "const": 0}]});
    assert!(drift_of_replies(&amount(zero_or_more), &amount(json!({"type": "integer"}))).is_empty());
}

#[test]
fn a_field_that_is_not_described_is_information_unless_it_is_required() {
    let described = object(&json!({"id!": text()}));
    let reads_more = object(&json!({"id!": text(), "note": text()}));
    let comparison = flowglad_conformance::compare(&description(None, &described), &client(None, &reads_more)).unwrap();
    assert!(comparison.drift.is_empty());
    let extras: Vec<_> = comparison.extras.iter().map(ToString::to_string).collect();
    assert_eq!(extras, ["POST /things reply note extra"]);
    let needs_more = object(&json!({"id!": text(), "note!": text()}));
    assert_eq!(drift_of_replies(&described, &needs_more), ["note wrongly required"]);
}

#[test]
fn a_free_form_object_may_be_read_as_a_map_or_as_any_value() {
    let metadata = |schema| object(&json!({"metadata": schema}));
    let free: [Value; 3] = [
        json!({"type": "object"}),
        json!({"type": "object", "additionalProperties": {}}),
        json!({"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "number"}]}}),
    ];
    for described in free {
        for ours in [json!(true), json!({"type": "object", "additionalProperties": true})] {
            assert!(drift_of_replies(&metadata(described.clone()), &metadata(ours)).is_empty(), "{described}");
        }
    }
    let texts = metadata(json!({"type": "object", "additionalProperties": {"type": "string"}}));
    let numbers = metadata(json!({"type": "object", "additionalProperties": {"type": "integer"}}));
    assert_eq!(drift_of_replies(&texts, &numbers), ["metadata{} cannot read string"]);
}

#[test]
fn a_map_or_any_value_in_place_of_described_fields_is_untyped() {
    let inner = object(&json!({"id!": text()}));
    for ours in [json!(true), json!({"type": "object", "additionalProperties": true})] {
        let described = object(&json!({"owner": inner}));
        assert_eq!(drift_of_replies(&described, &object(&json!({"owner": ours}))), ["owner untyped"]);
        let list = |items| object(&json!({"owners": {"type": "array", "items": items}}));
        assert_eq!(drift_of_replies(&list(inner.clone()), &list(ours)), ["owners[] untyped"]);
    }
}

#[test]
fn a_flat_record_reads_all_alternatives() {
    let one = |kind: &str, meter: Value| object(&json!({"type!": {"const": kind}, "meter!": meter}));
    let described = json!({"oneOf": [one("plain", json!({"type": "null"})), one("usage", text())]});
    let kinds = ["plain", "usage"];
    let flat = |meter: &str, schema| object(&json!({"type!": open_enum(&kinds), meter: schema}));
    assert!(drift_of_replies(&described, &flat("meter", nullable(&text()))).is_empty());
    assert_eq!(drift_of_replies(&described, &flat("meter!", text())), ["meter wrongly required"]);
}

#[test]
fn records_that_a_value_tells_apart_are_compared_one_by_one() {
    let described = json!({"oneOf": [
        object(&json!({"type!": {"const": "plain"}, "name!": text()})),
        object(&json!({"type!": {"const": "usage"}, "name!": text(), "meter": text()})),
    ]});
    let ours = json!({"anyOf": [
        object(&json!({"type!": {"const": "plain"}, "name!": text()})),
        object(&json!({"type!": {"const": "usage"}, "meter!": text()})),
        {"type": "object", "additionalProperties": true},
    ]});
    let drift = drift_of_replies(&described, &ours);
    assert_eq!(drift, ["(type=usage).meter wrongly required", "(type=usage).name unread"]);
}

#[test]
fn a_reply_that_is_not_described_may_be_passed_over() {
    let described = json!({"paths": {"/api/v1/things": {"post": {"responses": {"204": {"description": "Done."}}}}}});
    let drift = |reply| {
        let comparison = flowglad_conformance::compare(&described, &client(None, &reply));
        super::problems(comparison, "POST /things reply ")
    };
    assert!(drift(json!({"type": "null"})).is_empty());
    assert!(drift(object(&json!({"id": text()}))).is_empty());
    assert_eq!(drift(object(&json!({"id!": text()}))), ["$ wrongly required"]);
}
