//! The limit on how deep a JSON text may be nested.
//!
//! `serde_json` limits the depth of what it decodes. What it skips, or keeps as text, has no limit there, and it reaches
//! readers that may have none either: other parsers of the app, and the browser.

use memchr::memchr2;

/// Far deeper than any response of the API, and shallow enough for readers that recurse.
pub(crate) const MAX_DEPTH: usize = 512;

/// Whether arrays and objects are nested deeper than [`MAX_DEPTH`]. The text does not need to be valid JSON.
pub(crate) fn is_too_deep(json: &[u8]) -> bool {
    let (mut depth, mut rest) = (0_usize, json);
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'"' => rest = after_string(rest),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

/// What follows the string whose opening quote came before `json`.
fn after_string(mut json: &[u8]) -> &[u8] {
    while let Some(at) = memchr2(b'"', b'\\', json) {
        let is_end = json[at] == b'"';
        // A backslash takes the next byte with it, which may be a quote.
        json = json.get(at + if is_end { 1 } else { 2 }..).unwrap_or_default();
        if is_end {
            return json;
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(open: &str, close: &str, levels: usize) -> Vec<u8> {
        (open.repeat(levels) + &close.repeat(levels)).into_bytes()
    }

    #[test]
    fn arrays_and_objects_count_up_to_the_limit() {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}"), (r#"{"a":["#, "]}")] {
            let levels = MAX_DEPTH / open.matches(['[', '{']).count();
            assert!(!is_too_deep(&nested(open, close, levels)), "{open}");
            assert!(is_too_deep(&nested(open, close, levels + 1)), "{open}");
        }
    }

    #[test]
    fn siblings_are_not_deep() {
        assert!(!is_too_deep("[],{},".repeat(10_000).as_bytes()));
    }

    #[test]
    fn brackets_in_strings_neither_open_nor_close() {
        let strings = format!("[{}]", r#""[{\"[{\\","#.repeat(1000));
        assert!(!is_too_deep(strings.as_bytes()));
        assert!(is_too_deep(&nested(r#"["]}\"]","#, "]", MAX_DEPTH + 1)));
    }

    #[test]
    fn a_text_that_ends_within_a_string_is_not_deep() {
        for text in ["\"", "\"\\", "[\"a", "", "]]]]"] {
            assert!(!is_too_deep(text.as_bytes()), "{text}");
        }
    }
}
