//! Which paths belong to the API, and how the API reads them.

/// The prefix of every operation's path.
pub(crate) const API: &str = "/api/v1";

pub(crate) fn is_api(path: &str) -> bool {
    path.strip_prefix(API).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The path that the API redirects to: without empty segments, dots and a slash at the end. None if it is clean.
pub(crate) fn redirect_target(path: &str) -> Option<String> {
    if !path.ends_with('/') && !path.contains("//") && !path.contains("/.") {
        return None;
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => _ = kept.pop(),
            _ => kept.push(segment),
        }
    }
    let clean = format!("/{}", kept.join("/"));
    (clean != path).then_some(clean)
}

/// The segments below the prefix. The API decodes a path before it splits it, so a `%2F` separates segments too.
/// None if an escape is malformed.
pub(crate) fn segments(path: &str) -> Option<Vec<String>> {
    let below = decode(path.strip_prefix(API)?)?;
    Some(below.trim_start_matches('/').split('/').map(str::to_owned).collect())
}

fn decode(path: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' { 16 * hex_digit(bytes.next()?)? + hex_digit(bytes.next()?)? } else { byte });
    }
    String::from_utf8(decoded).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_slash_separates_and_a_doubly_escaped_one_does_not() {
        assert_eq!(segments("/api/v1/customers/a%2Fbilling").unwrap(), ["customers", "a", "billing"]);
        assert_eq!(segments("/api/v1/customers/a%252Fb").unwrap(), ["customers", "a%2Fb"]);
        assert_eq!(segments("/api/v1/customers/%C3%BC%20+").unwrap(), ["customers", "ü +"]);
    }

    #[test]
    fn malformed_escapes_have_no_segments() {
        for path in ["/api/v1/%", "/api/v1/%2", "/api/v1/%zz", "/api/v1/%ff"] {
            assert_eq!(segments(path), None, "{path}");
        }
    }

    #[test]
    fn paths_are_cleaned_of_empty_segments_and_dots() {
        for (path, target) in [
            ("/api/v1/customers", None),
            ("/api/v1/", Some("/api/v1")),
            ("/api/v1/customers/", Some("/api/v1/customers")),
            ("/api/v1//customers", Some("/api/v1/customers")),
            ("/api/v1/customers/..", Some("/api/v1")),
        ] {
            assert_eq!(redirect_target(path).as_deref(), target, "{path}");
        }
    }
}
