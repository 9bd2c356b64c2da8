//! Compares what the client reads with what the API describes.
//!
//! Replies are made from the description, and read by the client's own methods. Whether a field is read is found out by
//! putting something there that no type takes: a client that reads the field then refuses the reply.

use std::collections::{BTreeMap, BTreeSet};

use flowglad_core::Error as ClientError;
use serde_json::{Value, json};

use crate::{
    api::{Api, Fields, Fill, Operation, below, fields_of},
    calls::{Case, Record},
    drift::{Drift, Part, Problem},
    error::Error,
    observed::{Observed, ScriptedApi},
};

/// All drift in what is read of one operation's replies, and how many replies were read.
pub(crate) async fn compare_read(
    api: &Api,
    scripted: &ScriptedApi,
    operation: &Operation,
    case: &Case,
    request: &Observed,
) -> Result<(BTreeSet<Drift>, usize), Error> {
    let described = api.fields(&operation.reply);
    let sent = sent_texts(operation, request);
    let full = api.replies(&operation.reply, &sent, Fill::Everything);
    let reader = Reader { scripted, operation, case, described };
    let mut drift = reader.unread_fields(&full).await?;
    let unread: Vec<String> = drift.iter().map(|drift| drift.at.clone()).collect();
    let full_reply = full.first().cloned().unwrap_or_default();
    let mut replies = full;
    replies.extend(api.replies(&operation.reply, &sent, Fill::Required));
    replies.sort_by_key(ToString::to_string);
    replies.dedup();
    for reply in &replies {
        drift.extend(reader.compare(reply, &full_reply, &unread).await?);
    }
    Ok((drift, replies.len()))
}

/// The texts of the path and the body by the names of their fields.
fn sent_texts(operation: &Operation, request: &Observed) -> BTreeMap<String, String> {
    let in_path = operation.path_parameters(&request.path).map(|(name, value)| (name.to_owned(), value.to_owned()));
    let fields = request.body.as_ref().map(fields_of).unwrap_or_default();
    let in_body = fields
        .into_iter()
        .filter_map(|(field, texts)| Some((field.rsplit('.').next()?.to_owned(), texts.into_iter().next()?)));
    in_body.chain(in_path).collect()
}

struct Reader<'a> {
    scripted: &'a ScriptedApi,
    operation: &'a Operation,
    case: &'a Case,
    described: Fields,
}

