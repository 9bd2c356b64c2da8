//! Where a user goes back to, from text that anybody can write.

use std::{convert::Infallible, fmt, str::FromStr};

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Deserializer};

/// A path of more bytes becomes `/`.
const MAX_BYTES: usize = 2048;

/// What cannot stand in a header.
const NOT_IN_A_HEADER: &AsciiSet = &CONTROLS.add(b' ');

/// What stays as it is in the value of a query.
const NOT_IN_A_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path of the app's own site to which a user returns, with its query.
///
/// It is made from untrusted text, for example from the query `returnTo` that a [gate](crate::gate::Gate) adds when it
/// redirects to the plans or to the sign-in page. Whatever could lead to another site, or is no path, becomes `/`.
///
/// ```
/// use flowglad_core::gate::ReturnTo;
///
/// assert_eq!(ReturnTo::from("/reports?page=2").as_str(), "/reports?page=2");
/// assert_eq!(ReturnTo::from("//evil.example").as_str(), "/");
/// assert_eq!(ReturnTo::from("https://evil.example").as_str(), "/");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// The path with its query. It can stand in a `Location` header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as a value of a query.
    pub(super) fn to_query_value(&self) -> impl fmt::Display {
        utf8_percent_encode(&self.0, NOT_IN_A_VALUE)
    }
}

impl Default for ReturnTo {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl From<&str> for ReturnTo {
    fn from(text: &str) -> Self {
        if is_own_path(text) { Self(for_a_header(text)) } else { Self::default() }
    }
}

impl FromStr for ReturnTo {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

/// From the fields of a form or a query.
impl<'de> Deserialize<'de> for ReturnTo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(String::deserialize(deserializer)?.as_str().into())
    }
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Percent-encodes what cannot stand in a header.
pub(super) fn for_a_header(url: &str) -> String {
    utf8_percent_encode(url, NOT_IN_A_HEADER).to_string()
}

/// Servers and proxies may decode the path once before they redirect, so the decoded text must be harmless too. A browser
/// takes a backslash for a slash, and drops tabs and newlines.
fn is_own_path(text: &str) -> bool {
    let decoded = percent_decode_str(text).decode_utf8_lossy();
    text.len() <= MAX_BYTES && [text, &decoded].into_iter().all(is_harmless)
}

fn is_harmless(text: &str) -> bool {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    path.starts_with('/') && !path.contains("//") && !text.contains(|c: char| c == '\\' || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_site_are_kept_with_their_query() {
        for path in [
            "/",
            "/reports",
            "/reports?a=1&b=https://x.example//y",
            "/reports/2026?month=%C3%A4#top",
            "/a%20b",
            "/search?q=100%25",
            "/..",
        ] {
            assert_eq!(ReturnTo::from(path).as_str(), path);
        }
    }

    #[test]
    fn what_could_lead_to_another_site_becomes_the_root() {
        let too_long = format!("/{}", "a".repeat(MAX_BYTES));
        for text in [
            "",
            " ",
            "reports",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/%5cevil.example",
            "/%5Cevil.example",
            "/%2f%2fevil.example",
            "/%2Fevil.example",
            "%2f%2fevil.example",
            "/..//evil.example",
            "/.//evil.example",
            "/a/..//evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/%09/evil.example",
            "/%0d%0aset-cookie:a=b",
            "/\r\nset-cookie: a=b",
            " /reports",
            "\t//evil.example",
            "https://evil.example",
            "https:evil.example",
            "HTTPS:/evil.example",
            "http:///evil.example",
            "javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "?a=1",
            "#top",
            "/reports?a=\\evil",
            "/\u{0}",
            "/\u{85}",
            &too_long,
        ] {
            assert_eq!(ReturnTo::from(text).as_str(), "/", "{text:?}");
        }
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_encoded() {
        assert_eq!(ReturnTo::from("/grüße an?x=ä").as_str(), "/gr%C3%BC%C3%9Fe%20an?x=%C3%A4");
        assert_eq!(ReturnTo::from("/／evil.example").as_str(), "/%EF%BC%8Fevil.example");
    }

    #[test]
    fn a_form_may_have_it_as_a_field() {
        let read = |json: &str| serde_json::from_str::<ReturnTo>(json).unwrap();
        assert_eq!(read(r#""/reports""#).to_string(), "/reports");
        assert_eq!(read(r#""//evil.example""#), ReturnTo::default());
    }
}
