//! The recorded facts of the API (`tests/spec`): its operations, and whether an answer is as described, and as the real
//! platform keeps the description.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Map, Value, json};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/spec/api.json");

/// What the platform's replies keep to where the description leaves it open.
const PLATFORM_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/spec/platform.json");

/// Answers that no body can make valid as they are described, and why. They are checked with closed objects open.
const NOT_AS_DESCRIBED: [(&str, &str); 2] = [
    ("discounts.get", "the record is closed, and a second part of the same object demands `redemptionCount`"),
    ("discounts.list", "as `discounts.get`"),
];

/// Operations that the real API has no procedure for, and why, so that a JSON 404 is as good as an answer.
pub(crate) const WITHOUT_PROCEDURE: [(&str, &str); 1] =
    [("subscriptionItemFeatures.deactivate", "its route names a procedure `expire` that does not exist")];

pub(crate) struct Description {
    root: Value,
    /// The shapes of replies that leave optional keys out.
    with_absent_keys: BTreeSet<String>,
    /// The properties whose own keys are not known.
    not_compared: BTreeSet<String>,
    pub(crate) operations: Vec<Operation>,
    validators: RefCell<BTreeMap<String, Rc<Validator>>>,
}

/// One operation as it is described.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// Such as `customers.getBilling`.
    pub(crate) name: String,
    pub(crate) method: Method,
    /// Below `/api/v1`, with its parameters in braces.
    pub(crate) path: String,
    /// The names and schemas of what may stand in the query.
    pub(crate) query: Vec<(String, Value)>,
    /// The schema of the body, if it takes one.
    pub(crate) body: Option<Value>,
    answer: Value,
}

impl Description {
    pub(crate) fn read() -> Self {
        let (root, platform) = (read_json(FILE), read_json(PLATFORM_FILE));
        let names = |list: &str| platform[list].as_object().unwrap().keys().cloned().collect();
        let (with_absent_keys, not_compared) = (names("repliesWithAbsentKeys"), names("partsNotCompared"));
        let operations = root["operations"].as_object().unwrap();
        let operations = operations.iter().map(|(name, described)| Operation::read(name, described)).collect();
        Self { root, with_absent_keys, not_compared, operations, validators: RefCell::default() }
    }

    pub(crate) fn operation(&self, name: &str) -> &Operation {
        let found = self.operations.iter().find(|operation| operation.name == name);
        found.unwrap_or_else(|| panic!("no operation {name} is described"))
    }

    pub(crate) fn operation_at(&self, method: &Method, path: &str) -> &Operation {
        let found = self.operations.iter().find(|operation| operation.method == *method && operation.path == path);
        found.unwrap_or_else(|| panic!("{method} {path} is not described"))
    }

    /// What a schema's `$ref` stands for.
    pub(crate) fn referred(&self, reference: &str) -> &Value {
        let pointer = reference.strip_prefix('#').unwrap();
        self.root.pointer(pointer).unwrap_or_else(|| panic!("nothing at {reference}"))
    }

    /// What is not as described in the answer of an operation.
    pub(crate) fn problems(&self, operation: &Operation, answer: &Value) -> Vec<String> {
        let validator = self.validator(operation);
        validator.iter_errors(answer).map(|error| format!("{} at {}", error, error.instance_path())).collect()
    }

    fn validator(&self, operation: &Operation) -> Rc<Validator> {
        if let Some(known) = self.validators.borrow().get(&operation.name) {
            return Rc::clone(known);
        }
        let mut schema = operation.answer.clone();
        schema["shapes"] = self.shapes_of(&operation.answer);
        if NOT_AS_DESCRIBED.iter().any(|(name, _)| *name == operation.name) {
            open(&mut schema);
        }
        self.require_optional_keys(&mut schema);
        let validator = Rc::new(jsonschema::validator_for(&schema).unwrap());
        self.validators.borrow_mut().insert(operation.name.clone(), Rc::clone(&validator));
        validator
    }

