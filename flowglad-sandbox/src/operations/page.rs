//! Lists records one page at a time, in the order of creation.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    operations::{call::Call, reply::Reply},
    records::record::Record,
    refusal::Refusal,
};

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: usize = 100;

/// The position after a page: its last record.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cursor {
    /// Filters. No list of the API has any.
    #[serde(default)]
    parameters: Map<String, Value>,
    created_at: i64,
    id: String,
    direction: Direction,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Direction {
    Forward,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a, View> {
    data: Vec<View>,
    has_more: bool,
    total: usize,
    current_cursor: Option<&'a str>,
    next_cursor: Option<String>,
}

/// The requested page of `records`, each shown by `view`.
pub(crate) fn reply<'a, R: Record + 'a, View: Serialize>(
    call: &Call,
    records: impl Iterator<Item = &'a R>,
    view: impl Fn(&'a R) -> View,
) -> Result<Reply, Refusal> {
    let limit = limit(call)?;
    let current_cursor = call.query_value("cursor").map_err(Refusal::without_code)?.filter(|cursor| !cursor.is_empty());
    let after = current_cursor.map(decode).transpose()?;
    let mut total = 0;
    let records = records.inspect(|_| total += 1);
    let mut shown = first_in_order(records, after.as_ref(), limit + 1);
    let has_more = shown.len() > limit;
    shown.truncate(limit);
    let next_cursor = shown.last().filter(|_| has_more).map(|last| encode(*last));
    let data = shown.into_iter().map(view).collect();
    Ok(Reply::json(&Page { data, has_more, total, current_cursor, next_cursor }))
}

/// The first `count` records after a position. It avoids sorting a long list for one page.
fn first_in_order<'a, R: Record + 'a>(
    records: impl Iterator<Item = &'a R>,
    after: Option<&Cursor>,
    count: usize,
) -> Vec<&'a R> {
    let after = after.map(|after| (after.created_at, after.id.as_str()));
    let mut first: BTreeMap<(i64, &str), &R> = BTreeMap::new();
    let mut last_kept = None;
    for record in records {
        let position = position(record);
        if after.is_some_and(|after| position <= after) || last_kept.is_some_and(|last| position > last) {
            continue;
        }
        first.insert(position, record);
        if first.len() > count {
            first.pop_last();
        }
        if first.len() == count {
            last_kept = first.last_key_value().map(|(last, _)| *last);
        }
    }
    first.into_values().collect()
}

fn limit(call: &Call) -> Result<usize, Refusal> {
    let Some(text) = call.query_value("limit").map_err(Refusal::without_code)? else { return Ok(DEFAULT_LIMIT) };
    match text.parse() {
        Ok(limit @ 1..=MAX_LIMIT) => Ok(limit),
        _ => Err(Refusal::unreadable_query("Invalid limit: it must be a whole number from 1 to 100")),
    }
}

fn position<R: Record>(record: &R) -> (i64, &str) {
    (record.meta().created_at, &record.meta().id)
}

fn encode<R: Record>(last: &R) -> String {
    let (created_at, id) = position(last);
    let cursor = Cursor { parameters: Map::new(), created_at, id: id.to_owned(), direction: Direction::Forward };
    STANDARD.encode(serde_json::to_vec(&cursor).expect("a cursor has text keys and no failing parts"))
}

fn decode(cursor: &str) -> Result<Cursor, Refusal> {
    let refused = || Refusal::unreadable_query("Invalid cursor");
    let json = STANDARD.decode(cursor).map_err(|_| refused())?;
    serde_json::from_slice(&json).map_err(|_| refused())
}
