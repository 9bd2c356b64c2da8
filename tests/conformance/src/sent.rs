//! Compares what the client sends with what the API describes.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::{Validator, error::ValidationErrorKind};
use serde_json::{Map, Value};

use crate::{
    api::{Api, Fields, Operation, below, fields_of},
    drift::{Drift, Part, Problem},
    error::Error,
    observed::Observed,
};

/// All drift in what was sent.
pub(crate) fn compare_sent(api: &Api, observed: &[Observed]) -> Result<Vec<Drift>, Error> {
    let mut drift = Vec::new();
    let mut by_operation: BTreeMap<&str, Vec<&Observed>> = BTreeMap::new();
    for one in observed {
        match api.operation_at(&one.method, &one.path) {
            Some((name, _)) => by_operation.entry(name).or_default().push(one),
            None => drift.push(Drift::of_operation(&one.method, &one.path, Problem::Extra)),
        }
    }
    let mut lists = Lists::default();
    for (name, operation) in &api.operations {
        let Some(calls) = by_operation.get(&**name) else {
            drift.push(Drift::of_operation(&operation.method, &operation.path, Problem::Missing));
            continue;
        };
        let queries: Vec<Value> = calls.iter().map(|call| query_as_json(api, operation, call)).collect();
        let bodies: Vec<Value> = calls.iter().filter_map(|call| call.body.clone()).collect();
        for (part, shape, values) in
            [(Part::Query, operation.query.as_ref(), queries), (Part::Body, operation.body.as_ref(), bodies)]
        {
            let described = Described::new(api, operation, part, shape)?;
            drift.extend(described.compare(&values, &mut lists));
        }
    }
    drift.extend(lists.unsent_values());
    Ok(drift)
}

/// What was sent of each list of values, whatever the field: one type of the client stands behind it.
#[derive(Default)]
struct Lists(BTreeMap<BTreeSet<String>, List>);

struct List {
    first_place: Drift,
    sent: BTreeSet<String>,
}

impl Lists {
    fn note(&mut self, listed: &BTreeSet<String>, sent: &BTreeSet<String>, place: impl FnOnce() -> Drift) {
        let list = self.0.entry(listed.clone());
        let list = list.or_insert_with(|| List { first_place: place(), sent: BTreeSet::new() });
        list.sent.extend(sent.iter().cloned());
    }

    fn unsent_values(&self) -> Vec<Drift> {
        let lists = self.0.iter().map(|(listed, list)| (listed.difference(&list.sent), &list.first_place));
        let unsent = lists.flat_map(|(values, place)| {
            values.map(|value| Drift { problem: Problem::UnsentValue(value.clone()), ..place.clone() })
        });
        unsent.collect()
    }
}

/// One part of an operation, as it is described.
struct Described<'a> {
    operation: &'a Operation,
    part: Part,
    fields: Fields,
    validator: Validator,
}

impl<'a> Described<'a> {
    fn new(api: &Api, operation: &'a Operation, part: Part, shape: Option<&Value>) -> Result<Self, Error> {
        let nothing = Value::Object(Map::new());
        let shape = shape.unwrap_or(&nothing);
        let place = || format!("{} {} {part}", operation.method, operation.path);
        let validator = jsonschema::validator_for(&api.schema(shape))
            .map_err(|cause| Error::Schema { place: place(), cause: Box::new(cause.to_owned()) })?;
        Ok(Self { operation, part, fields: api.fields(shape), validator })
    }

