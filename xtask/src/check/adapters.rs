//! Adapters stay small and decide nothing: no status, no JSON.

use std::path::Path;

use super::source_files;
use crate::run::{Failure, say, workspace};

const ADAPTERS: [&str; 3] = ["flowglad-axum", "flowglad-actix", "flowglad-rocket"];
const MOST_LINES: usize = 580;
const JSON: &str = "serde_json";
const STATUS: &str = "StatusCode::";

pub(crate) fn check() -> Result<(), Failure> {
    let mut problems = Vec::new();
    for adapter in ADAPTERS {
        let mut lines = 0;
        for file in source_files(&workspace().join(adapter).join("src"), &["rs"])? {
            let text = super::read(&file)?;
            lines += text.lines().filter(|line| is_code(line)).count();
            problems.extend(forbidden(&file, &text));
        }
        say(&format!("{adapter}: {lines} lines of code"));
        if lines > MOST_LINES {
            problems.push(format!("{adapter} has {lines} lines of code, {MOST_LINES} are allowed"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Failure::new(problems.join("\n"))) }
}

fn is_code(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && !line.starts_with("//")
}

fn forbidden(file: &Path, text: &str) -> Vec<String> {
    let lines = text.lines().enumerate().filter(|(_, line)| is_code(line) && decides(line));
    lines.map(|(position, line)| format!("{}:{}: {}", file.display(), position + 1, line.trim())).collect()
}

/// A status that is written out is a decision, one that is made from core's number is not.
fn decides(line: &str) -> bool {
    let names_a_status = |rest: &str| rest.starts_with(|first: char| first.is_ascii_uppercase());
    line.contains(JSON) || line.split(STATUS).skip(1).any(names_a_status)
}

#[cfg(test)]
mod tests {
    use super::decides;

    #[test]
    fn a_status_or_json_of_its_own_is_a_decision() {
        assert!(decides("StatusCode::NOT_FOUND.into_response()"));
        assert!(decides("use serde_json::Value;"));
        assert!(!decides("StatusCode::from_u16(response.status)"));
    }
}
