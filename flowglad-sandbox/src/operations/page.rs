//! Lists records one page at a time, in the order of creation.

use std::collections::BTreeMap;

use base64::{
    Engine as _,
    alphabet::STANDARD as STANDARD_ALPHABET,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    operations::{
        call::Call,
        input::{self, Field},
        reply::Reply,
    },
    records::record::Record,
    refusal::Refusal,
};

const DEFAULT_LIMIT: usize = 10;
const MAX_LIMIT: i64 = 100;

/// Reads cursors with and without padding, and whatever their last bits are.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD_ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A position in a list: the record that a page starts after.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cursor {
    /// Filters. No list of the API has any.
    #[serde(default)]
    parameters: Map<String, Value>,
    /// A cursor without a time starts at the beginning.
    created_at: Option<i64>,
    /// A cursor without an id is of an old form, and starts with the next millisecond.
    id: Option<String>,
    #[serde(default)]
    direction: Direction,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Direction {
    #[default]
    Forward,
    Backward,
}

/// The page that a call wants.
#[derive(Debug)]
struct Wanted {
    limit: usize,
    cursor: Option<String>,
    after: Option<Cursor>,
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

/// Refuses a limit or cursor that the API cannot read. It does so for every GET, also where no list is shown.
pub(crate) fn check(input: &Value) -> Result<(), Refusal> {
    wanted(input).map(|_| ())
}

/// The requested page of `records`, each shown by `view`.
pub(crate) fn reply<'a, R: Record + 'a, View: Serialize>(
    call: &Call,
    records: impl Iterator<Item = &'a R>,
    view: impl Fn(&'a R) -> View,
) -> Result<Reply, Refusal> {
    let wanted = wanted(&call.input)?;
    let mut total = 0;
    let records = records.inspect(|_| total += 1);
    let direction = wanted.after.as_ref().map_or(Direction::Forward, |after| after.direction);
    let mut shown = first_in_order(records, wanted.after.as_ref(), direction, wanted.limit + 1);
    let has_more = shown.len() > wanted.limit;
    shown.truncate(wanted.limit);
    let next_cursor = shown.last().filter(|_| has_more).map(|last| encode(*last, direction));
    let data = shown.into_iter().map(view).collect();
    Ok(Reply::json(&Page { data, has_more, total, current_cursor: wanted.cursor.as_deref(), next_cursor }))
}

/// The first `count` records after a position, in one direction. It avoids sorting a long list for one page.
fn first_in_order<'a, R: Record + 'a>(
    records: impl Iterator<Item = &'a R>,
    after: Option<&Cursor>,
    direction: Direction,
    count: usize,
) -> Vec<&'a R> {
    let is_forward = direction == Direction::Forward;
    let mut first: BTreeMap<(i64, &str), &R> = BTreeMap::new();
    let mut last_kept: Option<(i64, &str)> = None;
    for record in records {
        let position = position(record);
        let is_too_late = |last: (i64, &str)| if is_forward { position > last } else { position < last };
        if after.is_some_and(|after| !follows(position, after)) || last_kept.is_some_and(is_too_late) {
            continue;
        }
        first.insert(position, record);
        if first.len() > count {
            if is_forward {
                first.pop_last()
            } else {
                first.pop_first()
            };
        }
        if first.len() == count {
            let last = if is_forward { first.last_key_value() } else { first.first_key_value() };
            last_kept = last.map(|(last, _)| *last);
        }
    }
    if is_forward { first.into_values().collect() } else { first.into_values().rev().collect() }
}

/// Whether a record at this position comes after the cursor, in the cursor's direction.
fn follows(position: (i64, &str), after: &Cursor) -> bool {
    let Some(created_at) = after.created_at.filter(|time| *time != 0) else { return true };
    match (after.id.as_deref(), after.direction) {
        (Some(id), Direction::Forward) => position > (created_at, id),
        (Some(id), Direction::Backward) => position < (created_at, id),
        (None, Direction::Forward) => position.0 > created_at,
        (None, Direction::Backward) => position.0 < created_at,
    }
}

fn wanted(input: &Value) -> Result<Wanted, Refusal> {
    for name in ["limit", "cursor"] {
        if input[name].is_array() {
            return Err(Refusal::unreadable_query(&format!("Multiple '{name}' values are not allowed")));
        }
    }
    let ((limit, cursor), issues) = input::read_with_issues(input, |root| {
        let limit = root.at("limit").optional(|limit| limit.coerced_between(1, MAX_LIMIT));
        (limit, root.at("cursor").optional(Field::non_empty_string))
    });
    if !issues.is_empty() {
        return Err(Refusal::unreadable_query(&pretty(issues)));
    }
    let after = cursor.as_deref().map(decode).transpose()?;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT);
    Ok(Wanted { limit, cursor, after })
}

/// The issues as indented JSON: the API reports those of a page as one text.
fn pretty(issues: Vec<Value>) -> String {
    format!("{:#}", Value::Array(issues))
}

fn position<R: Record>(record: &R) -> (i64, &str) {
    (record.meta().created_at, &record.meta().id)
}

fn encode<R: Record>(last: &R, direction: Direction) -> String {
    let (created_at, id) = position(last);
    let cursor = Cursor { parameters: Map::new(), created_at: Some(created_at), id: Some(id.to_owned()), direction };
    STANDARD.encode(serde_json::to_vec(&cursor).expect("a cursor has text keys and no failing parts"))
}

/// Reads a cursor. One without an id must have a time and a direction, and no other keys than cursors have.
fn decode(cursor: &str) -> Result<Cursor, Refusal> {
    let refused = || Refusal::unreadable_query("Invalid cursor");
    let json = LENIENT.decode(cursor.trim_end_matches('=')).map_err(|_| refused())?;
    let fields: Value = serde_json::from_slice(&json).map_err(|_| refused())?;
    let names = ["parameters", "createdAt", "id", "direction"];
    let is_old_form = ["createdAt", "direction"].iter().all(|name| fields.get(name).is_some())
        && fields.as_object().is_some_and(|fields| fields.keys().all(|name| names.contains(&name.as_str())));
    let has_id = fields["id"].as_str().is_some_and(|id| !id.is_empty());
    let has_null = names.iter().any(|name| fields.get(name).is_some_and(Value::is_null));
    if has_null || !(has_id || (fields.get("id").is_none() && is_old_form)) {
        return Err(refused());
    }
    serde_json::from_value(fields).map_err(|_| refused())
}