    /// What no call sends, what no description has, and what is not as described.
    fn compare(&self, values: &[Value], lists: &mut Lists) -> BTreeSet<Drift> {
        let mut drift = BTreeSet::new();
        let mut sent = Fields::new();
        for value in values {
            for (field, texts) in fields_of(value) {
                sent.entry(field).or_default().extend(texts);
            }
            drift.extend(self.invalid(value));
        }
        let extra = sent.keys().filter(|field| !self.knows(field));
        drift.extend(extra.map(|field| self.drift(field, Problem::Extra)));
        for (field, listed) in &self.fields {
            let sent_values = sent.get(field);
            // A field inside of one that is not sent is not reported again.
            if sent_values.is_none() && parent(field).is_none_or(|parent| sent.contains_key(parent)) {
                drift.insert(self.drift(field, Problem::Missing));
            }
            if let Some(sent) = sent_values.filter(|_| !listed.is_empty()) {
                lists.note(listed, sent, || self.drift(field, Problem::Missing));
            }
        }
        drift
    }

    /// Extra fields are reported as such, and are no reason to call the rest invalid.
    fn invalid(&self, value: &Value) -> Vec<Drift> {
        let mut value = value.clone();
        self.remove_extra_fields(&mut value, "");
        let errors = self.validator.iter_errors(&value);
        let errors = errors.map(|error| {
            let what = match error.kind() {
                ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. } => {
                    "fits none of the alternatives".to_owned()
                }
                _ => error.masked_with("the value").to_string(),
            };
            self.drift(&place(&error.instance_path().to_string()), Problem::Invalid(what))
        });
        errors.collect()
    }

    fn remove_extra_fields(&self, value: &mut Value, path: &str) {
        match value {
            Value::Object(fields) => {
                fields.retain(|name, _| self.knows(&below(path, name)));
                for (name, value) in fields {
                    self.remove_extra_fields(value, &below(path, name));
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.remove_extra_fields(item, &format!("{path}[]"));
                }
            }
            _ => {}
        }
    }

    /// A field inside of one that has no described fields is as good as described: its names are free.
    fn knows(&self, field: &str) -> bool {
        let within = |field: &str| {
            let (object, list) = (format!("{field}."), format!("{field}["));
            self.fields.keys().any(|known| known.starts_with(&object) || known.starts_with(&list))
        };
        self.fields.contains_key(field)
            || field.ends_with("[]")
            || parent(field).is_some_and(|parent| !within(parent) && self.knows(parent))
    }

    fn drift(&self, at: &str, problem: Problem) -> Drift {
        let Operation { method, path, .. } = self.operation;
        let at = if at.is_empty() { "$" } else { at };
        Drift { path: path.clone(), method: method.clone(), part: self.part, at: at.to_owned(), problem }
    }
}

/// The field around a field. `None` for the outermost fields.
fn parent(field: &str) -> Option<&str> {
    field.rsplit_once('.').map(|(parent, _)| parent.trim_end_matches("[]"))
}

/// A query has no types: numbers, booleans and lists are what the description makes of its texts.
fn query_as_json(api: &Api, operation: &Operation, call: &Observed) -> Value {
    let mut values: Map<String, Value> = Map::new();
    for (name, text) in &call.query {
        let shape =
            operation.query_parameters().find(|(known, _)| known == name).map(|(_, shape)| api.resolve(shape).0);
        let Some(shape) = shape.filter(|shape| shape["type"] == "array") else {
            values.insert(name.clone(), typed(shape, text));
            continue;
        };
        let list = values.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(typed(Some(api.resolve(&shape["items"]).0), text));
        }
    }
    Value::Object(values)
}

fn typed(shape: Option<&Value>, text: &str) -> Value {
    let kind = shape.and_then(|shape| shape["type"].as_str());
    match kind {
        Some("boolean" | "integer" | "number") => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => text.into(),
    }
}

/// `/price/tiers/0/upTo` as `price.tiers[].upTo`.
fn place(pointer: &str) -> String {
    let steps = pointer.split('/').skip(1).map(|step| match step.parse::<usize>() {
        Ok(_) => "[]".to_owned(),
        Err(_) => format!(".{}", step.replace("~1", "/").replace("~0", "~")),
    });
    steps.collect::<String>().trim_start_matches('.').to_owned()
}
