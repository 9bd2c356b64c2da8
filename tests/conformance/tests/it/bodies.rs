//! What the client sends.

use serde_json::{Value, json};

use super::{drift_of_bodies, nullable, object, one_of, open_enum, text};

#[test]
fn a_described_field_that_cannot_be_sent_is_missing() {
    let described = object(&json!({"name!": text(), "slug": text()}));
    assert_eq!(drift_of_bodies(&described, &object(&json!({"name!": text()}))), ["slug missing"]);
}

#[test]
fn a_field_that_can_only_be_null_need_not_be_sent() {
    let described = object(&json!({"name!": text(), "omitted": {"type": "null"}}));
    assert!(drift_of_bodies(&described, &object(&json!({"name!": text()}))).is_empty());
    let described = object(&json!({"name!": text(), "omitted!": {"type": "null"}}));
    assert_eq!(drift_of_bodies(&described, &object(&json!({"name!": text()}))), ["omitted missing"]);
}

#[test]
fn a_field_that_is_not_described_is_extra() {
    let ours = object(&json!({"name!": text(), "colour": text()}));
    assert_eq!(drift_of_bodies(&object(&json!({"name!": text()})), &ours), ["colour extra"]);
    let mut free = object(&json!({"name!": text()}));
    free["additionalProperties"] = json!({});
    assert!(drift_of_bodies(&free, &ours).is_empty());
    assert!(drift_of_bodies(&json!({"type": "object"}), &ours).is_empty());
}

#[test]
fn a_required_field_must_always_be_sent_and_an_optional_one_may() {
    let (required, optional) = (object(&json!({"name!": text()})), object(&json!({"name": text()})));
    assert_eq!(drift_of_bodies(&required, &optional), ["name may be left out"]);
    assert!(drift_of_bodies(&optional, &required).is_empty());
}

#[test]
fn every_type_that_is_sent_must_be_described() {
    let amount = |kind: &str| object(&json!({"amount!": {"type": kind}}));
    assert_eq!(drift_of_bodies(&amount("integer"), &amount("string")), ["amount sends string"]);
    assert_eq!(drift_of_bodies(&amount("integer"), &amount("number")), ["amount sends number"]);
    assert!(drift_of_bodies(&amount("number"), &amount("integer")).is_empty());
    let zero_or_more = json!({"anyOf": [{"type": "integer", "exclusiveMinimum": 0}, {"type": "number", "const": 0}]});
    let zero_or_more = object(&json!({"amount!": zero_or_more}));
    assert!(drift_of_bodies(&zero_or_more, &amount("integer")).is_empty());
    assert_eq!(drift_of_bodies(&zero_or_more, &amount("number")), ["amount sends number"]);
    assert_eq!(drift_of_bodies(&amount("array"), &amount("object")), ["amount sends object"]);
}

#[test]
fn null_is_sent_only_where_it_is_described() {
    let plain = object(&json!({"name!": text()}));
    let with_null = object(&json!({"name!": nullable(&text())}));
    assert_eq!(drift_of_bodies(&plain, &with_null), ["name sends null"]);
    assert!(drift_of_bodies(&with_null, &plain).is_empty());
    let openapi_3_0 = object(&json!({"name!": {"type": "string", "nullable": true}}));
    assert!(drift_of_bodies(&openapi_3_0, &with_null).is_empty());
}

#[test]
fn null_of_a_field_that_is_left_out_instead_does_not_count_unless_it_says_so() {
    let described = object(&json!({"name": text()}));
    let skipped = object(&json!({"name": {"type": ["string", "null"]}}));
    assert!(drift_of_bodies(&described, &skipped).is_empty());
    let cleared = object(&json!({"name": {"type": ["string", "null"], "x-sends-null": true}}));
    assert_eq!(drift_of_bodies(&described, &cleared), ["name sends null"]);
    assert!(drift_of_bodies(&object(&json!({"name": nullable(&text())})), &cleared).is_empty());
}

