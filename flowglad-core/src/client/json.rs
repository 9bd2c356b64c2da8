//! JSON kept byte for byte as it was received, and records that keep their JSON.

use std::{
    fmt,
    ops::{Deref, Range},
    sync::Arc,
};

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use memchr::memchr2;
use serde::de::{DeserializeOwned, DeserializeSeed as _};
use serde_json::{error::Category, value::RawValue};

use crate::{
    client::{
        compact_json,
        endpoint::Route,
        json_depth::{MAX_DEPTH, is_too_deep},
        json_object::OneField,
    },
    error::{Error, SideEffect, printable, shared},
};

/// Longer paths are cut off in errors.
const PATH_LIMIT: usize = 200;

/// A JSON text, byte for byte as Flowglad sent it. Cloning shares the bytes.
///
/// ```no_run
/// # async fn run(flowglad: flowglad_core::Flowglad) -> Result<(), Box<dyn std::error::Error>> {
/// let model = flowglad.default_pricing_model().await?;
/// // A field that this version of the crate does not know yet:
/// let whole: serde_json::Value = serde_json::from_str(model.raw().as_str())?;
/// println!("{}", whole["brandNewField"]);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct RawJson {
    text: ByteString,
    /// The text inside `{"data":…}`, where it was received so that a response to a browser needs no copy of it.
    as_data: Option<Bytes>,
    /// The members of an object, if they were found when the text was received. Then it is known to be JSON.
    members: Option<Arc<[Range<usize>]>>,
}

impl RawJson {
    /// Checks that the bytes are UTF-8 and not nested too deep. Whether they are JSON may show only when they are decoded.
    pub(crate) fn new(bytes: Bytes) -> Result<Self, DecodeError> {
        let members = compact_json::members(&bytes).map(Arc::from);
        if members.is_none() && is_too_deep(&bytes) {
            return Err(DecodeError::new(".", format!("nested deeper than {MAX_DEPTH} levels")));
        }
        let text = ByteString::try_from(bytes).map_err(|error| DecodeError::new(".", error.to_string()))?;
        Ok(Self { members, ..Self::from_text(text) })
    }

    /// The same for the bytes of a response.
    pub(crate) fn from_response(body: &ResponseBody) -> Result<Self, DecodeError> {
        Ok(Self { as_data: Some(body.as_data.clone()), ..Self::new(body.bytes())? })
    }

    fn from_text(text: impl Into<ByteString>) -> Self {
        Self { text: text.into(), as_data: None, members: None }
    }

