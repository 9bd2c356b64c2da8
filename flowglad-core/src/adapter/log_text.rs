//! Text for logs that may hold what a browser sent.

use std::fmt::{self, Write as _};

/// A text that stays on its line of the log: control characters, and the separators and direction marks that some
/// terminals obey, are escaped. Otherwise a slug with a line break could forge a log line.
pub(crate) struct LogText<T>(pub(crate) T);

impl<T: fmt::Display> fmt::Display for LogText<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

struct Escaping<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl fmt::Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|char| {
            if acts_on_a_line(char) { write!(self.0, "{}", char.escape_default()) } else { self.0.write_char(char) }
        })
    }
}

fn acts_on_a_line(char: char) -> bool {
    char.is_control() || matches!(char, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_letters_are_not() {
        let shown = LogText("gö\nERROR \u{1b}[31m\u{7f}\u{85}\u{2028}\u{202e}x").to_string();
        assert_eq!(shown, r"gö\nERROR \u{1b}[31m\u{7f}\u{85}\u{2028}\u{202e}x");
    }
}