#[test]
fn listed_values_are_the_same_on_both_sides() {
    let status = |schema| object(&json!({"status!": schema}));
    let described = status(one_of(&["on", "off"]));
    assert!(drift_of_bodies(&described, &status(one_of(&["off", "on"]))).is_empty());
    assert_eq!(drift_of_bodies(&described, &status(one_of(&["on"]))), [r#"status unknown value "off""#]);
    let sends_more = status(one_of(&["on", "off", "dim"]));
    assert_eq!(drift_of_bodies(&described, &sends_more), [r#"status sends value "dim""#]);
    assert_eq!(drift_of_bodies(&described, &status(text())), ["status sends any string"]);
    assert!(drift_of_bodies(&status(text()), &status(one_of(&["on"]))).is_empty());
}

#[test]
fn an_open_enum_is_compared_by_the_values_that_it_knows() {
    let status = |schema| object(&json!({"status!": schema}));
    let described = status(one_of(&["on", "off"]));
    assert!(drift_of_bodies(&described, &status(open_enum(&["on", "off"]))).is_empty());
    let drift = drift_of_bodies(&described, &status(open_enum(&["on", "dim"])));
    assert_eq!(drift, [r#"status sends value "dim""#, r#"status unknown value "off""#]);
}

#[test]
fn a_number_that_is_listed_besides_all_others_makes_no_enum() {
    let amount = |schema: &Value| object(&json!({"amount!": schema}));
    let zero_or_more = json!({"anyOf": [{"type": "integer", "exclusiveMinimum": 0}, {"type": "number", "const": 0}]});
    let drift = drift_of_bodies(&amount(&json!({"type": "integer", "enum": [0, 1]})), &amount(&zero_or_more));
    assert_eq!(drift, ["amount sends any integer"]);
}

#[test]
fn a_boolean_has_two_values() {
    let anonymous = |schema| object(&json!({"anonymous!": schema}));
    let only_true = anonymous(json!({"type": "boolean", "const": true}));
    let boolean = anonymous(json!({"type": "boolean"}));
    assert_eq!(drift_of_bodies(&only_true, &boolean), ["anonymous sends value false"]);
    let either = anonymous(json!({"anyOf": [{"const": true}, {"const": false}]}));
    assert!(drift_of_bodies(&either, &boolean).is_empty());
    assert!(drift_of_bodies(&boolean, &either).is_empty());
}

#[test]
fn items_are_compared_too() {
    let items = |kind: &str| object(&json!({"ids!": {"type": "array", "items": {"type": kind}}}));
    assert_eq!(drift_of_bodies(&items("string"), &items("integer")), ["ids[] sends integer"]);
    let lines = |item| object(&json!({"lines!": {"type": "array", "items": item}}));
    let drift = drift_of_bodies(
        &lines(object(&json!({"price!": text(), "quantity": {"type": "integer"}}))),
        &lines(object(&json!({"price": text()}))),
    );
    assert_eq!(drift, ["lines[].price may be left out", "lines[].quantity missing"]);
    let pair = json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]});
    assert_eq!(drift_of_bodies(&items("string"), &object(&json!({"ids!": pair}))), ["ids[] sends integer"]);
}

#[test]
fn maps_are_compared_by_their_values() {
    let map = |values| object(&json!({"metadata": {"type": "object", "additionalProperties": values}}));
    let scalar = map(json!({"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]}));
    assert!(drift_of_bodies(&scalar, &map(text())).is_empty());
    assert_eq!(drift_of_bodies(&scalar, &map(nullable(&text()))), ["metadata{} sends null"]);
    assert_eq!(drift_of_bodies(&scalar, &map(json!(true))), ["metadata{} untyped"]);
    assert!(drift_of_bodies(&map(json!({})), &map(json!(true))).is_empty());
}

#[test]
fn a_map_or_any_value_in_place_of_fields_is_untyped() {
    let described = object(&json!({"thing!": object(&json!({"name!": text()}))}));
    for ours in [json!(true), json!({"type": "object", "additionalProperties": true})] {
        assert_eq!(drift_of_bodies(&described, &object(&json!({"thing!": ours}))), ["thing untyped"]);
    }
}

#[test]
fn fields_of_all_alternatives_are_united_and_required_only_if_all_require_them() {
    let described = json!({"oneOf": [
        object(&json!({"id!": text(), "name!": text()})),
        object(&json!({"id!": text(), "slug!": text()})),
    ]});
    assert_eq!(drift_of_bodies(&described, &object(&json!({"name": text(), "slug": text()}))), ["id missing"]);
    let drift = drift_of_bodies(&described, &object(&json!({"id": text(), "name": text()})));
    assert_eq!(drift, ["id may be left out", "slug missing"]);
    let flat = object(&json!({"id!": text(), "name": text(), "slug": text()}));
    assert!(drift_of_bodies(&described, &flat).is_empty());
}

#[test]
fn a_list_of_required_fields_may_be_an_alternative() {
    let mut described = object(&json!({"id!": text(), "a": text(), "b": text()}));
    described["anyOf"] = json!([{"required": ["a"]}, {"required": ["b"]}]);
    assert!(drift_of_bodies(&described, &described).is_empty());
    assert!(drift_of_bodies(&described, &object(&json!({"id!": text(), "a": text(), "b": text()}))).is_empty());
}

#[test]
fn parts_of_an_all_of_apply_together() {
    let described = json!({"allOf": [
        object(&json!({"id!": text()})),
        object(&json!({"id": {"maxLength": 5}, "name!": text()})),
    ]});
    assert!(drift_of_bodies(&described, &object(&json!({"id!": text(), "name!": text()}))).is_empty());
    let drift = drift_of_bodies(&described, &object(&json!({"id": text()})));
    assert_eq!(drift, ["id may be left out", "name missing"]);
}

#[test]
fn references_are_followed_on_both_sides() {
    let described = json!({"$ref": "#/paths/~1api~1v1~1things/post/x-thing"});
    let ours = json!({"$ref": "#/%24defs/Thing", "$defs": {"Thing": object(&json!({"name!": text()}))}});
    let mut description = super::description(Some(&described), &json!({}));
    description["paths"]["/api/v1/things"]["post"]["x-thing"] = object(&json!({"name!": text(), "slug": text()}));
    let comparison = flowglad_conformance::compare(&description, &super::client(Some(&ours), &json!({}))).unwrap();
    assert_eq!(super::ids(&comparison), ["POST /things body slug missing"]);
}

#[test]
fn alternatives_that_a_value_tells_apart_are_compared_one_by_one() {
    let described = json!({"oneOf": [
        object(&json!({"type!": {"const": "plain"}, "name!": text(), "meter": {"type": "null"}})),
        object(&json!({"type!": {"const": "usage"}, "name!": text(), "meter!": text()})),
    ]});
    let ours = |usage: &str| {
        json!({"oneOf": [
            object(&json!({"type!": {"const": "plain"}, "name!": text()})),
            object(&json!({"type!": {"const": "usage"}, "name!": text(), usage: text()})),
        ]})
    };
    let price = |schema| object(&json!({"price!": schema}));
    assert!(drift_of_bodies(&price(described.clone()), &price(ours("meter!"))).is_empty());
    let drift = drift_of_bodies(&price(described.clone()), &price(ours("meter")));
    assert_eq!(drift, ["price(type=usage).meter may be left out"]);
    // What the united view tells is told once.
    assert_eq!(
        drift_of_bodies(&price(described), &price(ours("colour"))),
        ["price.colour extra", "price.meter missing"]
    );
}

#[test]
fn a_field_in_the_wrong_alternative_is_noticed() {
    let sides = |plain: &str, usage: &str| {
        json!({"oneOf": [
            object(&json!({"type!": {"const": "plain"}, plain: text()})),
            object(&json!({"type!": {"const": "usage"}, usage: text()})),
        ]})
    };
    let drift = drift_of_bodies(&sides("product!", "meter!"), &sides("meter!", "product!"));
    assert_eq!(
        drift,
        [
            "(type=plain).meter extra",
            "(type=plain).product missing",
            "(type=usage).meter missing",
            "(type=usage).product extra"
        ]
    );
}

#[test]
fn an_alternative_that_the_client_does_not_know_is_an_unknown_value() {
    let one = |kind: &str| object(&json!({"type!": {"const": kind}, "name!": text()}));
    let described = json!({"oneOf": [one("plain"), one("usage"), one("seat")]});
    let ours = json!({"oneOf": [one("plain"), one("usage")]});
    assert_eq!(drift_of_bodies(&described, &ours), [r#"type unknown value "seat""#]);
    assert_eq!(drift_of_bodies(&ours, &described), [r#"type sends value "seat""#]);
}

#[test]
fn fields_beside_alternatives_belong_to_each_of_them() {
    // As schemars shows a struct with a flattened enum.
    let mut ours = object(&json!({"name!": text()}));
    ours["oneOf"] = json!([
        {"type": "object", "properties": {"type": {"const": "plain"}}, "required": ["type"]},
        {"type": "object", "properties": {"type": {"const": "usage"}}, "required": ["type"], "$ref": "#/$defs/Usage"},
    ]);
    ours["$defs"] = json!({"Usage": object(&json!({"meter!": text()}))});
    let described = json!({"oneOf": [
        object(&json!({"type!": {"const": "plain"}, "name!": text()})),
        object(&json!({"type!": {"const": "usage"}, "name!": text(), "meter!": text(), "unit!": text()})),
    ]});
    assert_eq!(drift_of_bodies(&described, &ours), ["unit missing"]);
}

#[test]
fn a_schema_that_holds_itself_is_compared_once() {
    let tree = |extra: &str| {
        let fields =
            json!({"name!": text(), "kids!": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}, extra: text()});
        json!({"$ref": "#/$defs/Tree", "$defs": {"Tree": object(&fields)}})
    };
    let described = object(&json!({"root!": {"$ref": "#/components/Tree"}}));
    let mut description = super::description(Some(&described), &json!({}));
    description["components"] = json!({"Tree": object(&json!({
        "name!": text(), "kids!": {"type": "array", "items": {"$ref": "#/components/Tree"}}, "leaf": text(),
    }))});
    let drift_with = |extra| {
        let mut ours = object(&json!({"root!": {"$ref": "#/$defs/Tree"}}));
        ours["$defs"] = tree(extra)["$defs"].clone();
        let comparison = flowglad_conformance::compare(&description, &super::client(Some(&ours), &json!({}))).unwrap();
        super::ids(&comparison)
    };
    assert!(drift_with("leaf").is_empty());
    assert_eq!(drift_with("root"), ["POST /things body root.leaf missing", "POST /things body root.root extra"]);
}

#[test]
fn a_body_is_compared_as_a_whole_too() {
    let reply = json!({"type": "object"});
    let drift = |described: Option<&Value>, ours: Option<&Value>| {
        let comparison =
            flowglad_conformance::compare(&super::description(described, &reply), &super::client(ours, &reply));
        super::problems(comparison, "POST /things body ")
    };
    let body = object(&json!({"name!": text()}));
    assert_eq!(drift(Some(&body), None), ["$ missing"]);
    assert_eq!(drift(None, Some(&body)), ["name extra"]);
    assert_eq!(drift(None, Some(&text())), ["$ extra"]);
    assert!(drift(None, Some(&json!({"type": "object"}))).is_empty());
    assert_eq!(drift(Some(&body), Some(&text())), ["$ sends string"]);
}
