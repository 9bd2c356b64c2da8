//! The fields that a shape describes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Api, list};

/// Fields by their path, for example `price.tiers[].upTo`, each with the values that it is limited to.
pub(crate) type Fields = BTreeMap<String, BTreeSet<String>>;

/// Longer lists are currencies and countries, which the client sends and reads as text.
pub(super) const LONGEST_LIST: usize = 50;

impl Api {
    /// All fields of a shape, in whatever alternative they are.
    pub(crate) fn fields(&self, shape: &Value) -> Fields {
        let mut walk = Walk { api: self, inside: Vec::new(), fields: Fields::new() };
        walk.shape(shape, "");
        walk.fields
    }
}

struct Walk<'a> {
    api: &'a Api,
    /// The names of the shapes around the place, so that a shape that contains itself is walked once.
    inside: Vec<&'a str>,
    fields: Fields,
}

impl<'a> Walk<'a> {
    fn shape(&mut self, shape: &'a Value, path: &str) {
        let (shape, name) = self.api.resolve(shape);
        if name.is_some_and(|name| self.inside.contains(&name)) {
            return;
        }
        self.inside.extend(name);
        self.values(shape, path);
        self.inner_shapes(shape, path);
        self.inside.truncate(self.inside.len() - usize::from(name.is_some()));
    }

    fn values(&mut self, shape: &Value, path: &str) {
        let listed = shape["enum"].as_array().filter(|list| list.len() <= LONGEST_LIST);
        let values = listed.into_iter().flatten().chain(shape.get("const"));
        for value in values.filter(|value| value.is_string()) {
            self.fields.entry(path.to_owned()).or_default().insert(value.as_str().unwrap_or_default().to_owned());
        }
    }

    fn inner_shapes(&mut self, shape: &'a Value, path: &str) {
        for (name, field) in shape["properties"].as_object().into_iter().flatten() {
            let path = below(path, name);
            self.fields.entry(path.clone()).or_default();
            self.shape(field, &path);
        }
        if let Some(items) = shape.get("items") {
            self.shape(items, &format!("{path}[]"));
        }
        let Some(keywords) = shape.as_object() else { return };
        for part in ["allOf", "anyOf", "oneOf"].into_iter().flat_map(|keyword| list(keywords, keyword)) {
            self.shape(part, path);
        }
    }
}

/// The fields that a value has, each with the texts that stand there.
pub(crate) fn fields_of(value: &Value) -> Fields {
    let mut fields = Fields::new();
    collect(value, "", &mut fields);
    fields
}

fn collect(value: &Value, path: &str, fields: &mut Fields) {
    match value {
        Value::Object(inner) => {
            for (name, value) in inner {
                let path = below(path, name);
                fields.entry(path.clone()).or_default();
                collect(value, &path, fields);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, &format!("{path}[]"), fields)),
        Value::String(text) => {
            fields.entry(path.to_owned()).or_default().insert(text.clone());
        }
        _ => {}
    }
}

pub(crate) fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
