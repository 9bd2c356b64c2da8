//! Takes the facts out of the API's own description (`OpenAPI` 3), and leaves its prose.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Api, Operation, REFERENCE, list, references};
use crate::error::Error;

/// What stands before every path of the description, and of no path of the client.
const PREFIX: &str = "/api/v1";
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const SCHEMAS: &str = "#/components/schemas/";
const JSON_SCHEMA: &str = "/content/application~1json/schema";

/// Keywords whose value is a fact of its own.
const FACTS: [&str; 15] = [
    "additionalProperties",
    "const",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "multipleOf",
    "pattern",
    "type",
];
/// Keywords whose value is one schema.
const ONE_SCHEMA: [&str; 7] = ["additionalProperties", "else", "if", "items", "not", "propertyNames", "then"];
/// Keywords whose value is a list of schemas.
const LISTS_OF_SCHEMAS: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Keywords that describe for people, or what follows from other keywords.
const PROSE: [&str; 9] = [
    "default",
    "deprecated",
    "description",
    "discriminator",
    "example",
    "examples",
    "externalDocs",
    "summary",
    "title",
];

/// Reads an `OpenAPI` document.
pub(super) fn read(description: &Value) -> Result<Api, Error> {
    let paths = description.get("paths").and_then(Value::as_object);
    let paths = paths.ok_or_else(|| not_a_description("it has no `paths`"))?;
    let mut operations = BTreeMap::new();
    for (path, item) in paths {
        let item = item.as_object().ok_or_else(|| not_a_description(format!("`{path}` is not an object")))?;
        for method in METHODS {
            let Some(described) = item.get(method) else { continue };
            let shared_parameters = list(item, "parameters");
            let (name, operation) = read_operation(method, path, described, shared_parameters)?;
            operations.insert(name, operation);
        }
    }
    if operations.is_empty() {
        return Err(not_a_description("its `paths` hold no operation"));
    }
    let shapes = read_shapes(description, &operations)?;
    Ok(Api { operations, shapes })
}

fn read_operation(
    method: &str,
    path: &str,
    described: &Value,
    shared_parameters: &[Value],
) -> Result<(String, Operation), Error> {
    let place = format!("{} {path}", method.to_uppercase());
    let problem = |what: &str| not_a_description(format!("`{place}` {what}"));
    let keywords = described.as_object().ok_or_else(|| problem("is not an object"))?;
    let id = described["operationId"].as_str().ok_or_else(|| problem("has no `operationId`"))?;
    let responses = described["responses"].as_object().ok_or_else(|| problem("has no `responses`"))?;
    let success = responses.iter().find(|(status, _)| status.starts_with('2')).map(|(_, response)| response);
    let reply = success.and_then(|response| response.pointer(JSON_SCHEMA));
    let body = described.get("requestBody").and_then(|body| body.pointer(JSON_SCHEMA));
    let parameters = shared_parameters.iter().chain(list(keywords, "parameters"));
    let operation = Operation {
        method: method.to_uppercase(),
        path: path.strip_prefix(PREFIX).unwrap_or(path).to_owned(),
        query: read_query(parameters).map_err(|cause| cause.at(&place))?,
        body: body.map(read_shape).transpose().map_err(|cause| cause.at(&place))?,
        reply: read_shape(reply.ok_or_else(|| problem("has no JSON reply"))?).map_err(|cause| cause.at(&place))?,
    };
    Ok((id.replacen('-', ".", 1), operation))
}

fn read_query<'a>(parameters: impl Iterator<Item = &'a Value>) -> Result<Option<Value>, Error> {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for parameter in parameters.filter(|parameter| parameter["in"] == "query") {
        let name = parameter["name"].as_str().ok_or_else(|| not_a_description("a parameter has no name"))?;
        properties.insert(name.to_owned(), read_shape(&parameter["schema"])?);
        if parameter["required"] == true {
            required.push(name);
        }
    }
    required.sort_unstable();
    Ok((!properties.is_empty()).then(|| json!({"type": "object", "properties": properties, "required": required})))
}

/// Only the shapes that operations need, at any depth.
fn read_shapes(
    description: &Value,
    operations: &BTreeMap<String, Operation>,
) -> Result<BTreeMap<String, Value>, Error> {
    let of_operations = operations.values().flat_map(|one| one.query.iter().chain(&one.body).chain([&one.reply]));
    let mut needed: Vec<String> = of_operations.flat_map(references).map(str::to_owned).collect();
    let mut shapes = BTreeMap::new();
    while let Some(name) = needed.pop() {
        if shapes.contains_key(&name) {
            continue;
        }
        let described = description["components"]["schemas"].get(&name);
        let described = described.ok_or_else(|| Error::MissingShape { name: name.clone() })?;
        let shape = read_shape(described).map_err(|cause| cause.at(&name))?;
        needed.extend(references(&shape).into_iter().map(str::to_owned));
        shapes.insert(name, shape);
    }
    Ok(shapes)
}

/// A schema without its prose. A keyword that is not known is an error, so that no fact is lost unseen.
fn read_shape(schema: &Value) -> Result<Value, Error> {
    let Value::Object(keywords) = schema else {
        return if schema.is_boolean() { Ok(schema.clone()) } else { Err(not_a_description("a schema is no object")) };
    };
    let mut shape = Map::new();
    for (keyword, value) in keywords {
        let fact = match (&**keyword, value) {
            ("$ref", Value::String(reference)) => read_reference(reference)?,
            ("properties", Value::Object(fields)) => read_fields(fields)?,
            ("required", Value::Array(names)) => sorted(names),
            (one, Value::Object(_)) if ONE_SCHEMA.contains(&one) => read_shape(value)?,
            (many, Value::Array(schemas)) if LISTS_OF_SCHEMAS.contains(&many) => {
                schemas.iter().map(read_shape).collect::<Result<_, _>>()?
            }
            (fact, value) if FACTS.contains(&fact) => value.clone(),
            (prose, _) if PROSE.contains(&prose) || prose.starts_with("x-") => continue,
            (unknown, _) => return Err(not_a_description(format!("the keyword `{unknown}` is not known"))),
        };
        shape.insert(keyword.clone(), fact);
    }
    Ok(Value::Object(shape))
}

fn read_fields(fields: &Map<String, Value>) -> Result<Value, Error> {
    let fields = fields.iter().map(|(name, schema)| Ok((name.clone(), read_shape(schema)?)));
    Ok(Value::Object(fields.collect::<Result<_, Error>>()?))
}

fn read_reference(reference: &str) -> Result<Value, Error> {
    let name = reference.strip_prefix(SCHEMAS);
    let name = name.ok_or_else(|| Error::MissingShape { name: reference.to_owned() })?;
    Ok(format!("{REFERENCE}{name}").into())
}

fn sorted(names: &[Value]) -> Value {
    let mut names = names.to_vec();
    names.sort_by_key(ToString::to_string);
    Value::Array(names)
}

fn not_a_description(problem: impl Into<String>) -> Error {
    Error::NotADescription { problem: problem.into() }
}
