//! Query parameters.

use std::collections::BTreeMap;

use crate::{
    ClientOperation, Drift, Part, Problem, SchemaError,
    description::{DescribedOperation, DescribedParameter},
    schema::{Kind, Shape, branches},
};

/// Name, and whether it is given several times.
type OurParameters<'a> = BTreeMap<&'a str, bool>;

pub(crate) fn compare(
    operation: &DescribedOperation<'_>,
    ours: &[&ClientOperation],
) -> Result<Vec<Drift>, SchemaError> {
    let ours = our_parameters(ours);
    let mut drift = Vec::new();
    for described in &operation.query {
        let problems = problems(described, ours.get(&*described.name).copied())?;
        drift.extend(problems.into_iter().map(|problem| operation.drift(Part::Query, described.name.clone(), problem)));
    }
    let is_described = |name: &str| operation.query.iter().any(|described| described.name == name);
    let extra = ours.keys().filter(|name| !is_described(name));
    drift.extend(extra.map(|name| operation.drift(Part::Query, (*name).to_owned(), Problem::Extra)));
    Ok(drift)
}

fn our_parameters<'a>(ours: &[&'a ClientOperation]) -> OurParameters<'a> {
    let parameters = ours.iter().flat_map(|operation| &operation.query);
    parameters.map(|parameter| (&*parameter.name, parameter.repeated)).collect()
}

fn problems(described: &DescribedParameter<'_>, repeated: Option<bool>) -> Result<Vec<Problem>, SchemaError> {
    let Some(repeated) = repeated else { return Ok(vec![Problem::Missing]) };
    let kinds = Shape::of(&branches(&described.schema)?).kinds;
    let takes_one_value = kinds.iter().any(|kind| kind != Kind::Array && kind != Kind::Null);
    let mut problems = Vec::new();
    if described.required {
        problems.push(Problem::MayBeLeftOut);
    }
    if repeated && !kinds.has(Kind::Array) {
        problems.push(Problem::DescribedAsOneValue);
    }
    if !repeated && !takes_one_value {
        problems.push(Problem::DescribedAsList);
    }
    Ok(problems)
}
