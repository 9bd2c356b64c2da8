//! Every operation of the API by its typed method: the request it sends, and the record it reads from the response.
//!
//! A [`Case`] is one call. An operation with optional input has a case with all fields and one with the required ones.

mod account;
mod billing;
mod catalog;
mod observed;
mod subscriptions;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use flowglad_core::{
    Error, Flowglad,
    api::List,
    schema::{Operation, operations},
};
use futures_util::future::BoxFuture;
use observed::{CallResult, Observe, Observed};
use serde::de::DeserializeOwned;
use serde_json::{Value, json as object};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers};

use crate::{client, every_field, examples, json, schema_fields};

/// One call of one operation.
struct Case {
    operation: &'static str,
    form: &'static str,
    reply: Reply,
    examples: &'static [&'static str],
    call: Box<dyn Fn(Flowglad) -> BoxFuture<'static, Result<Observed, Error>>>,
}

/// A response of the API, and the JSON pointer of the record in it.
struct Reply {
    json: Value,
    record: String,
}

fn whole(record: Value) -> Reply {
    Reply { json: record, record: String::new() }
}

fn under(key: &str, record: Value) -> Reply {
    Reply { json: Value::from_iter([(key, record)]), record: format!("/{key}") }
}

fn page(record: &Value) -> Reply {
    let json = object!({"data": [record], "hasMore": true, "nextCursor": "cursor_2", "total": 7});
    Reply { json, record: "/data/0".to_owned() }
}

fn case<Call, Called, Answered>(operation: &'static str, form: &'static str, reply: Reply, call: Call) -> Case
where
    Call: Fn(Flowglad) -> Called + 'static,
    Called: Future<Output = Result<Answered, Error>> + Send + 'static,
    Answered: CallResult,
{
    let call = move |api| -> BoxFuture<'static, _> {
        let called = call(api);
        Box::pin(async { Ok(called.await?.observed()) })
    };
    Case { operation, form, reply, examples: &[], call: Box::new(call) }
}

/// The two cases of a paginated list.
fn list_cases<T: Observe + DeserializeOwned + Send + Sync>(
    operation: &'static str,
    record: fn() -> Value,
    list: fn(&Flowglad) -> List<T>,
) -> [Case; 2] {
    let of = move |api| list(&api);
    [
        case(operation, "everything", page(&record()), move |api| async move {
            of(api).limit(5).cursor("cursor_1").page().await
        }),
        case(operation, "least", page(&record()), move |api| async move { of(api).page().await }),
    ]
}

fn id<T: std::str::FromStr>(text: &str) -> T {
    let Ok(id) = text.parse() else { panic!("{text}") };
    id
}

fn every_case() -> Vec<Case> {
    [account::cases(), billing::cases(), catalog::cases(), subscriptions::cases()].into_iter().flatten().collect()
}

impl Case {
    fn examples(mut self, names: &'static [&'static str]) -> Self {
        self.examples = names;
        self
    }

    /// Makes the call with this scripted response, and returns the request.
    async fn answered_by(&self, server: &MockServer, api: &Flowglad, reply: &Value) -> Request {
        self.script(server, json(reply)).await;
        let observed = (self.call)(api.clone()).await.unwrap_or_else(|error| panic!("{self}: {error:?}"));
        let record = reply.pointer(&self.reply.record).unwrap();
        assert_eq!(observed.raw, *record, "{self}: the raw record");
        assert!(observed::contains(record, &observed.record), "{self}: {} is not in {record}", observed.record);
        let mut requests = server.received_requests().await.unwrap();
        assert_eq!(requests.len(), 1, "{self}");
        requests.remove(0)
    }

    /// How often the call is sent if every response is a failure without an explanation.
    async fn attempts(&self, server: &MockServer, api: &Flowglad) -> usize {
        self.script(server, ResponseTemplate::new(503)).await;
        (self.call)(api.clone()).await.map(|_| ()).unwrap_err();
        server.received_requests().await.unwrap().len()
    }

    async fn script(&self, server: &MockServer, answer: ResponseTemplate) {
        server.reset().await;
        Mock::given(matchers::any()).respond_with(answer).mount(server).await;
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.form {
            "" => f.write_str(self.operation),
            form => write!(f, "{} ({form})", self.operation),
        }
    }
}

/// Every case with the request that it sent.
async fn every_request() -> Vec<(Case, Request)> {
    let server = MockServer::start().await;
    let api = client(&server);
    let mut requests = Vec::new();
    for case in every_case() {
        let request = case.answered_by(&server, &api, &case.reply.json).await;
        requests.push((case, request));
    }
    requests
}

fn path(request: &Request) -> &str {
    request.url.path().strip_prefix("/api/v1").unwrap()
}

