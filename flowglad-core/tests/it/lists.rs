//! Lists of the API, read page by page and record by record.

use flowglad_core::{
    Error, Flowglad, Response,
    api::{List, Records},
    model::{UsageMeter, UsageMeterId},
};
use futures_util::{StreamExt as _, TryStreamExt as _};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json as object};
use wiremock::{MockServer, Request, Respond, ResponseTemplate, matchers};

use crate::{
    answer, client, json, on, seen,
    upstream::{refusal, text},
};

const PATH: &str = "/usage-meters";

fn meter(number: usize) -> Value {
    object!({"id": format!("usage_meter_{number}"), "name": "Calls", "slug": "calls"})
}

/// A page with one record.
fn page(number: usize, next: Option<&str>) -> ResponseTemplate {
    json(object!({"data": [meter(number)], "hasMore": next.is_some(), "nextCursor": next, "total": 9}))
}

/// Scripts the response to the request for the page at `cursor`.
async fn answer_at(server: &MockServer, cursor: Option<&'static str>, answer: ResponseTemplate) {
    let asked = on("GET", PATH);
    let asked = match cursor {
        Some(cursor) => asked.and(matchers::query_param("cursor", cursor)),
        None => asked.and(matchers::query_param_is_missing("cursor")),
    };
    asked.respond_with(answer).mount(server).await;
}

fn meters(server: &MockServer) -> List<UsageMeter> {
    client(server).usage_meters().list()
}

fn number(record: &Response<UsageMeter>) -> usize {
    record.id.as_str().trim_start_matches("usage_meter_").parse().unwrap()
}

/// Reads a list to its end: the numbers of the records, and the error that ended it.
async fn read(mut records: Records<UsageMeter>) -> (Vec<usize>, Option<Error>) {
    let mut numbers = Vec::new();
    while let Some(record) = records.next().await {
        match record {
            Ok(record) => numbers.push(number(&record)),
            Err(error) => {
                assert!(records.next().await.is_none(), "nothing comes after an error");
                return (numbers, Some(error));
            }
        }
    }
    (numbers, None)
}

fn is_about_the_cursor(error: &Error) -> bool {
    matches!(error, Error::Decode { operation: "usage_meters.list", path, .. } if &**path == "nextCursor")
}

#[tokio::test]
async fn a_page_is_requested_by_cursor_and_limit() {
    let server = MockServer::start().await;
    answer(&server, "GET", PATH, page(1, None)).await;
    meters(&server).page().await.unwrap();
    meters(&server).limit(1).cursor("a b&c=d").page().await.unwrap();
    meters(&server).limit(100).page().await.unwrap();
    let expected = ["", "?cursor=a%20b%26c%3Dd&limit=1", "?limit=100"].map(|query| format!("GET {PATH}{query}"));
    assert_eq!(seen(&server).await, expected);
}

