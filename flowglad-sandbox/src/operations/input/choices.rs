//! Fields with one of few values, and records with any keys.

use serde_json::{Value, json};

use super::{
    Field, Found,
    issue::{Step, Weight},
};
use crate::records::metadata::Metadata;

const LONGEST_METADATA_TEXT: usize = 500;

impl<'a> Field<'a> {
    /// One of a fixed list of words.
    pub(crate) fn choice<T: Copy>(&self, choices: &[(&'static str, T)]) -> Option<T> {
        let chosen = self.chosen(choices);
        if chosen.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            let message = match quoted.as_slice() {
                [only] => format!("Invalid input: expected {only}"),
                _ => format!("Invalid option: expected one of {}", quoted.join("|")),
            };
            self.note(Weight::Form, json!({ "code": "invalid_value", "values": words }), message);
        }
        chosen
    }

    /// This place as an object whose field `name` decides which form it has. Without a known word no other field is
    /// checked.
    pub(crate) fn form_by<T: Copy>(&self, name: &'static str, choices: &[(&'static str, T)]) -> (Field<'a>, Option<T>) {
        let object = self.as_object();
        let discriminator = object.at(name);
        let chosen = discriminator.chosen(choices);
        if chosen.is_some() {
            return (object, chosen);
        }
        let kind = json!({
            "code": "invalid_union", "errors": [], "note": "No matching discriminator", "discriminator": name,
        });
        discriminator.note(Weight::Form, kind, "Invalid input");
        (object.refused(), None)
    }

    /// As [`Self::form_by`], by a flag that is `false` if it is absent.
    pub(crate) fn form_by_flag(&self, name: &'static str) -> (Field<'a>, bool) {
        match self.at(name).found {
            Found::Value(Value::Bool(flag)) => (self.clone(), *flag),
            Found::Missing | Found::Refused => (self.clone(), false),
            Found::Value(_) => (self.form_by::<()>(name, &[]).0, false),
        }
    }

    fn chosen<T: Copy>(&self, choices: &[(&'static str, T)]) -> Option<T> {
        match self.found {
            Found::Value(Value::String(text)) => choices.iter().find(|(word, _)| word == text).map(|(_, value)| *value),
            _ => None,
        }
    }

    pub(crate) fn metadata(&self) -> Metadata {
        let entries = self.any_object();
        if let Found::Value(Value::Object(fields)) = self.found {
            for (key, value) in fields {
                let entry = self.child(Step::Name(key), Found::Value(value));
                entry.any_of(&[
                    |entry| _ = entry.string_of_at_most(LONGEST_METADATA_TEXT),
                    |entry| _ = entry.number(),
                    |entry| _ = entry.boolean(),
                ]);
            }
        }
        entries
    }

    /// An object with any values.
    pub(crate) fn any_object(&self) -> Metadata {
        if let Found::Value(Value::Object(entries)) = self.found {
            return entries.clone();
        }
        self.wrong_type("record");
        Metadata::default()
    }

    /// Must be absent or `null`.
    pub(crate) fn nothing(&self) {
        if self.is_present() && !self.is_null() {
            self.wrong_type("null");
        }
    }

    /// As [`Self::nothing`], where the API compares with the value `null` instead of its type.
    pub(crate) fn null_or_absent(&self) {
        if self.is_present() && !self.is_null() {
            let kind = json!({ "code": "invalid_value", "values": [null] });
            self.note(Weight::Form, kind, "Invalid input: expected null");
        }
    }
}
