//! Changes that make a valid body invalid.

use fastrand::Rng;
use serde_json::{Value, json};

/// Changes one place of a body to a value that a careless or hostile caller could send.
pub(super) fn mutate(rng: &mut Rng, body: &mut Value) {
    let places = places(body);
    let place = &places[rng.usize(..places.len())];
    match rng.u8(..10) {
        0..3 => remove(body, place),
        3 => add_to(rng, body, place),
        4 => repeat(body, place),
        5 => {
            let inner = at(body, place).take();
            *at(body, place) = json!([inner]);
        }
        _ => *at(body, place) = hostile(rng),
    }
}

/// The JSON pointers of all places of a value.
fn places(value: &Value) -> Vec<String> {
    let mut found = vec![String::new()];
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Value::Array(entries) => entries.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (step, value) in inner {
        let step = step.replace('~', "~0").replace('/', "~1");
        found.extend(places(value).into_iter().map(|rest| format!("/{step}{rest}")));
    }
    found
}

fn at<'a>(body: &'a mut Value, place: &str) -> &'a mut Value {
    body.pointer_mut(place).unwrap()
}

fn remove(body: &mut Value, place: &str) {
    let Some((parent, step)) = place.rsplit_once('/') else {
        *body = Value::Null;
        return;
    };
    match at(body, parent) {
        Value::Object(fields) => {
            fields.shift_remove(&step.replace("~1", "/").replace("~0", "~"));
        }
        Value::Array(entries) => {
            entries.remove(step.parse().unwrap());
        }
        _ => {}
    }
}

fn add_to(rng: &mut Rng, body: &mut Value, place: &str) {
    match at(body, place) {
        Value::Object(fields) => {
            let names = ["__proto__", "constructor", "", "id", "organizationId", "livemode", "no such field", "\u{0}"];
            fields.insert(names[rng.usize(..names.len())].to_owned(), hostile(rng));
        }
        Value::Array(entries) => entries.push(hostile(rng)),
        other => *other = hostile(rng),
    }
}

/// Repeats the first entry of a list many times.
fn repeat(body: &mut Value, place: &str) {
    match at(body, place) {
        Value::Array(entries) => {
            if let Some(first) = entries.first().cloned() {
                entries.resize(150, first);
            }
        }
        other => *other = Value::Null,
    }
}

pub(super) fn hostile(rng: &mut Rng) -> Value {
    match rng.u8(..4) {
        0 => hostile_number(rng),
        1 => Value::from(hostile_text(rng)),
        2 => match rng.u8(..4) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!([]),
            _ => json!({}),
        },
        _ => match rng.u8(..3) {
            0 => (0..100).fold(json!(1), |inner, _| json!([inner])),
            1 => (0..100).fold(json!(1), |inner, _| json!({ "a": inner })),
            _ => (0..1000).map(|n| (format!("key {n}"), json!(n))).collect(),
        },
    }
}

fn hostile_number(rng: &mut Rng) -> Value {
    let numbers = [
        json!(0),
        json!(-1),
        json!(1.5),
        json!(-0.0),
        json!(1e308),
        json!(5e-324),
        json!(1e15),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(9_007_199_254_740_991_i64),
        json!(-9_007_199_254_740_991_i64),
        json!(9_007_199_254_740_992_i64),
        json!(2_147_483_648_i64),
        json!(8_640_000_000_000_001_i64),
    ];
    numbers[rng.usize(..numbers.len())].clone()
}

pub(super) fn hostile_text(rng: &mut Rng) -> String {
    let texts = [
        "",
        " ",
        "\u{0}",
        "\u{202e}desrever",
        "e\u{301}\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "<script>alert(1)</script>",
        "'; DROP TABLE customers; --",
        "../../etc/passwd",
        "%2e%2e%2f",
        "{{7*7}}",
        "null",
        "NaN",
        "-1",
        "1e999",
        "2026-13-45T99:99:99Z",
        "-009999-01-01T00:00:00Z",
        "\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "\u{feff}bom",
        "\u{10ffff}",
    ];
    match rng.usize(..texts.len() + 2) {
        n if n < texts.len() => texts[n].to_owned(),
        n if n == texts.len() => "x".repeat(300),
        _ => "ü".repeat(50_000),
    }
}