impl Reader<'_> {
    async fn unread_fields(&self, replies: &[Value]) -> Result<BTreeSet<Drift>, Error> {
        let mut drift: BTreeSet<Drift> = BTreeSet::new();
        for (field, reply) in first_reply_with_each_field(replies) {
            let is_inside =
                |unread: &Drift| field.strip_prefix(&unread.at).is_some_and(|rest| rest.starts_with(['.', '[']));
            if !self.described.contains_key(&field) || drift.iter().any(is_inside) {
                continue;
            }
            if !self.is_read(reply, &field).await? {
                drift.insert(self.drift(&field, Problem::Unread));
            }
        }
        Ok(drift)
    }

    async fn is_read(&self, reply: &Value, field: &str) -> Result<bool, Error> {
        let mut reply = reply.clone();
        for wrong in [json!({"no type": "has this"}), json!([["no type has this"]]), json!("no type has this")] {
            *reply.pointer_mut(&pointer(field)).expect("the reply has the field") = wrong;
            if self.read(&reply).await?.is_err() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the client refuses is replaced by what `good` has there, so that one refusal does not hide another.
    async fn compare(&self, reply: &Value, good: &Value, unread: &[String]) -> Result<BTreeSet<Drift>, Error> {
        let mut reply = reply.clone();
        let mut drift = BTreeSet::new();
        let records = loop {
            let refused = match self.read(&reply).await? {
                Ok(records) => break records,
                Err(refused) => refused,
            };
            let found = drift.len();
            drift.extend(self.refused(&reply, good, &refused).await?);
            if drift.len() == found || !put_right(&mut reply, good, &refused) {
                return Ok(drift);
            }
        };
        let expected = self.case.records_in(&reply);
        if records.iter().map(|record| &record.raw).ne(expected) {
            return Err(self.broken("the records' raw JSON is not what the reply has", None));
        }
        for record in &records {
            drift.extend(self.unknown_values(&reply, record));
            drift.extend(self.lost_fields(record, unread));
        }
        Ok(drift)
    }

    /// What is wrong at the place of a refusal. An object that lacks a field is refused as a whole.
    async fn refused(&self, reply: &Value, good: &Value, field: &str) -> Result<Vec<Drift>, Error> {
        let kind = match reply.pointer(&pointer(field)) {
            None => return Ok(vec![self.drift(field, Problem::WronglyRequired)]),
            Some(Value::Object(_)) => "this object".to_owned(),
            Some(Value::Array(_)) => "this list".to_owned(),
            Some(value) => value.to_string(),
        };
        let missing = self.wrongly_required(reply, good, field).await?;
        Ok(if missing.is_empty() { vec![self.drift(field, Problem::CannotRead(kind))] } else { missing })
    }

    /// The fields of a good object that the other reply does not have, and that the client cannot do without.
    async fn wrongly_required(&self, reply: &Value, good: &Value, field: &str) -> Result<Vec<Drift>, Error> {
        let mut missing = Vec::new();
        let at = pointer(field);
        let (Some(Value::Object(object)), Some(Value::Object(other))) = (good.pointer(&at), reply.pointer(&at)) else {
            return Ok(missing);
        };
        for name in object.keys().filter(|name| !other.contains_key(*name)) {
            let mut without = good.clone();
            if let Some(Value::Object(fields)) = without.pointer_mut(&at) {
                fields.remove(name);
            }
            if self.read(&without).await?.is_err() {
                missing.push(self.drift(&below(field, name), Problem::WronglyRequired));
            }
        }
        Ok(missing)
    }

    fn lost_fields(&self, record: &Record, unread: &[String]) -> Vec<Drift> {
        let Some(written) = &record.written else { return Vec::new() };
        let is_read = |field: &String| {
            self.described.contains_key(field) && !unread.iter().any(|unread| field.starts_with(&**unread))
        };
        let lost = lost_fields(&record.raw, written, self.case.place_of_records()).into_iter().filter(is_read);
        lost.map(|field| self.drift(&field, Problem::Lost)).collect()
    }

    /// What the client makes of a reply: its records, or the place that it cannot decode.
    async fn read(&self, reply: &Value) -> Result<Result<Vec<Record>, String>, Error> {
        self.scripted.reply_with(reply);
        match self.case.call(&self.scripted.client).await {
            Ok(records) => Ok(Ok(records)),
            Err(ClientError::Decode { path, .. }) => Ok(Err(without_positions(&path))),
            Err(other) => Err(self.broken("the client did not read a reply", Some(other))),
        }
    }

    /// An enum of the client keeps a value that it does not know in a variant `Unknown`.
    fn unknown_values(&self, reply: &Value, record: &Record) -> Vec<Drift> {
        let listed = fields_of(reply).into_iter().flat_map(|(field, texts)| {
            let listed = self.described.get(&field).cloned().unwrap_or_default();
            texts.into_iter().filter(move |text| listed.contains(text)).map(move |text| (field.clone(), text))
        });
        let unknown = listed.filter(|(_, text)| record.shown.contains(&format!("Unknown({text:?})")));
        unknown.map(|(field, text)| self.drift(&field, Problem::UnknownValue(text))).collect()
    }

    fn drift(&self, at: &str, problem: Problem) -> Drift {
        let Operation { method, path, .. } = self.operation;
        let at = if at.is_empty() { "$" } else { at };
        Drift { path: path.clone(), method: method.clone(), part: Part::Reply, at: at.to_owned(), problem }
    }

    fn broken(&self, problem: &str, cause: Option<ClientError>) -> Error {
        Error::Call { case: self.case.to_string(), problem: problem.to_owned(), cause: cause.map(Box::new) }
    }
}

/// Takes one field over from another reply. `false`: that is not possible.
fn put_right(reply: &mut Value, good: &Value, field: &str) -> bool {
    let Some(value) = good.pointer(&pointer(field)) else { return false };
    let (parent, name) = field.rsplit_once('.').unwrap_or(("", field));
    match reply.pointer_mut(&pointer(parent)) {
        Some(Value::Object(fields)) if !name.is_empty() => {
            fields.insert(name.to_owned(), value.clone());
            true
        }
        _ => false,
    }
}

/// Fields whose value is there, each with the first reply that has it.
fn first_reply_with_each_field(replies: &[Value]) -> BTreeMap<String, &Value> {
    let mut found = BTreeMap::new();
    for reply in replies {
        for field in fields_of(reply).into_keys() {
            if reply.pointer(&pointer(&field)).is_some_and(|value| !value.is_null()) {
                found.entry(field).or_insert(reply);
            }
        }
    }
    found
}

/// Fields that are there and not `null` in `raw`, but not in `written`. Texts and booleans must be the same too.
fn lost_fields(raw: &Value, written: &Value, place: &str) -> Vec<String> {
    match (raw, written) {
        (Value::Object(raw), Value::Object(written)) => {
            let fields = raw.iter().map(|(name, value)| (below(place, name), value, written.get(name)));
            fields.flat_map(|(field, raw, written)| lost_fields(raw, written.unwrap_or(&Value::Null), &field)).collect()
        }
        (Value::Array(raw), Value::Array(written)) if raw.len() == written.len() => {
            let place = format!("{place}[]");
            raw.iter().zip(written).flat_map(|(raw, written)| lost_fields(raw, written, &place)).collect()
        }
        // A time is written as a number, and a number that must be whole is rounded down.
        (Value::Null, _) | (Value::String(_) | Value::Number(_), Value::Number(_)) => Vec::new(),
        (raw, written) if raw == written => Vec::new(),
        _ => vec![place.to_owned()],
    }
}

/// `prices[].tiers[].upTo` as `/prices/0/tiers/0/upTo`: a made list has one entry.
fn pointer(field: &str) -> String {
    let steps = field.replace("[]", ".0").replace('.', "/");
    if steps.is_empty() || steps.starts_with('/') { steps } else { format!("/{steps}") }
}

/// `prices[0].tiers` as `prices[].tiers`, and the document itself, which is `.` in errors, as an empty path.
fn without_positions(path: &str) -> String {
    let path = path.trim_matches('.');
    let mut parts = path.split('[');
    let start = parts.next().unwrap_or_default().to_owned();
    parts.fold(start, |path, part| path + "[]" + part.split_once(']').map_or("", |(_, rest)| rest))
}
