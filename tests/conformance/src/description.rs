//! The description of the API: its operations, with what each takes and gives.

use serde_json::{Map, Value};

use crate::{
    Drift, Error, Part, Problem, SchemaError,
    schema::{Combination, Located},
};

/// What stands before every path of the description, and of no path of the client.
const PREFIX: &str = "/api/v1";

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// One operation of the description.
#[derive(Debug)]
pub(crate) struct DescribedOperation<'a> {
    /// In capitals.
    pub(crate) method: String,
    /// Relative to the prefix.
    pub(crate) path: String,
    pub(crate) query: Vec<DescribedParameter<'a>>,
    /// `None`: it takes no JSON.
    pub(crate) body: Option<Combination<'a>>,
    /// Of all successes. `None`: it gives no JSON.
    pub(crate) reply: Option<Combination<'a>>,
}

/// A query parameter of the description.
#[derive(Debug)]
pub(crate) struct DescribedParameter<'a> {
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) schema: Combination<'a>,
}

/// Reads all operations of an `OpenAPI` document.
pub(crate) fn described_operations(description: &Value) -> Result<Vec<DescribedOperation<'_>>, Error> {
    let paths = description.get("paths").and_then(Value::as_object);
    let paths = paths.ok_or_else(|| not_a_description("it has no `paths`"))?;
    let mut operations = Vec::new();
    for (path, item) in paths {
        let item = Located::new(item, description);
        operations.extend(operations_of_path(path, item)?);
    }
    if operations.is_empty() {
        return Err(not_a_description("its `paths` hold no operation"));
    }
    Ok(operations)
}

fn operations_of_path<'a>(path: &str, item: Located<'a>) -> Result<Vec<DescribedOperation<'a>>, Error> {
    let item = dereferenced(item).map_err(|cause| Error::Schema { place: path.to_owned(), cause })?;
    let keywords = object(item).ok_or_else(|| not_a_description(format!("`{path}` is not an object")))?;
    let mut operations = Vec::new();
    for method in METHODS {
        let Some(operation) = keywords.get(method) else { continue };
        let shared_parameters = list(keywords, "parameters");
        operations.push(DescribedOperation::read(method, path, item.beside(operation), shared_parameters)?);
    }
    Ok(operations)
}

impl<'a> DescribedOperation<'a> {
    fn read(method: &str, path: &str, operation: Located<'a>, shared_parameters: &'a [Value]) -> Result<Self, Error> {
        let method = method.to_uppercase();
        let path = path.strip_prefix(PREFIX).unwrap_or(path).to_owned();
        let keywords =
            object(operation).ok_or_else(|| not_a_description(format!("`{method} {path}` is not an object")))?;
        let mut described = Self { method, path, query: Vec::new(), body: None, reply: None };
        let parameters = list(keywords, "parameters");
        described.query = query_parameters(operation, shared_parameters, parameters)
            .map_err(|cause| described.error(Part::Query, cause))?;
        described.body = body(operation, keywords).map_err(|cause| described.error(Part::Body, cause))?;
        described.reply = reply(operation, keywords).map_err(|cause| described.error(Part::Reply, cause))?;
        Ok(described)
    }

    pub(crate) fn drift(&self, part: Part, at: String, problem: Problem) -> Drift {
        Drift { path: self.path.clone(), method: self.method.clone(), part, at, problem }
    }

    pub(crate) fn error(&self, part: Part, cause: SchemaError) -> Error {
        Error::Schema { place: format!("{} {} {part}", self.method, self.path), cause }
    }
}

/// An operation's own parameter stands in for the path's of the same name.
fn query_parameters<'a>(
    operation: Located<'a>,
    shared: &'a [Value],
    own: &'a [Value],
) -> Result<Vec<DescribedParameter<'a>>, SchemaError> {
    let mut parameters: Vec<DescribedParameter<'a>> = Vec::new();
    for parameter in own.iter().chain(shared) {
        let parameter = query_parameter(operation.beside(parameter))?;
        let Some(parameter) = parameter else { continue };
        if parameters.iter().all(|known| known.name != parameter.name) {
            parameters.push(parameter);
        }
    }
    Ok(parameters)
}

/// `None` for parameters in the path and in headers.
fn query_parameter(parameter: Located<'_>) -> Result<Option<DescribedParameter<'_>>, SchemaError> {
    let parameter = dereferenced(parameter)?;
    let keywords = object(parameter).ok_or(SchemaError::NotASchema)?;
    if keywords.get("in").and_then(Value::as_str) != Some("query") {
        return Ok(None);
    }
    let name = keywords.get("name").and_then(Value::as_str).ok_or(SchemaError::NotASchema)?.to_owned();
    let required = keywords.get("required") == Some(&Value::Bool(true));
    let schema = keywords.get("schema").map(|schema| Combination::of(parameter.beside(schema)));
    Ok(Some(DescribedParameter { name, required, schema: schema.unwrap_or_else(Combination::anything) }))
}

fn body<'a>(operation: Located<'a>, keywords: &'a Map<String, Value>) -> Result<Option<Combination<'a>>, SchemaError> {
    let Some(body) = keywords.get("requestBody") else { return Ok(None) };
    Ok(json_content(dereferenced(operation.beside(body))?))
}

fn reply<'a>(operation: Located<'a>, keywords: &'a Map<String, Value>) -> Result<Option<Combination<'a>>, SchemaError> {
    let responses = keywords.get("responses").and_then(Value::as_object);
    let mut reply = None;
    for (_, response) in responses.into_iter().flatten().filter(|(status, _)| status.starts_with('2')) {
        let Some(content) = json_content(dereferenced(operation.beside(response))?) else { continue };
        reply = Some(reply.map_or_else(|| content.clone(), |known: Combination<'a>| known.or(content.clone())));
    }
    Ok(reply)
}

/// The schema of the JSON in a body or a response.
fn json_content(holder: Located<'_>) -> Option<Combination<'_>> {
    let content = object(holder)?.get("content")?.as_object()?;
    let is_json = |(media_type, _): &(&String, &Value)| media_type.contains("json");
    let (_, content) = content.iter().find(is_json)?;
    let schema = content.get("schema").map(|schema| Combination::of(holder.beside(schema)));
    Some(schema.unwrap_or_else(Combination::anything))
}

/// What stands in place of a `$ref`.
fn dereferenced(mut place: Located<'_>) -> Result<Located<'_>, SchemaError> {
    let mut seen = Vec::new();
    while let Some(reference) = place.schema().get("$ref").and_then(Value::as_str) {
        if seen.contains(&place.address()) {
            return Err(SchemaError::Circle);
        }
        seen.push(place.address());
        place = place.follow(reference)?;
    }
    Ok(place)
}

fn object(place: Located<'_>) -> Option<&Map<String, Value>> {
    place.schema().as_object()
}

fn list<'a>(keywords: &'a Map<String, Value>, keyword: &str) -> &'a [Value] {
    keywords.get(keyword).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn not_a_description(problem: impl Into<String>) -> Error {
    Error::NotADescription { problem: problem.into() }
}
