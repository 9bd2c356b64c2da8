//! Builds paths and queries. This is the only place where a value is put into a URL.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::input::{InvalidInput, segment::check_segment};

/// Every character except those that no server and no proxy treats as syntax.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Replaces the placeholder of `template` by `value`, as one percent-encoded segment.
///
/// # Errors
/// [`InvalidInput`] if the value would not stay a single segment at every server: the API decodes segments and joins
/// the path again before it matches routes, so a slash is refused even though it could be encoded.
pub(crate) fn fill(template: &'static str, value: &str) -> Result<String, InvalidInput> {
    check_segment(value).map_err(|problem| InvalidInput::new("id", problem))?;
    let Some((before, rest)) = template.split_once('{') else { return Ok(template.to_owned()) };
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    let mut path = String::with_capacity(template.len() + value.len());
    let _ = write!(path, "{before}{}{after}", encoded(value));
    Ok(path)
}

/// Percent-encodes a path of the caller segment by segment, so that it cannot lead to another path.
///
/// # Errors
/// [`InvalidInput`] if the path does not begin with a slash, or a segment would not stay one at every server.
pub(crate) fn encode(path: &str) -> Result<String, InvalidInput> {
    let refuse = |problem: &str| InvalidInput::new("path", problem);
    let segments = path.strip_prefix('/').ok_or_else(|| refuse("must begin with a slash"))?;
    let mut encoded_path = String::with_capacity(path.len());
    for segment in segments.split('/') {
        check_segment(segment).map_err(|problem| refuse(&format!("segments {problem}")))?;
        let _ = write!(encoded_path, "/{}", encoded(segment));
    }
    Ok(encoded_path)
}

/// Appends a query. Names and values are percent-encoded, so that none can add another parameter.
pub(crate) fn push_query(target: &mut String, query: &[(impl AsRef<str>, impl AsRef<str>)]) {
    for (position, (name, value)) in query.iter().enumerate() {
        let separator = if position == 0 { '?' } else { '&' };
        let _ = write!(target, "{separator}{}={}", encoded(name.as_ref()), encoded(value.as_ref()));
    }
}

/// Percent-encodes a path segment or a query value.
fn encoded(value: &str) -> percent_encoding::PercentEncode<'_> {
    utf8_percent_encode(value, RESERVED)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BILLING: &str = "/customers/{externalId}/billing";

    #[test]
    fn syntax_characters_are_encoded_into_the_segment() {
        assert_eq!(fill(BILLING, "a b?x=1#y%2e").unwrap(), "/customers/a%20b%3Fx%3D1%23y%252e/billing");
        assert_eq!(fill(BILLING, "zoë").unwrap(), "/customers/zo%C3%AB/billing");
    }

    #[test]
    fn values_that_could_leave_their_segment_are_refused() {
        for value in ["", " ", ".", "..", "...", "a/b", "../x", "a\\b", "a\nb", "a\0"] {
            assert!(fill(BILLING, value).is_err(), "{value:?}");
        }
    }

    #[test]
    fn a_path_of_the_caller_cannot_become_another_path() {
        assert_eq!(encode("/customers/user 42/billing").unwrap(), "/customers/user%2042/billing");
        assert_eq!(encode("/products?limit=1#x").unwrap(), "/products%3Flimit%3D1%23x");
        for path in ["", "products", "/", "//evil.example", "/a/../b", "/a//b", "/a/", "/a\\b", "/a\n", "/./a"] {
            assert!(encode(path).is_err(), "{path:?}");
        }
    }

    proptest! {
        #[test]
        fn any_accepted_value_is_exactly_one_segment_that_decodes_to_itself(value in any::<String>()) {
            let Ok(path) = fill(BILLING, &value) else { return Ok(()) };
            let url = url::Url::parse(&format!("http://127.0.0.1{path}")).unwrap();
            let segments: Vec<&str> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 3);
            prop_assert_eq!((segments[0], segments[2]), ("customers", "billing"));
            let decoded = percent_encoding::percent_decode_str(segments[1]).decode_utf8().unwrap();
            prop_assert_eq!(decoded.as_ref(), value.as_str());
            prop_assert!(url.query().is_none() && url.fragment().is_none());
        }
    }
}