    /// The JSON as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The JSON as bytes, shared with this value.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        self.text.as_bytes().clone()
    }

    /// An object with this text under `data`, without copying the text where it was received for that.
    pub(crate) fn as_data(&self) -> Bytes {
        self.as_data.clone().unwrap_or_else(|| Self::object(&[("data", self)]).bytes())
    }

    /// A part of this text, without copying it.
    pub(crate) fn slice(&self, part: &RawValue) -> Self {
        Self::from_text(self.text.slice_ref(part.get()))
    }

    /// The value under a key of an object, without copying it. A text that has the key twice is refused.
    pub(crate) fn field(&self, key: &'static str) -> Result<Self, DecodeError> {
        if let Some(value) = self.field_of_members(key) {
            return Ok(value);
        }
        let mut json = serde_json::Deserializer::from_str(self.as_str());
        let value = OneField(key).deserialize(&mut json).map_err(|error| DecodeError::from_serde(key, &error))?;
        json.end().map_err(|error| DecodeError::from_serde(".", &error))?;
        value.map(|value| self.slice(value)).ok_or_else(|| DecodeError::new(key, "the field is missing"))
    }

    /// The value under a key, if it is certain that no other member has this key.
    fn field_of_members(&self, key: &str) -> Option<Self> {
        let mut found = None;
        for member in self.members.as_deref()? {
            let member = &self.text[member.clone()];
            let name_end = 1 + memchr2(b'"', b'\\', &member.as_bytes()[1..])?;
            if !member[name_end..].starts_with("\":") {
                // The name is written with a backslash, so it may be any name.
                return None;
            }
            if member[1..name_end] == *key && found.replace(&member[name_end + 2..]).is_some() {
                return None;
            }
        }
        found.map(|value| Self::from_text(self.text.slice_ref(value)))
    }

    /// Builds an object from JSON texts. The keys are constants that need no escaping.
    pub(crate) fn object(fields: &[(&'static str, &RawJson)]) -> Self {
        let length: usize = fields.iter().map(|(key, value)| key.len() + value.text.len() + 4).sum();
        let mut object = String::with_capacity(length + 2);
        object.push('{');
        for (position, (key, value)) in fields.iter().enumerate() {
            object.extend([if position > 0 { ",\"" } else { "\"" }, key, "\":", &value.text]);
        }
        object.push('}');
        Self::from_text(object)
    }

    /// Builds an array from JSON texts.
    pub(crate) fn array<'a>(items: impl IntoIterator<Item = &'a RawJson>) -> Self {
        let mut array = String::from("[");
        for (position, item) in items.into_iter().enumerate() {
            array.extend([if position > 0 { "," } else { "" }, &item.text]);
        }
        array.push(']');
        Self::from_text(array)
    }

    /// Serializes a value of this crate, which cannot fail.
    pub(crate) fn from_value<T: serde::Serialize + ?Sized>(value: &T) -> Self {
        Self::from_text(serde_json::to_string(value).expect("our own values have text keys and no failing parts"))
    }

    /// Decodes the whole text as a record.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        self.decode_borrowed()
    }

    /// Decodes the whole text as a record that may borrow from it.
    pub(crate) fn decode_borrowed<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        // Keeping track of the path costs more than the reading, so it is done only for a text that has a problem.
        serde_json::from_str(self.as_str()).or_else(|_| self.decode_with_path())
    }

    fn decode_with_path<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, DecodeError> {
        let mut json = serde_json::Deserializer::from_str(self.as_str());
        let record = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| DecodeError::from_serde(error.path().to_string(), error.inner()))?;
        json.end().map_err(|error| DecodeError::from_serde(".", &error))?;
        Ok(record)
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for RawJson {}

/// The body of a response as it arrives, in a buffer that already has `{"data":` before it and `}` behind it.
pub(crate) struct ResponseBody {
    as_data: Bytes,
}

impl ResponseBody {
    const BEFORE: &[u8] = br#"{"data":"#;
    const BEHIND: &[u8] = b"}";

    /// An empty buffer for a body that is expected to have this length.
    pub(crate) fn buffer(expected_length: usize) -> BytesMut {
        let mut buffer = BytesMut::with_capacity(Self::BEFORE.len() + expected_length + Self::BEHIND.len());
        buffer.extend_from_slice(Self::BEFORE);
        buffer
    }

    /// The length of the body in a buffer so far.
    pub(crate) fn length_in(buffer: &BytesMut) -> usize {
        buffer.len() - Self::BEFORE.len()
    }

    /// The body, once it is complete.
    pub(crate) fn new(mut buffer: BytesMut) -> Self {
        buffer.extend_from_slice(Self::BEHIND);
        Self { as_data: buffer.freeze() }
    }

    /// The body as it was received.
    pub(crate) fn bytes(&self) -> Bytes {
        self.as_data.slice(Self::BEFORE.len()..self.as_data.len() - Self::BEHIND.len())
    }
}

/// A problem of a JSON text. It does not quote the text, which holds personal data, because it is written to logs.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(crate) struct DecodeError {
    /// Where in the JSON, for example `customer.externalId`; `.` is the whole text.
    path: Box<str>,
    what: Box<str>,
    /// Whether the text is the beginning of JSON, as after a lost connection.
    ends_early: bool,
}

impl DecodeError {
    pub(crate) fn new(path: impl Into<Box<str>>, what: impl Into<Box<str>>) -> Self {
        Self { path: path.into(), what: what.into(), ends_early: false }
    }

