//! Texts.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::{Field, Found, issue::Weight};

const LONGEST_LABEL: usize = 255;

impl Field<'_> {
    pub(crate) fn string(&self) -> String {
        if let Found::Value(Value::String(text)) = self.found {
            return text.clone();
        }
        self.wrong_type("string");
        String::new()
    }

    pub(crate) fn string_of_at_most(&self, longest: usize) -> String {
        let text = self.string();
        self.check_length(0..=longest, None);
        text
    }

    /// A name that is not empty.
    pub(crate) fn name(&self) -> String {
        let name = self.string();
        self.check_length(1..=usize::MAX, Some(("Name is required", "")));
        name
    }

    /// A text that is not empty, without a sentence of its own for an empty one.
    pub(crate) fn non_empty_string(&self) -> String {
        let text = self.string();
        self.check_length(1..=usize::MAX, None);
        text
    }

    /// A name or slug: 1 to 255 characters after trimming.
    pub(crate) fn label(&self) -> String {
        let label = self.string().trim().to_owned();
        let lengths = 1..=LONGEST_LABEL;
        let messages = Some(("Field is required", "Field must be less than 255 characters"));
        match self.found {
            Found::Value(Value::String(_)) => self.check_length_of("string", js_length(&label), lengths, messages),
            _ => self.check_length(lengths, messages),
        }
        label
    }

    /// A discount code, in capitals.
    pub(crate) fn capitals(&self, lengths: RangeInclusive<usize>) -> String {
        let text = self.string().to_uppercase();
        if matches!(self.found, Found::Value(Value::String(_))) {
            self.check_length_of("string", js_length(&text), lengths, None);
        }
        text
    }

    /// An absolute URL.
    pub(crate) fn web_address(&self) -> String {
        let text = self.string();
        if matches!(self.found, Found::Value(Value::String(_))) && reqwest::Url::parse(text.trim()).is_err() {
            self.note(Weight::Content, json!({ "code": "invalid_format", "format": "url" }), "Invalid URL");
        }
        text
    }

    /// Checks the length of whatever has one: a list where a text belongs is measured too, and a text where a list
    /// belongs. A message for what is too short and one for what is too long replace the usual ones.
    pub(super) fn check_length(&self, lengths: RangeInclusive<usize>, messages: Option<(&str, &str)>) {
        match self.found {
            Found::Value(Value::String(text)) => self.check_length_of("string", js_length(text), lengths, messages),
            Found::Value(Value::Array(list)) => self.check_length_of("array", list.len(), lengths, messages),
            _ => {}
        }
    }

    fn check_length_of(
        &self,
        origin: &str,
        length: usize,
        lengths: RangeInclusive<usize>,
        messages: Option<(&str, &str)>,
    ) {
        let (shortest, longest) = lengths.into_inner();
        let unit = if origin == "string" { "characters" } else { "items" };
        if length < shortest {
            let usual = format!("Too small: expected {origin} to have >={shortest} {unit}");
            let kind = json!({ "origin": origin, "code": "too_small", "minimum": shortest, "inclusive": true });
            self.note(Weight::Content, kind, messages.map_or(usual, |(short, _)| short.to_owned()));
        }
        if length > longest {
            let usual = format!("Too big: expected {origin} to have <={longest} {unit}");
            let kind = json!({ "origin": origin, "code": "too_big", "maximum": longest, "inclusive": true });
            self.note(Weight::Content, kind, messages.map_or(usual, |(_, long)| long.to_owned()));
        }
    }
}

/// The length that JavaScript gives a text.
fn js_length(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::super::read_with_issues;
    use serde_json::json;

    #[test]
    fn a_label_is_trimmed_and_measured_afterwards() {
        let (label, issues) = read_with_issues(&json!({ "slug": "  pro " }), |root| root.at("slug").label());
        assert_eq!((label.as_str(), issues.len()), ("pro", 0));
        let (_, issues) = read_with_issues(&json!({ "slug": "   " }), |root| root.at("slug").label());
        assert_eq!(issues[0]["message"], "Field is required");
    }

    #[test]
    fn an_empty_list_in_place_of_a_label_has_the_wrong_type_and_is_too_short() {
        let (_, issues) = read_with_issues(&json!({ "slug": [] }), |root| root.at("slug").label());
        let codes: Vec<_> = issues.iter().map(|issue| &issue["code"]).collect();
        assert_eq!(codes, ["invalid_type", "too_small"]);
        assert_eq!(issues[1]["origin"], "array");
    }
}
