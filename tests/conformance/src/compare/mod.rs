//! The comparison: which operations there are, and what each takes and gives.

mod alternatives;
mod body;
mod json_path;
mod query;
mod reply;
mod walk;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use self::{
    json_path::JsonPath,
    walk::{Findings, Null, Walk},
};
use crate::{
    ClientOperation, Drift, Error, Part, Problem, SchemaError,
    description::{DescribedOperation, described_operations},
    schema::{Combination, Kind, Located, Shape, branches},
};

/// What a comparison found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Comparison {
    /// How much was looked at.
    pub compared: Compared,
    /// Where the client and the description drift apart, by path and method.
    pub drift: Vec<Drift>,
    /// Fields that a record reads, if they are there, and that are not described. For information only.
    pub extras: Vec<Drift>,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Compared {
    /// Operations in the description.
    pub operations_described: usize,
    /// How many of them the client has.
    pub operations_covered: usize,
    /// Described query parameters of the covered operations.
    pub query_parameters: usize,
    /// Described fields in bodies, each place counted once however many alternatives it has.
    pub body_fields: usize,
    /// The same in replies.
    pub reply_fields: usize,
    /// Described values of fields for which the client lists values too.
    pub enum_values: usize,
}

/// Compares the client with a description of the API.
///
/// # Errors
/// If the description does not describe an API, or a schema on either side makes no sense.
pub fn compare(description: &Value, client: &[ClientOperation]) -> Result<Comparison, Error> {
    let described = described_operations(description)?;
    let mut ours = by_route(client);
    let mut work = Work::default();
    work.compared.operations_described = described.len();
    for operation in &described {
        let Some(ours) = ours.remove(&(&*operation.path, &*operation.method)) else {
            work.find_operation(&operation.path, &operation.method, Problem::Missing);
            continue;
        };
        work.compared.operations_covered += 1;
        work.compare_operation(operation, &ours)?;
    }
    for (path, method) in ours.into_keys() {
        work.find_operation(path, method, Problem::Extra);
    }
    Ok(work.into_comparison())
}

/// Path and method.
type Route<'a> = (&'a str, &'a str);

/// One operation may be several of the client's, which differ in what they send.
fn by_route(client: &[ClientOperation]) -> BTreeMap<Route<'_>, Vec<&ClientOperation>> {
    let mut by_route = BTreeMap::<_, Vec<_>>::new();
    for operation in client {
        by_route.entry((&*operation.path, &*operation.method)).or_default().push(operation);
    }
    by_route
}

#[derive(Default)]
struct Work {
    compared: Compared,
    drift: Vec<Drift>,
    extras: Vec<Drift>,
}

impl Work {
    fn compare_operation(
        &mut self,
        described: &DescribedOperation<'_>,
        ours: &[&ClientOperation],
    ) -> Result<(), Error> {
        let in_query = query::compare(described, ours).map_err(|cause| described.error(Part::Query, cause))?;
        self.compared.query_parameters += described.query.len();
        self.drift.extend(in_query);
        self.compare_bodies(described, ours).map_err(|cause| described.error(Part::Body, cause))?;
        self.compare_replies(described, ours).map_err(|cause| described.error(Part::Reply, cause))
    }

    fn compare_bodies(
        &mut self,
        operation: &DescribedOperation<'_>,
        ours: &[&ClientOperation],
    ) -> Result<(), SchemaError> {
        let bodies = ours.iter().filter_map(|operation| operation.body.as_ref());
        let ours = Combination::any_of(bodies.map(|body| Located::new(body, body)));
        let we_send_any = ours.alternatives().next().is_some();
        match &operation.body {
            Some(described) if we_send_any => self.walk(operation, Part::Body, described, &ours),
            Some(_) => {
                self.drift.push(operation.drift(Part::Body, JsonPath::default().to_string(), Problem::Missing));
                Ok(())
            }
            None => self.find_undescribed_body(operation, &ours),
        }
    }

    /// An empty object says as much as no body at all.
    fn find_undescribed_body(
        &mut self,
        operation: &DescribedOperation<'_>,
        ours: &Combination<'_>,
    ) -> Result<(), SchemaError> {
        let ours = Shape::of(&branches(ours)?);
        let beside_objects = !ours.kinds.is_empty() && !ours.kinds.is_only(Kind::Object);
        let whole = (beside_objects || ours.is_map()).then(JsonPath::default);
        let fields = ours.fields.keys().map(|name| JsonPath::default().field(name));
        let extras = whole.into_iter().chain(fields);
        self.drift.extend(extras.map(|at| operation.drift(Part::Body, at.to_string(), Problem::Extra)));
        Ok(())
    }

    fn compare_replies(
        &mut self,
        operation: &DescribedOperation<'_>,
        ours: &[&ClientOperation],
    ) -> Result<(), SchemaError> {
        let ours = Combination::any_of(ours.iter().map(|operation| Located::new(&operation.reply, &operation.reply)));
        match &operation.reply {
            Some(described) => self.walk(operation, Part::Reply, described, &ours),
            None => self.find_undescribed_reply(operation, &ours),
        }
    }

    /// A record that needs no field can do without a reply.
    fn find_undescribed_reply(
        &mut self,
        operation: &DescribedOperation<'_>,
        ours: &Combination<'_>,
    ) -> Result<(), SchemaError> {
        if Shape::of(&branches(ours)?).fields.values().any(|field| field.required) {
            let whole = JsonPath::default().to_string();
            self.drift.push(operation.drift(Part::Reply, whole, Problem::WronglyRequired));
        }
        Ok(())
    }

    fn walk(
        &mut self,
        operation: &DescribedOperation<'_>,
        part: Part,
        described: &Combination<'_>,
        ours: &Combination<'_>,
    ) -> Result<(), SchemaError> {
        let mut walk = Walk::new(part, &mut self.compared);
        walk.compare(described, ours, &JsonPath::default(), Null::Counts)?;
        let Walk { drift, extras, .. } = walk;
        self.drift.extend(lines(operation, part, drift));
        self.extras.extend(lines(operation, part, extras));
        Ok(())
    }

    fn find_operation(&mut self, path: &str, method: &str, problem: Problem) {
        let (path, method) = (path.to_owned(), method.to_owned());
        self.drift.push(Drift { path, method, part: Part::Operation, at: String::new(), problem });
    }

    fn into_comparison(mut self) -> Comparison {
        self.drift.sort();
        self.extras.sort();
        Comparison { compared: self.compared, drift: self.drift, extras: self.extras }
    }
}

fn lines(operation: &DescribedOperation<'_>, part: Part, found: Findings) -> impl Iterator<Item = Drift> {
    let lines = found.into_iter().flat_map(|((_, problem), at)| at.into_iter().map(move |at| (at, problem.clone())));
    lines.map(move |(at, problem)| operation.drift(part, at.to_string(), problem))
}

/// Values that are described and that the client, which lists values too, does not know.
fn unknown_values<'s>(described: &'s Shape<'_>, ours: &'s Shape<'_>) -> impl Iterator<Item = Problem> + 's {
    let unknown = |value: &&crate::Literal| ours.means_to_know(value.kind()) && !ours.listed.contains(*value);
    described.listed.iter().filter(unknown).cloned().map(Problem::UnknownValue)
}