/// The operation of a request. If two paths match, the more specific one.
fn operation_of<'a>(request: &Request, operations: &'a [Operation]) -> &'a Operation {
    let fits = |template: &str| {
        let (template, path) = (template.split('/'), path(request).split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(named, sent)| named == sent || (named.starts_with('{') && !sent.is_empty()))
    };
    let fitting =
        operations.iter().filter(|known| known.method.as_str() == request.method.as_str() && fits(known.path));
    fitting.min_by_key(|known| known.path.matches('{').count()).unwrap()
}

/// The request as text, without the values that are random for each call.
fn shown(request: &Request) -> String {
    let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let body = std::str::from_utf8(&request.body).unwrap();
    let parts = body.split("\"transactionId\":\"").map(|part| match part.split_once('"') {
        Some((id, rest)) if id.len() == 36 => format!("(a fresh one)\"{rest}"),
        _ => part.to_owned(),
    });
    let body = parts.collect::<Vec<_>>().join("\"transactionId\":\"");
    format!("{} {}{query}\n{body}", request.method, path(request)).trim_end().to_owned()
}

#[tokio::test]
async fn every_operation_is_sent_as_recorded() {
    let requests = every_request().await;
    let shown: Vec<String> = requests.iter().map(|(case, request)| format!("# {case}\n{}", shown(request))).collect();
    insta::assert_snapshot!(shown.join("\n\n"));
}

#[tokio::test]
async fn every_operation_is_called_and_goes_where_its_name_says() {
    let (operations, requests) = (operations(), every_request().await);
    for (case, request) in &requests {
        let operation = operation_of(request, &operations);
        assert_eq!(operation.name, case.operation, "{case}");
        assert_eq!(operation.body.is_some(), !request.body.is_empty(), "{case}: has a body");
        assert_eq!(request.headers.contains_key("content-type"), !request.body.is_empty(), "{case}");
    }
    let known: BTreeSet<&str> = operations.iter().map(|operation| operation.name).collect();
    let called: BTreeSet<&str> = requests.iter().map(|(case, _)| case.operation).collect();
    assert_eq!(called, known);
}

#[tokio::test]
async fn every_input_of_every_operation_is_sent_by_some_call() {
    let mut sent: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (case, request) in every_request().await {
        let sent = sent.entry(case.operation).or_default();
        sent.extend(schema_fields::of(&request.body_json().unwrap_or_default()));
        sent.extend(request.url.query_pairs().map(|(name, _)| name.into_owned()));
    }
    for operation in operations() {
        let mut known = operation.body.as_ref().map(schema_fields::named_in).unwrap_or_default();
        known.extend(operation.query.iter().map(|parameter| parameter.name.to_owned()));
        let missing: Vec<&String> = known.difference(&sent[operation.name]).collect();
        assert!(missing.is_empty(), "{}: never sent: {missing:?}", operation.name);
    }
}

/// The API reads a list with one value as a text, and refuses it.
#[tokio::test]
async fn query_parameters_that_are_lists_come_at_least_twice_and_others_once() {
    let operations = operations();
    for (case, request) in every_request().await {
        let operation = operation_of(&request, &operations);
        for (name, _) in request.url.query_pairs() {
            let parameter = operation.query.iter().find(|parameter| parameter.name == name).unwrap();
            let times = request.url.query_pairs().filter(|(other, _)| *other == name).count();
            assert!(if parameter.repeated { times > 1 } else { times == 1 }, "{case}: {name} {times} times");
        }
    }
}

#[tokio::test]
async fn only_idempotent_operations_are_retried() {
    let server = MockServer::start().await;
    let (api, operations) = (client(&server), operations());
    for case in every_case() {
        let rules: BTreeSet<bool> =
            operations.iter().filter(|known| known.name == case.operation).map(|known| known.idempotent).collect();
        let twice = match (rules.len(), case.form) {
            (1, _) => rules.contains(&true),
            // A retry of a claim by number would claim more seats; a retry of a claim by external id finds the first
            // claim.
            (_, form) => form != "so many",
        };
        assert_eq!(case.attempts(&server, &api).await, if twice { 3 } else { 1 }, "{case}");
    }
}

#[tokio::test]
async fn every_operation_reads_the_apis_own_reply() {
    let server = MockServer::start().await;
    let (api, mut read) = (client(&server), BTreeSet::new());
    for case in every_case() {
        for name in case.examples {
            read.insert((*name).to_owned());
            if let Some(example) = examples::example(name) {
                case.answered_by(&server, &api, &example).await;
            }
        }
    }
    let replies = examples::replies();
    assert_eq!(replies.difference(&read).collect::<Vec<_>>(), Vec::<&String>::new(), "of no case");
}
