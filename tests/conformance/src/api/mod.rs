//! The facts of Flowglad's API: its operations, and the shapes of what they take and return.
//!
//! The shapes are JSON Schemas without prose. A `$ref` in them is `#/shapes/<name>`.

mod description;
mod fields;
mod replies;
mod text;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub(crate) use fields::{Fields, below, fields_of};
pub(crate) use replies::Fill;

use crate::error::Error;

const REFERENCE: &str = "#/shapes/";

/// The facts of the API.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// The operations by name, for example `customers.getBilling`.
    pub operations: BTreeMap<String, Operation>,
    /// The shapes that more than one place refers to.
    pub shapes: BTreeMap<String, Value>,
}

/// One operation of the API.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// The method in capitals.
    pub method: String,
    /// Below `/api/v1`, with its parameters in braces.
    pub path: String,
    /// The parameters of the query, as the shape of an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<Value>,
    /// The shape of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The shape of a successful reply.
    pub reply: Value,
}

impl Api {
    /// Reads the API's own description (`OpenAPI` 3), or facts that [`to_text`](Self::to_text) has written.
    ///
    /// # Errors
    /// If the document is neither, or refers to what it does not have.
    pub fn from_document(name: &str, document: Value) -> Result<Self, Error> {
        let api = if document.get("shapes").is_some() {
            serde_json::from_value(document).map_err(|cause| Error::NotJson { name: name.to_owned(), cause })?
        } else {
            description::read(&document)?
        };
        api.check_references()?;
        Ok(api)
    }

    /// The facts as one JSON document, the same whatever the order in the description was, with short values on one line.
    #[must_use]
    pub fn to_text(&self) -> String {
        text::of(&json!(self))
    }

    /// The operation that a request belongs to. Where two paths fit, the one with fewer parameters.
    #[must_use]
    pub fn operation_at(&self, method: &str, path: &str) -> Option<(&str, &Operation)> {
        let fitting = self.operations.iter().filter(|(_, known)| known.method == method && known.is_at(path));
        let found = fitting.min_by_key(|(_, known)| known.path.matches('{').count());
        found.map(|(name, operation)| (&**name, operation))
    }

    /// A JSON Schema that stands alone: the shape together with the shapes that it refers to.
    #[must_use]
    pub fn schema(&self, shape: &Value) -> Value {
        let mut schema = shape.clone();
        if let Value::Object(keywords) = &mut schema {
            let shapes = self.shapes.iter().map(|(name, shape)| (name.clone(), shape.clone()));
            keywords.insert("shapes".to_owned(), Value::Object(shapes.collect()));
        }
        schema
    }

    /// What a shape is without `$ref`. The second value is the name that was referred to.
    pub(crate) fn resolve<'a>(&'a self, shape: &'a Value) -> (&'a Value, Option<&'a str>) {
        match referred(shape).and_then(|name| self.shapes.get_key_value(name)) {
            Some((name, shape)) => (self.resolve(shape).0, Some(name)),
            None => (shape, None),
        }
    }

    fn check_references(&self) -> Result<(), Error> {
        let operations = self.operations.values();
        let of_operations = operations.flat_map(|one| one.query.iter().chain(&one.body).chain([&one.reply]));
        for shape in of_operations.chain(self.shapes.values()) {
            for name in references(shape) {
                self.check_reference(name)?;
            }
        }
        Ok(())
    }

    /// A shape must exist, and be something else than references that lead back to itself.
    fn check_reference(&self, name: &str) -> Result<(), Error> {
        let mut next = name;
        for _ in 0..=self.shapes.len() {
            let shape = self.shapes.get(next).ok_or_else(|| Error::MissingShape { name: next.to_owned() })?;
            let Some(further) = referred(shape) else { return Ok(()) };
            next = further;
        }
        Err(Error::EndlessShape { name: name.to_owned() })
    }
}

impl Operation {
    fn is_at(&self, path: &str) -> bool {
        let (template, path) = (self.path.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(named, sent)| named == sent || (named.starts_with('{') && !sent.is_empty()))
    }

    /// The parameters in the path, with the values that a request gives them.
    pub(crate) fn path_parameters<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let steps = self.path.split('/').zip(path.split('/'));
        steps.filter_map(|(named, sent)| Some((named.strip_prefix('{')?.strip_suffix('}')?, sent)))
    }

    /// The shapes of the query's parameters.
    pub fn query_parameters(&self) -> impl Iterator<Item = (&str, &Value)> {
        let parameters = self.query.iter().filter_map(|query| query["properties"].as_object()).flatten();
        parameters.map(|(name, shape)| (&**name, shape))
    }
}

fn referred(shape: &Value) -> Option<&str> {
    shape.get("$ref")?.as_str()?.strip_prefix(REFERENCE)
}

/// The names of all shapes that a shape refers to, at any depth.
fn references(shape: &Value) -> Vec<&str> {
    let inner: Vec<&Value> = match shape {
        Value::Object(keywords) => keywords.values().collect(),
        Value::Array(shapes) => shapes.iter().collect(),
        _ => Vec::new(),
    };
    referred(shape).into_iter().chain(inner.into_iter().flat_map(references)).collect()
}

/// The list below a keyword.
pub(crate) fn list<'a>(keywords: &'a Map<String, Value>, keyword: &str) -> &'a [Value] {
    keywords.get(keyword).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