    /// Makes optional keys of a reply required, and lets them be `null`.
    fn require_optional_keys(&self, schema: &mut Value) {
        if let Some(shapes) = schema["shapes"].as_object_mut() {
            for (_, shape) in shapes.iter_mut().filter(|(name, _)| !self.with_absent_keys.contains(*name)) {
                self.fill_keys(shape, true);
            }
        }
        let shapes = schema["shapes"].take();
        self.fill_keys(schema, true);
        schema["shapes"] = shapes;
    }

    /// Lets optional keys be `null`, and makes them required but in the parts that are not compared.
    fn fill_keys(&self, schema: &mut Value, required: bool) {
        let Some(fields) = schema.as_object_mut() else { return };
        for part in ["anyOf", "oneOf", "allOf"] {
            let parts = fields.get_mut(part).and_then(Value::as_array_mut);
            parts.into_iter().flatten().for_each(|part| self.fill_keys(part, required));
        }
        if let Some(items) = fields.get_mut("items") {
            self.fill_keys(items, required);
        }
        if let Some(properties) = fields.get_mut("properties").and_then(Value::as_object_mut) {
            for (name, property) in properties {
                self.fill_keys(property, required && !self.not_compared.contains(name));
            }
        }
        fill_own_keys(fields, required);
    }

    /// The shapes that a schema needs: all of them together make a validator slow to build.
    fn shapes_of(&self, schema: &Value) -> Value {
        let mut needed = BTreeSet::new();
        let mut new = references(schema);
        while let Some(reference) = new.pop() {
            if needed.insert(reference.clone()) {
                new.extend(references(self.referred(&reference)));
            }
        }
        let name = |reference: &str| reference.rsplit('/').next().unwrap_or_default().to_owned();
        Value::Object(needed.iter().map(|reference| (name(reference), self.referred(reference).clone())).collect())
    }
}

impl Operation {
    fn read(name: &str, described: &Value) -> Self {
        let text = |field: &str| described[field].as_str().unwrap_or_else(|| panic!("{name} has no {field}"));
        let parameters = described["query"]["properties"].as_object();
        Self {
            name: name.to_owned(),
            method: Method::from_bytes(text("method").as_bytes()).unwrap(),
            path: text("path").to_owned(),
            query: parameters.into_iter().flatten().map(|(name, shape)| (name.clone(), shape.clone())).collect(),
            body: described.get("body").cloned(),
            answer: described["reply"].clone(),
        }
    }

    /// The names of what the path leaves open, in order.
    pub(crate) fn path_params(&self) -> Vec<&str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
    }

    /// The path with values, which are percent-encoded already, in the place of its parameters.
    pub(crate) fn path_with(&self, values: &[String]) -> String {
        let mut values = values.iter();
        let parts = self.path.split('/').map(|part| {
            let is_param = part.starts_with('{');
            if is_param { values.next().unwrap_or_else(|| panic!("{}: a value is missing", self.name)) } else { part }
        });
        parts.collect::<Vec<_>>().join("/")
    }
}

fn read_json(file: &str) -> Value {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
    serde_json::from_str(&text).unwrap()
}

fn fill_own_keys(schema: &mut Map<String, Value>, makes_required: bool) {
    let required: Vec<Value> = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (_, shape) in properties.iter_mut().filter(|(name, _)| !required.contains(&json!(name))) {
        *shape = json!({ "anyOf": [shape.take(), { "type": "null" }] });
    }
    if makes_required {
        let all: Vec<Value> = properties.keys().map(|name| json!(name)).collect();
        schema.insert("required".to_owned(), Value::Array(all));
    }
}

fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Value::Array(entries) => entries.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// Lets objects have fields that are not described.
fn open(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("additionalProperties") == Some(&Value::Bool(false)) {
                fields.shift_remove("additionalProperties");
            }
            fields.values_mut().for_each(open);
        }
        Value::Array(entries) => entries.iter_mut().for_each(open),
        _ => {}
    }
}
