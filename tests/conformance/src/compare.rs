//! One comparison, from the first call to the last reply.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{
    api::{Api, Fields},
    calls::{Case, every_case},
    drift::Drift,
    error::Error,
    observed::{Observed, ScriptedApi},
    read::compare_read,
    sent::compare_sent,
};

/// What a comparison found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Comparison {
    /// How much was looked at.
    pub compared: Compared,
    /// All drift, ordered by operation.
    pub drift: Vec<Drift>,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Compared {
    /// Operations that are described.
    pub operations_described: usize,
    /// Those of them that the client calls.
    pub operations_called: usize,
    /// Calls that were made for what they send.
    pub calls: usize,
    /// Query parameters that are described.
    pub query_parameters: usize,
    /// Fields of bodies that are described.
    pub body_fields: usize,
    /// Fields of replies that are described.
    pub reply_fields: usize,
    /// Listed values that are described.
    pub values: usize,
    /// Replies that were made and read.
    pub replies: usize,
}

/// Compares what the client sends and reads with the facts of the API.
///
/// # Errors
/// If the facts make no sense, or the client does what no comparison can be made of.
pub async fn compare(api: &Api) -> Result<Comparison, Error> {
    let scripted = ScriptedApi::start().await.map_err(|cause| Error::Client(Box::new(cause)))?;
    let cases = every_case();
    let observed = observe(&scripted, &cases).await?;
    let mut drift = BTreeSet::from_iter(compare_sent(api, &observed)?);
    let mut compared = described(api);
    compared.calls = cases.len();
    for (name, (case, request)) in first_case_of_each_operation(api, &cases, &observed) {
        let (found, replies) = compare_read(api, &scripted, &api.operations[name], case, request).await?;
        drift.extend(found);
        compared.replies += replies;
        compared.operations_called += 1;
    }
    Ok(Comparison { compared, drift: drift.into_iter().collect() })
}

/// Makes every call once, and returns what each sends.
///
/// # Errors
/// If a call does not send exactly one request.
pub async fn observe(scripted: &ScriptedApi, cases: &[Case]) -> Result<Vec<Observed>, Error> {
    let mut observed = Vec::new();
    // A refusal is never retried, and what a call sends does not depend on the reply.
    scripted.fail_with(400);
    for case in cases {
        let result = case.call(&scripted.client).await;
        let mut requests = scripted.take_requests();
        let (Err(_), Some(request), true) = (&result, requests.pop(), requests.is_empty()) else {
            let problem = "did not send one request and report its refusal".to_owned();
            return Err(Error::Call { case: case.to_string(), problem, cause: result.err().map(Box::new) });
        };
        observed.push(request);
    }
    Ok(observed)
}

/// Each with the request that it makes.
fn first_case_of_each_operation<'a>(
    api: &'a Api,
    cases: &'a [Case],
    observed: &'a [Observed],
) -> BTreeMap<&'a str, (&'a Case, &'a Observed)> {
    let mut first = BTreeMap::new();
    for (case, request) in cases.iter().zip(observed) {
        if let Some((name, _)) = api.operation_at(&request.method, &request.path) {
            first.entry(name).or_insert((case, request));
        }
    }
    first
}

fn described(api: &Api) -> Compared {
    let mut compared = Compared { operations_described: api.operations.len(), ..Compared::default() };
    for operation in api.operations.values() {
        let fields = |shape| api.fields(shape);
        let query: Fields = operation.query.as_ref().map(fields).unwrap_or_default();
        let body: Fields = operation.body.as_ref().map(fields).unwrap_or_default();
        let reply = fields(&operation.reply);
        compared.query_parameters += query.len();
        compared.body_fields += body.len();
        compared.reply_fields += reply.len();
        compared.values += [query, body, reply].iter().flat_map(Fields::values).map(BTreeSet::len).sum::<usize>();
    }
    compared
}
