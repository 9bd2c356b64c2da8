//! Drift that is allowed, and why.

use serde::Serialize;

use crate::{drift::Drift, error::AllowancesError};

/// Drift that is allowed, line by line.
///
/// A line is `<pattern> # <reason>`; `*` in the pattern stands for any run of characters, and the pattern must fit the
/// whole id of a drift. Empty lines, and lines that begin with `#`, are for people.
#[derive(Clone, Debug, Default)]
pub struct Allowances(Vec<Allowance>);

/// One line of allowed drift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Allowance {
    /// Where it stands in the file, counted from 1.
    pub line: usize,
    /// The ids that it fits.
    pub pattern: String,
    /// Why the drift is as it should be.
    pub reason: String,
}

impl Allowances {
    /// Reads the lines of a file.
    ///
    /// # Errors
    /// If a line gives no reason, or nothing but one.
    pub fn parse(text: &str) -> Result<Self, AllowancesError> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        lines.map(|(position, line)| Allowance::parse(position + 1, line)).collect::<Result<_, _>>().map(Self)
    }

    /// The lines in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Allowance> {
        self.0.iter()
    }
}

impl Allowance {
    fn parse(line: usize, text: &str) -> Result<Self, AllowancesError> {
        let (pattern, reason) = text.split_once('#').ok_or(AllowancesError::NoReason { line })?;
        let (pattern, reason) = (pattern.trim().to_owned(), reason.trim().to_owned());
        if pattern.is_empty() {
            return Err(AllowancesError::NoPattern { line });
        }
        if reason.is_empty() { Err(AllowancesError::NoReason { line }) } else { Ok(Self { line, pattern, reason }) }
    }

    /// Whether it allows this drift.
    #[must_use]
    pub fn allows(&self, drift: &Drift) -> bool {
        fits(&self.pattern, &drift.to_string())
    }
}

/// Whether `text` is `pattern`, in which `*` stands for any run of characters.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let end = pieces.pop().unwrap_or_default();
    for piece in pieces {
        // The earliest place leaves the most for the pieces that follow.
        let Some((_, after)) = text.split_once(piece) else { return false };
        text = after;
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        for pattern in ["ab c", "*", "a*", "*c", "a*c", "a*b*c", "*a*b* *c*", "ab c*", "**"] {
            assert!(fits(pattern, "ab c"), "{pattern}");
        }
        for pattern in ["", "ab", "b*", "*b", "a*b", "*c*b*", "ab c d", "a*cc", "ab*b c"] {
            assert!(!fits(pattern, "ab c"), "{pattern}");
        }
    }
}
