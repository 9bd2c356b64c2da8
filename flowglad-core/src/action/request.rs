//! What comes in, as the framework has it.

use bytes::Bytes;

use super::{body::Body, browser_error::BrowserError};

/// What of an HTTP request decides which action it is, as the framework has it.
#[derive(Clone, Copy, Debug)]
pub struct ActionRequest<'a> {
    /// `POST`, `GET`, …
    pub method: &'a str,
    /// The path after the mount point, raw: not percent-decoded, with or without slashes around it.
    pub subroute: &'a str,
    /// The `Content-Type` header, if there is one.
    pub content_type: Option<&'a str>,
}

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// It is longer than [`Actions::body_limit`](crate::action::Actions::body_limit).
    TooLarge,
    /// The connection ended before the body did.
    Broken,
}

/// Reads a body whose content type must be JSON unless there is no body.
pub(super) fn parse_body(content_type: Option<&str>, body: Result<Bytes, BodyError>) -> Result<Body, BrowserError> {
    let is_empty = body.as_ref().is_ok_and(Bytes::is_empty);
    if !is_empty && !content_type.is_some_and(is_json) {
        return Err(BrowserError::unsupported_media_type());
    }
    match body {
        Ok(bytes) => Body::parse(&bytes),
        Err(BodyError::TooLarge) => Err(BrowserError::payload_too_large()),
        Err(BodyError::Broken) => Err(BrowserError::unreadable_body()),
    }
}

/// `application/json` or `application/…+json`, without a charset or with UTF-8. Refusing the rest also keeps forms of
/// other sites out, which a browser sends without asking.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let media_type = parts.next().unwrap_or_default();
    let is_json = media_type.strip_prefix("application/").is_some_and(|kind| kind == "json" || kind.ends_with("+json"));
    is_json && parts.filter_map(|part| charset(&part)).all(|charset| matches!(&*charset, "utf-8" | "utf8"))
}

fn charset(parameter: &str) -> Option<String> {
    Some(parameter.strip_prefix("charset=")?.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_content_types_in_any_dress_and_nothing_else() {
        for json in [
            "application/json",
            "Application/JSON; Charset=UTF-8",
            "application/problem+json",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(is_json(json), "{json}");
        }
        for other in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/json; charset=latin1",
            "json",
            "text/json",
        ] {
            assert!(!is_json(other), "{other}");
        }
    }
}