    fn from_serde(path: impl Into<Box<str>>, error: &serde_json::Error) -> Self {
        let what = match error.classify() {
            Category::Data => "a missing or repeated field, or a value of another type",
            Category::Eof => "the text ends too early",
            Category::Syntax | Category::Io => "this is not JSON",
        };
        let what = format!("{what} at line {}, column {}", error.line(), error.column());
        // The keys in a path are the server's.
        let path: String = printable(&path.into()).chars().take(PATH_LIMIT).collect();
        Self { ends_early: error.is_eof(), ..Self::new(path, what) }
    }

    /// Returns the same error with its path prefixed by `key`.
    fn with_path_prefix(self, key: &str) -> Self {
        let path = if &*self.path == "." { key.into() } else { format!("{key}.{}", self.path).into() };
        Self { path, ..self }
    }

    /// Converts into the error of a reader that sent no request.
    pub(crate) fn into_local_error(self, operation: &'static str) -> Error {
        let (side_effect, path) = (SideEffect::None, self.path.clone());
        Error::Decode { operation, side_effect, path, request_id: None, cause: shared(self) }
    }

    /// Converts into the error of the call. JSON that ends early means that the response was cut off.
    pub(crate) fn into_error(self, route: &Route, request_id: Option<Box<str>>) -> Error {
        let (operation, side_effect) = (route.operation, route.side_effect());
        if self.ends_early {
            let advice = route.advice_without_response();
            Error::Transport { operation, side_effect, advice, timed_out: false, cause: shared(self) }
        } else {
            Error::Decode { operation, side_effect, path: self.path.clone(), request_id, cause: shared(self) }
        }
    }
}

/// Shows the length only: the text holds names and addresses, which must not be logged.
impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson({} bytes)", self.text.len())
    }
}

/// A typed record together with the JSON from which it was read. Derefs to the record.
///
/// `Debug` shows the record, but not the JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Response<T> {
    record: T,
    raw: RawJson,
    body: RawJson,
}

impl<T> Response<T> {
    pub(crate) fn new(record: T, raw: RawJson) -> Self {
        Self { record, body: raw.clone(), raw }
    }

    /// Decodes the record from a body: the value under `key`, or the whole body.
    pub(crate) fn decode(body: RawJson, key: Option<&'static str>) -> Result<Self, DecodeError>
    where
        T: DeserializeOwned,
    {
        let Some(key) = key else { return Ok(Self::new(body.decode()?, body)) };
        let raw = body.field(key)?;
        let record = raw.decode().map_err(|error| error.with_path_prefix(key))?;
        Ok(Self { record, raw, body })
    }

    /// The record's JSON, byte for byte as Flowglad sent it, including fields that this version of the crate does not
    /// know.
    #[must_use]
    pub fn raw(&self) -> &RawJson {
        &self.raw
    }

    /// Returns the record without its raw JSON.
    #[must_use]
    pub fn into_record(self) -> T {
        self.record
    }

    /// The whole body that contained the record, byte for byte.
    pub(crate) fn body(&self) -> &RawJson {
        &self.body
    }

    /// Returns a part of the record together with the JSON under `key`.
    pub(crate) fn project<U>(self, key: &'static str, part: impl FnOnce(T) -> U) -> Result<Response<U>, DecodeError> {
        let raw = self.raw.field(key)?;
        Ok(Response { record: part(self.record), raw, body: self.body })
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.record
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn spliced_texts_are_json_with_every_part_unchanged(parts in prop::collection::vec(any::<String>(), 0..5)) {
            let texts: Vec<RawJson> = parts.iter().map(RawJson::from_value).collect();
            let list = RawJson::array(&texts);
            prop_assert_eq!(&serde_json::from_str::<Vec<String>>(list.as_str()).unwrap(), &parts);
            let object = RawJson::object(&[("first", &list), ("second", &list)]);
            let read: std::collections::BTreeMap<String, Vec<String>> = serde_json::from_str(object.as_str()).unwrap();
            prop_assert_eq!(&read["first"], &parts);
            prop_assert_eq!(&read["second"], &parts);
        }
    }

    #[test]
    fn empty_object_and_array_are_json() {
        assert_eq!(RawJson::object(&[]).as_str(), "{}");
        assert_eq!(RawJson::array([]).as_str(), "[]");
    }
}
