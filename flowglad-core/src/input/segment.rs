//! The check that an id can be a segment of a URL's path.

/// Checks that `value` stays a single path segment at every server and proxy. The error says what is wrong with it.
pub(crate) fn check_segment(value: &str) -> Result<(), &'static str> {
    if value.trim().is_empty() {
        Err("must not be empty")
    } else if value.contains(['/', '\\']) {
        Err("must not contain a slash or backslash")
    } else if value.chars().any(char::is_control) {
        Err("must not contain control characters")
    } else if value.chars().all(|c| c == '.') {
        Err("must not consist of dots only")
    } else if value.chars().count() > 255 {
        Err("must be at most 255 characters long")
    } else {
        Ok(())
    }
}
