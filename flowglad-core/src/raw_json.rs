//! JSON kept byte for byte as it came, and records that keep theirs.

use std::{borrow::Cow, collections::HashMap, fmt, ops::Deref, str::Utf8Error};

use bytes::Bytes;
use bytestring::ByteString;
use serde::de::DeserializeOwned;
use serde_json::{error::Category, value::RawValue};

use crate::Error;

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
#[derive(Clone, PartialEq, Eq)]
pub struct RawJson(ByteString);

impl RawJson {
    /// Takes bytes that are about to be decoded as JSON.
    pub(crate) fn new(bytes: Bytes) -> Result<Self, Utf8Error> {
        ByteString::try_from(bytes).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bytes, shared with this value.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        self.0.as_bytes().clone()
    }

    /// A part of this text, without copying it.
    pub(crate) fn slice(&self, part: &RawValue) -> Self {
        Self(self.0.slice_ref(part.get()))
    }

    /// The value under a key of an object, without copying it.
    pub(crate) fn field(&self, operation: &'static str, key: &'static str) -> Result<Self, Error> {
        let fields: HashMap<Cow<'_, str>, &RawValue> = self.decode_borrowed(operation)?;
        let value = fields.get(key).ok_or_else(|| Error::decode(operation, key, "the field is missing"))?;
        Ok(self.slice(value))
    }

    /// Puts texts under keys, which are ours and need no escapes.
    pub(crate) fn object(fields: &[(&'static str, &RawJson)]) -> Self {
        let length: usize = fields.iter().map(|(key, value)| key.len() + value.0.len() + 4).sum();
        let mut object = String::with_capacity(length + 2);
        object.push('{');
        for (position, (key, value)) in fields.iter().enumerate() {
            object.extend([if position > 0 { ",\"" } else { "\"" }, key, "\":", &value.0]);
        }
        object.push('}');
        Self(object.into())
    }

    /// Puts texts into a list.
    pub(crate) fn array<'a>(items: impl IntoIterator<Item = &'a RawJson>) -> Self {
        let mut array = String::from("[");
        for (position, item) in items.into_iter().enumerate() {
            array.extend([if position > 0 { "," } else { "" }, &item.0]);
        }
        array.push(']');
        Self(array.into())
    }

    /// Writes a value of ours.
    pub(crate) fn of<T: serde::Serialize + ?Sized>(value: &T) -> Self {
        Self(serde_json::to_string(value).expect("our own values have text keys and no failing parts").into())
    }

    /// Reads a record out of the whole text.
    pub(crate) fn decode<T: DeserializeOwned>(&self, operation: &'static str) -> Result<T, Error> {
        self.decode_borrowed(operation)
    }

    /// Reads a record that may borrow from the text.
    pub(crate) fn decode_borrowed<'a, T: serde::Deserialize<'a>>(
        &'a self,
        operation: &'static str,
    ) -> Result<T, Error> {
        let mut json = serde_json::Deserializer::from_str(self.as_str());
        let record = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let path = error.path().to_string();
            Error::decode(operation, path, NotAsExpected::from(error.inner()))
        })?;
        json.end().map_err(|error| Error::decode(operation, ".", NotAsExpected::from(&error)))?;
        Ok(record)
    }
}

/// What is wrong with a JSON text, without quoting it: it holds people's data, and this goes to logs.
#[derive(Debug, thiserror::Error)]
#[error("{what} at line {line}, column {column}")]
pub(crate) struct NotAsExpected {
    what: &'static str,
    line: usize,
    column: usize,
    pub(crate) ends_too_early: bool,
}

impl From<&serde_json::Error> for NotAsExpected {
    fn from(error: &serde_json::Error) -> Self {
        let what = match error.classify() {
            Category::Data => "a missing field, or a value of another type",
            Category::Eof => "the text ends too early",
            Category::Syntax | Category::Io => "this is not JSON",
        };
        Self { what, line: error.line(), column: error.column(), ends_too_early: error.is_eof() }
    }
}

/// Shows the length only: the text holds people's names and addresses, which belong in no log.
impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawJson({} bytes)", self.0.len())
    }
}

/// A typed record together with the JSON from which it was read. Derefs to the record.
///
/// `Debug` shows the record, but not the JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer<T> {
    record: T,
    raw: RawJson,
    reply: RawJson,
}

impl<T> Answer<T> {
    pub(crate) fn new(record: T, raw: RawJson) -> Self {
        Self { record, reply: raw.clone(), raw }
    }

    /// Reads the record out of a reply: what is under `key`, or all of it.
    pub(crate) fn read(reply: RawJson, operation: &'static str, key: Option<&'static str>) -> Result<Self, Error>
    where
        T: DeserializeOwned,
    {
        let Some(key) = key else { return Ok(Self::new(reply.decode(operation)?, reply)) };
        let raw = reply.field(operation, key)?;
        let record = raw.decode(operation).map_err(|error| error.below(key))?;
        Ok(Self { record, raw, reply })
    }

    /// The record's JSON, byte for byte as Flowglad sent it, with every field this version of the crate does not know.
    #[must_use]
    pub fn raw(&self) -> &RawJson {
        &self.raw
    }

    /// Gives up the raw JSON.
    #[must_use]
    pub fn into_record(self) -> T {
        self.record
    }

    /// The whole reply in which the record came, byte for byte.
    pub(crate) fn reply(&self) -> &RawJson {
        &self.reply
    }

    /// A part of the record, with the part of the JSON under `key`.
    pub(crate) fn part<U>(
        self,
        operation: &'static str,
        key: &'static str,
        part: impl FnOnce(T) -> U,
    ) -> Result<Answer<U>, Error> {
        let raw = self.raw.field(operation, key)?;
        Ok(Answer { record: part(self.record), raw, reply: self.reply })
    }
}

impl<T> Deref for Answer<T> {
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
            let texts: Vec<RawJson> = parts.iter().map(RawJson::of).collect();
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
