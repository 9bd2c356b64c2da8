//! Text from elsewhere, in a form in which it cannot begin a log line of its own.

/// Stands in the place of each character that could change how a log is read.
const REPLACEMENT: char = '\u{fffd}';

/// The text without control characters and without characters that break a line or turn its direction.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|char| if disturbs(char) { REPLACEMENT } else { char }).collect()
}

fn disturbs(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_characters_that_disturb_a_log_are_replaced() {
        assert_eq!(printable("Straße – \"a\" 日本"), "Straße – \"a\" 日本");
        assert_eq!(printable("a\nb\u{1b}[31m\u{202e}c\u{2028}"), "a\u{fffd}b\u{fffd}[31m\u{fffd}c\u{fffd}");
    }
}