#[tokio::test]
async fn a_page_has_the_records_with_their_bytes_the_total_and_the_next_cursor() {
    let server = MockServer::start().await;
    let first = r#"{ "id":"usage_meter_1",  "name":"Calls","slug":"calls", "brandNew":[1, 2.50] }"#;
    let second = r#"{"slug":"storage","name":"Größe","id":"usage_meter_2"}"#;
    let body = format!(r#"{{"total":12, "data":[ {first},{second}], "nextCursor":"cursor_2","hasMore":true}}"#);
    answer(&server, "GET", PATH, text(body)).await;
    let page = meters(&server).page().await.unwrap();
    assert_eq!(page.data.iter().map(|record| record.raw().as_str()).collect::<Vec<_>>(), [first, second]);
    assert_eq!(page.data.iter().map(|record| record.slug.as_str()).collect::<Vec<_>>(), ["calls", "storage"]);
    assert_eq!((page.total, page.next_cursor.as_deref()), (12, Some("cursor_2")));
}

#[tokio::test]
async fn the_last_page_has_no_next_cursor_whatever_the_api_names() {
    let server = MockServer::start().await;
    let last = object!({"data": [], "hasMore": false, "nextCursor": "cursor_2", "total": 0});
    answer(&server, "GET", PATH, json(last)).await;
    let page = meters(&server).page().await.unwrap();
    assert_eq!((page.data.len(), page.next_cursor), (0, None));
}

#[tokio::test]
async fn a_limit_that_the_api_does_not_know_is_refused_before_any_request() {
    let server = MockServer::start().await;
    answer(&server, "GET", PATH, page(1, None)).await;
    for limit in [0, 101, u32::MAX] {
        let error = meters(&server).limit(limit).page().await.unwrap_err();
        assert_eq!(error.to_string(), "limit must be 1 to 100");
        let (records, error) = read(meters(&server).limit(limit).stream()).await;
        assert!(records.is_empty() && matches!(error, Some(Error::InvalidInput(_))), "{error:?}");
    }
    assert!(seen(&server).await.is_empty());
}

#[tokio::test]
async fn more_without_a_cursor_is_an_error() {
    let server = MockServer::start().await;
    let lost = object!({"data": [meter(1)], "hasMore": true, "nextCursor": null, "total": 2});
    answer(&server, "GET", PATH, json(lost)).await;
    let error = meters(&server).page().await.unwrap_err();
    assert!(is_about_the_cursor(&error), "{error:?}");
    let (_, error) = read(meters(&server).stream()).await;
    assert!(error.as_ref().is_some_and(is_about_the_cursor), "{error:?}");
}

#[tokio::test]
async fn the_next_page_is_requested_when_it_is_needed_and_none_after_the_last() {
    let server = MockServer::start().await;
    answer_at(&server, None, page(1, Some("b"))).await;
    answer_at(&server, Some("b"), page(2, None)).await;
    let mut records = meters(&server).limit(1).stream();
    assert!(seen(&server).await.is_empty());
    assert_eq!(number(&records.next().await.unwrap().unwrap()), 1);
    assert_eq!(seen(&server).await, ["GET /usage-meters?limit=1"]);
    assert_eq!(number(&records.next().await.unwrap().unwrap()), 2);
    assert!(records.next().await.is_none() && records.next().await.is_none());
    assert_eq!(seen(&server).await, ["GET /usage-meters?limit=1", "GET /usage-meters?cursor=b&limit=1"]);
}

#[tokio::test]
async fn pages_without_records_are_skipped() {
    let server = MockServer::start().await;
    let empty = object!({"data": [], "hasMore": true, "nextCursor": "b", "total": 1});
    answer_at(&server, None, json(empty)).await;
    answer_at(&server, Some("b"), page(1, None)).await;
    assert!(matches!(read(meters(&server).stream()).await, (records, None) if records == [1]));
}

#[tokio::test]
async fn a_repeated_cursor_ends_the_list_after_the_records_before_it() {
    let pages_and_expected: [(&[_], Option<&str>, &[usize]); 3] = [
        (&[(None, "a"), (Some("a"), "a")], None, &[0, 1]),
        (&[(None, "a"), (Some("a"), "b"), (Some("b"), "a")], None, &[0, 1, 2]),
        (&[(Some("a"), "a")], Some("a"), &[0]),
    ];
    for (pages, begin, expected) in pages_and_expected {
        let server = MockServer::start().await;
        for (number, (cursor, next)) in pages.iter().enumerate() {
            answer_at(&server, *cursor, page(number, Some(next))).await;
        }
        let list = begin.into_iter().fold(meters(&server), List::cursor);
        let (records, error) = read(list.stream()).await;
        assert_eq!(records, expected);
        assert!(error.as_ref().is_some_and(is_about_the_cursor), "{error:?}");
        assert_eq!(seen(&server).await.len(), pages.len());
    }
}

#[tokio::test]
async fn a_later_page_that_fails_ends_the_list_after_the_records_before_it() {
    let server = MockServer::start().await;
    answer_at(&server, None, page(1, Some("b"))).await;
    answer_at(&server, Some("b"), refusal(400, "BAD_REQUEST", "Invalid cursor")).await;
    let (records, error) = read(meters(&server).stream()).await;
    assert_eq!(records, [1]);
    assert!(matches!(error, Some(Error::Api { status: 400, .. })), "{error:?}");
    assert_eq!(seen(&server).await.len(), 2);
}

#[tokio::test]
async fn a_later_page_is_retried_after_a_server_failure() {
    let server = MockServer::start().await;
    answer_at(&server, None, page(1, Some("b"))).await;
    let second = on("GET", PATH).and(matchers::query_param("cursor", "b"));
    second.respond_with(ResponseTemplate::new(503)).up_to_n_times(1).mount(&server).await;
    answer_at(&server, Some("b"), page(2, None)).await;
    assert!(matches!(read(meters(&server).stream()).await, (records, None) if records == [1, 2]));
}

#[tokio::test]
async fn records_are_a_stream_for_the_futures_crates() {
    let server = MockServer::start().await;
    answer_at(&server, None, page(1, Some("b"))).await;
    answer_at(&server, Some("b"), page(2, None)).await;
    let ids: Vec<UsageMeterId> =
        meters(&server).stream().map_ok(|record| record.id.clone()).take(5).try_collect().await.unwrap();
    assert_eq!(ids.iter().map(UsageMeterId::as_str).collect::<Vec<_>>(), ["usage_meter_1", "usage_meter_2"]);
}

#[tokio::test]
async fn a_list_can_be_read_by_another_task_and_twice() {
    let server = MockServer::start().await;
    answer(&server, "GET", PATH, page(1, None)).await;
    let list = meters(&server).limit(7);
    let elsewhere = tokio::spawn(read(list.clone().stream()));
    assert!(matches!(elsewhere.await.unwrap(), (records, None) if records == [1]));
    assert!(matches!(read(list.stream()).await, (records, None) if records == [1]));
    assert_eq!(seen(&server).await, ["GET /usage-meters?limit=7", "GET /usage-meters?limit=7"]);
}

/// A list of this many records, in pages of the requested size. A cursor is the position of the page's first record.
struct Listing {
    records: usize,
}

impl Respond for Listing {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let asked = |name: &str| request.url.query_pairs().find(|(other, _)| other == name)?.1.parse().ok();
        let begin: usize = asked("cursor").unwrap_or(0);
        let end = self.records.min(begin + asked("limit").unwrap_or(10));
        let next = (end < self.records).then(|| end.to_string());
        let data: Vec<Value> = (begin..end).map(meter).collect();
        json(object!({"data": data, "hasMore": next.is_some(), "nextCursor": next, "total": self.records}))
    }
}

#[test]
fn a_list_of_any_length_is_read_whole_and_in_order_in_pages_of_any_size() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let server = runtime.block_on(MockServer::start());
    let api = client(&server);
    let length_and_limit = (0_usize..60, prop::option::of(1_u32..=100));
    TestRunner::default()
        .run(&length_and_limit, |(records, limit)| {
            let (read, requests) = runtime.block_on(read_listing(&server, &api, records, limit));
            prop_assert_eq!(read, (0..records).collect::<Vec<_>>());
            prop_assert_eq!(requests, records.div_ceil(limit.unwrap_or(10) as usize).max(1));
            Ok(())
        })
        .unwrap();
}

/// Returns the numbers of the records, and how many requests were sent.
async fn read_listing(server: &MockServer, api: &Flowglad, records: usize, limit: Option<u32>) -> (Vec<usize>, usize) {
    server.reset().await;
    on("GET", PATH).respond_with(Listing { records }).mount(server).await;
    let list = limit.into_iter().fold(api.usage_meters().list(), List::limit);
    let (numbers, error) = read(list.stream()).await;
    assert!(error.is_none(), "{error:?}");
    (numbers, seen(server).await.len())
}
