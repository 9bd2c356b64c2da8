//! Reads error bodies: those that the API sends, those that its description promises, and those of proxies.

use serde::Deserialize;
use serde_json::Value;

use crate::{client::secret_key::SecretKey, error::printable};

/// Longer messages are cut off, since they are shown to people and written to logs.
const MESSAGE_LIMIT: usize = 1000;

/// Longer codes and request ids are cut off.
const NAME_LIMIT: usize = 100;

/// The content of an error body. All fields are `None` if the body is not the API's JSON.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ErrorBody {
    pub(crate) code: Option<Box<str>>,
    pub(crate) message: Option<Box<str>>,
    pub(crate) request_id: Option<Box<str>>,
}

/// The API sends `error`; its description promises `message`.
#[derive(Deserialize)]
struct Wire {
    error: Option<Value>,
    message: Option<Value>,
    code: Option<Value>,
    request_id: Option<Value>,
}

#[derive(Deserialize)]
struct WireIssue {
    #[serde(default)]
    path: Vec<Value>,
    message: String,
}

impl ErrorBody {
    /// The texts are shown to people and written to logs, so what does not belong there is removed.
    pub(crate) fn parse(body: &[u8], key: &SecretKey) -> Self {
        let Ok(wire) = serde_json::from_slice::<Wire>(body) else { return Self::default() };
        let named = |value: &Option<Value>| value.as_ref()?.as_str().and_then(|text| name(text, key));
        let message = wire.error.as_ref().or(wire.message.as_ref()).and_then(sentence);
        let message = message.map(|message| shortened(&printable(&key.redact(&message))).into());
        Self { code: named(&wire.code), message, request_id: named(&wire.request_id) }
    }
}

/// A code or request id: printable ASCII without spaces, and not long.
pub(crate) fn name(text: &str, key: &SecretKey) -> Option<Box<str>> {
    let name: String = key.redact(text).chars().filter(char::is_ascii_graphic).take(NAME_LIMIT).collect();
    (!name.is_empty()).then(|| name.into())
}

fn sentence(error: &Value) -> Option<String> {
    match error {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Array(issues) => joined(issues),
        Value::Object(object) => object.get("message").and_then(sentence),
        _ => None,
    }
}

fn joined(issues: &[Value]) -> Option<String> {
    let sentences: Vec<String> =
        issues.iter().filter_map(|issue| WireIssue::deserialize(issue).ok()).map(|issue| issue.sentence()).collect();
    (!sentences.is_empty()).then(|| sentences.join("; "))
}

impl WireIssue {
    fn sentence(&self) -> String {
        let path: Vec<String> =
            self.path.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned)).collect();
        if path.is_empty() { self.message.clone() } else { format!("{}: {}", path.join("."), self.message) }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MESSAGE_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Code, message and request id; `-` for a missing one.
    fn parse(body: &str) -> [String; 3] {
        let key = SecretKey::new("sk_test_secret").unwrap();
        let ErrorBody { code, message, request_id } = ErrorBody::parse(body.as_bytes(), &key);
        [code, message, request_id].map(|part| part.map_or_else(|| "-".to_owned(), Into::into))
    }

    #[test]
    fn error_as_a_sentence() {
        let read = parse(r#"{"error":"Customer not found","code":"NOT_FOUND","request_id":"5b1f"}"#);
        assert_eq!(read, ["NOT_FOUND", "Customer not found", "5b1f"]);
    }

    #[test]
    fn error_as_issues_names_each_field() {
        let read = parse(
            r#"{"error":[{"path":["customer","externalId"],"message":"expected string"},{"path":["items",0],"message":"too small"}],"code":"BAD_REQUEST"}"#,
        );
        assert_eq!(read[1], "customer.externalId: expected string; items.0: too small");
    }

    #[test]
    fn body_as_the_description_promises() {
        assert_eq!(parse(r#"{"message":"Nope","code":"FORBIDDEN"}"#), ["FORBIDDEN", "Nope", "-"]);
    }

    #[test]
    fn names_are_printable_and_short_and_no_text_holds_the_key_or_a_control_character() {
        let read = parse(
            r#"{"error":"key sk_test_secret\nERROR forged","code":"A B\r\nC\u00e9","request_id":"5b\u001b[1f sk_test_secret"}"#,
        );
        assert_eq!(read, ["ABC", "key [redacted]\u{fffd}ERROR forged", "5b[1f[redacted]"]);
        let long = parse(&format!(r#"{{"error":"no","code":"{0}","request_id":"{0}"}}"#, "x".repeat(5000)));
        assert_eq!([long[0].len(), long[2].len()], [100, 100]);
    }

    #[test]
    fn html_plain_text_empty_and_other_json_have_no_message() {
        for body in ["<html>Bad gateway</html>", "Not Found", "", "[]", "null", "{}", r#"{"error":7}"#] {
            assert_eq!(parse(body), ["-", "-", "-"], "{body}");
        }
    }
}
