//! Makes replies that are as described.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Api, fields::LONGEST_LIST, list};

/// How many fields a made value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Every described field.
    Everything,
    /// Required fields only.
    Required,
}

/// No shape of the API is as deep. A shape that contains itself ends here.
const DEEPEST: usize = 24;

/// Whole numbers that stay within what a time in milliseconds can be.
const FAR: i64 = 4_000_000_000_000;

impl Api {
    /// Replies of a shape. Together they have every alternative, every listed value and every kind of value of it.
    ///
    /// `sent`: texts by field name that the request has sent. The record of a reply has them too.
    pub(crate) fn replies(&self, shape: &Value, sent: &BTreeMap<String, String>, fill: Fill) -> Vec<Value> {
        let maker = Maker { api: self, fill, sent };
        (0..maker.count(shape, 0)).map(|number| maker.value(shape, number, 0, "")).collect()
    }
}

struct Maker<'a> {
    api: &'a Api,
    fill: Fill,
    sent: &'a BTreeMap<String, String>,
}

impl Maker<'_> {
    /// How many values show everything about a shape.
    fn count(&self, shape: &Value, depth: usize) -> usize {
        let (shape, _) = self.api.resolve(shape);
        if depth > DEEPEST {
            return 1;
        }
        if let Some(alternatives) = alternatives(shape) {
            return alternatives.iter().map(|one| self.count(one, depth + 1)).sum();
        }
        let parts = inner_shapes(shape).map(|part| self.count(part, depth + 1)).max().unwrap_or(1);
        parts.max(if self.fill == Fill::Everything { plain_values(shape).len() } else { 1 })
    }

    fn value(&self, shape: &Value, number: usize, depth: usize, name: &str) -> Value {
        let (shape, _) = self.api.resolve(shape);
        if depth > DEEPEST {
            return Value::Null;
        }
        if let Some(alternatives) = alternatives(shape) {
            return self.alternative(alternatives, number, depth, name);
        }
        match shape["type"].as_str() {
            Some("array") => Value::Array(vec![self.value(&shape["items"], number, depth + 1, name)]),
            Some("object") | None if !is_plain(shape) => self.object(shape, number, depth),
            Some("string") if !is_plain(shape) && self.sent.contains_key(name) => self.sent[name].clone().into(),
            _ => {
                let values = plain_values(shape);
                values[number % values.len()].clone()
            }
        }
    }

    /// The values of the first alternative come first, then those of the second, and so on, over and over.
    fn alternative(&self, alternatives: &[Value], number: usize, depth: usize, name: &str) -> Value {
        let counts: Vec<usize> = alternatives.iter().map(|one| self.count(one, depth + 1)).collect();
        let mut number = number % counts.iter().sum::<usize>();
        for (alternative, count) in alternatives.iter().zip(counts) {
            if number < count {
                return self.value(alternative, number, depth + 1, name);
            }
            number -= count;
        }
        Value::Null
    }

    fn object(&self, shape: &Value, number: usize, depth: usize) -> Value {
        let mut made = Map::new();
        let Some(keywords) = shape.as_object() else { return Value::Object(made) };
        for part in list(keywords, "allOf") {
            if let Value::Object(fields) = self.value(part, number, depth + 1, "") {
                made.extend(fields);
            }
        }
        let required = list(keywords, "required");
        for (name, field) in shape["properties"].as_object().into_iter().flatten() {
            if self.fill == Fill::Everything || required.iter().any(|required| required == name) {
                made.insert(name.clone(), self.value(field, number, depth + 1, name));
            }
        }
        if made.is_empty() && self.fill == Fill::Everything && shape["additionalProperties"] != false {
            made.insert("any name".to_owned(), "any value".into());
        }
        Value::Object(made)
    }
}

/// The shapes or listed values of which a value fits one.
fn alternatives(shape: &Value) -> Option<&Vec<Value>> {
    ["anyOf", "oneOf"].into_iter().find_map(|keyword| shape.get(keyword)?.as_array()).filter(|list| !list.is_empty())
}

fn inner_shapes(shape: &Value) -> impl Iterator<Item = &Value> {
    let fields = shape["properties"].as_object().into_iter().flatten().map(|(_, field)| field);
    fields.chain(shape.get("items")).chain(shape["allOf"].as_array().into_iter().flatten())
}

fn is_plain(shape: &Value) -> bool {
    shape.get("const").is_some() || shape.get("enum").is_some()
}

/// What a shape that is no object and no list can be.
fn plain_values(shape: &Value) -> Vec<Value> {
    if let Some(values) = shape["enum"].as_array() {
        return if values.len() > LONGEST_LIST { values[..1].to_vec() } else { values.clone() };
    }
    if let Some(value) = shape.get("const") {
        return vec![value.clone()];
    }
    match shape["type"].as_str() {
        Some("string") => vec![text(shape).into()],
        Some("boolean") => vec![true.into(), false.into()],
        Some("integer") => whole_numbers(shape),
        Some("number") => whole_numbers(shape).into_iter().chain([Value::from(1.5)]).collect(),
        _ => vec![Value::Null],
    }
}

fn text(shape: &Value) -> &'static str {
    match shape["format"].as_str() {
        Some("email") => "ada@example.com",
        Some("uri") => "https://app.example.com/page",
        Some("date-time") => "2026-01-01T12:00:00.000Z",
        _ => "text",
    }
}

fn whole_numbers(shape: &Value) -> Vec<Value> {
    let above = shape["exclusiveMinimum"].as_i64().map(|above| above.saturating_add(1));
    let least = shape["minimum"].as_i64().or(above).unwrap_or(-FAR).max(-FAR);
    let most = shape["maximum"].as_i64().unwrap_or(FAR).min(FAR);
    vec![least.max(2).min(most).into(), most.into(), least.into()]
}
