//! The fast check beside `serde_json`.

use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::*;
use crate::client::json_depth::is_too_deep;

/// By the best instructions of this processor, and by those that every processor has.
fn found(json: &str) -> Option<Vec<&str>> {
    let members = members(json.as_bytes());
    assert_eq!(members, dispatch!(Level::baseline(), simd => members_by(simd, json.as_bytes())), "{json}");
    members.map(|members| members.into_iter().map(|range| &json[range]).collect())
}

fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok() && !is_too_deep(text)
}

#[test]
fn members_are_found_whatever_is_in_them() {
    assert_eq!(found("{}"), Some(vec![]));
    assert_eq!(found(r#"{"a":1}"#), Some(vec![r#""a":1"#]));
    let parts = [
        r#""a":{"b":[1,-2,{"c":null}],"d":{}}"#,
        r#""[{,:\"\\":"}],\"""#,
        r#""":[]"#,
        r#""é\u00e9":[[],[true,false],"x"]"#,
        r#""zero":0"#,
    ];
    for before in 0..130 {
        // Each part comes to lie across the borders of blocks.
        let first = format!(r#""{}":"""#, "k".repeat(before));
        let parts: Vec<&str> = [first.as_str()].into_iter().chain(parts).collect();
        assert_eq!(found(&format!("{{{}}}", parts.join(","))), Some(parts), "{before}");
    }
}

#[test]
fn what_is_not_json_is_not_taken_for_it() {
    let wrong = [
        "",
        "{",
        "}",
        "{]",
        "{}}",
        "{}{}",
        "{}x",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1,2}",
        "{\"a\":\"b\":1}",
        "{\"a\":[\"b\":1]}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1}]",
        "{\"a\":01}",
        "{\"a\":-}",
        "{\"a\":-01}",
        "{\"a\":1x}",
        "{\"a\":nul}",
        "{\"a\":nulll}",
        "{\"a\":true1}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\\"}",
        "{\"a\":\"\n\"}",
        "{1:2}",
        "{null:2}",
        "{\"a\"::1}",
        "{\"a\":1,,\"b\":2}",
        "{\"a\":[]1}",
        "{\"a\":\"b\"\"c\"}",
        "{\"a\":[1\"b\"]}",
        "{\"a\":{}{}}",
        "{\"a\":1\\n}",
    ];
    for text in wrong {
        for before in [0, 40, 56, 60, 61, 62, 63] {
            let text = text.replacen('{', &format!(r#"{{"{}":0,"#, "k".repeat(before)), 1);
            assert!(!is_json(text.as_bytes()) && found(&text).is_none(), "{text}");
        }
    }
}

#[test]
fn depth_is_limited() {
    let nested = |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    assert!(found(&nested(MAX_DEPTH - 1)).is_some());
    assert_eq!(found(&nested(MAX_DEPTH)), None);
}

#[test]
fn far_too_many_members_are_left_to_serde_json() {
    let object = |count: usize| format!("{{{}}}", vec![r#""a":1"#; count].join(","));
    assert_eq!(found(&object(MAX_MEMBERS)).map(|members| members.len()), Some(MAX_MEMBERS));
    assert_eq!(found(&object(MAX_MEMBERS + 1)), None);
}

/// JSON values without fractions, written without whitespace.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let scalar = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        prop_oneof![".{0,80}", r#"[\\"\[\]{}:,/\n\u{1}é ]{0,20}"#].prop_map(Into::into),
    ];
    scalar.prop_recursive(6, 200, 8, |inner| {
        let array = prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into);
        let object = prop::collection::hash_map(r#"[a-c"\\\[{}\]:,]{0,9}"#, inner, 0..8);
        prop_oneof![array, object.prop_map(|fields| serde_json::Map::from_iter(fields).into())]
    })
}

proptest! {
    #[test]
    fn every_compact_object_is_understood(fields in prop::collection::vec((".{0,40}", value()), 0..8)) {
        let parts: Vec<String> = fields
            .iter()
            .map(|(key, value)| format!("{}:{value}", serde_json::Value::from(key.as_str())))
            .collect();
        let text = format!("{{{}}}", parts.join(","));
        prop_assert_eq!(found(&text), Some(parts.iter().map(String::as_str).collect()));
    }

    #[test]
    fn a_changed_text_is_taken_for_json_only_if_it_is(
        value in value(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), r#"[\[\]{}:,"\\0-9a-z\- \n]{0,2}"#), 1..4),
    ) {
        let mut text = format!(r#"{{"a":{value}}}"#);
        for (at, replacement) in changes {
            let at = at.index(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
                text.replace_range(at..=at, &replacement);
            }
            if text.is_empty() {
                return Ok(());
            }
        }
        if let Some(members) = found(&text) {
            prop_assert!(is_json(text.as_bytes()), "{}", text);
            prop_assert_eq!(format!("{{{}}}", members.join(",")), text);
        }
    }
}
