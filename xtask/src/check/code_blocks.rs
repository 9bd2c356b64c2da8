//! Every Rust block of the documentation is compiled.
//!
//! rustdoc compiles a block whose language is Rust, and passes over all others, misspelled ones too. So the languages of
//! blocks are on a list, and `ignore` is not.

use std::path::Path;

use super::{read, source_files};
use crate::run::{Failure, workspace};

const FOLDERS: [&str; 7] =
    ["docs", "examples", "flowglad-actix", "flowglad-axum", "flowglad-core", "flowglad-rocket", "flowglad-sandbox"];

const RUST: [&str; 6] = ["", "rust", "no_run", "rust,no_run", "should_panic", "compile_fail"];
const OTHERS: [&str; 10] = ["console", "html", "http", "js", "json", "sh", "text", "toml", "tsx", "yaml"];
const SIGNS_OF_RUST: [&str; 5] = ["use flowglad", "let ", "fn ", "async fn ", "#["];

pub(crate) fn check() -> Result<(), Failure> {
    let mut files = vec![workspace().join("README.md")];
    for folder in FOLDERS {
        files.extend(source_files(&workspace().join(folder), &["md", "rs"])?);
    }
    let mut problems = Vec::new();
    for file in files {
        let text = read(&file)?;
        // In a source file only comments are documentation.
        let is_source = file.extension().is_some_and(|extension| extension == "rs");
        problems.extend(problems_in(&text, is_source).into_iter().map(|problem| located(&file, &problem)));
    }
    if problems.is_empty() { Ok(()) } else { Err(Failure::new(problems.join("\n"))) }
}

fn located(file: &Path, (line, problem): &(usize, String)) -> String {
    format!("{}:{line}: {problem}", file.display())
}

fn problems_in(text: &str, is_source: bool) -> Vec<(usize, String)> {
    let mut problems = Vec::new();
    let mut language: Option<String> = None;
    for (position, line) in text.lines().enumerate() {
        let Some(line) = documentation(line, is_source) else { continue };
        match (line.trim_start().strip_prefix("```"), &language) {
            (Some(opened), None) => {
                let opened = opened.trim().to_owned();
                if !RUST.contains(&&*opened) && !OTHERS.contains(&&*opened) {
                    problems
                        .push((position + 1, format!("a block of `{opened}` is not compiled, and not on the list")));
                }
                language = Some(opened);
            }
            (Some(_), Some(_)) => language = None,
            (None, Some(language)) if language == "text" && SIGNS_OF_RUST.iter().any(|sign| line.starts_with(sign)) => {
                problems.push((position + 1, "Rust in a block of text is not compiled".to_owned()));
            }
            (None, _) => {}
        }
    }
    problems
}

/// What a line adds to the documentation.
fn documentation(line: &str, is_source: bool) -> Option<&str> {
    if !is_source {
        return Some(line);
    }
    let line = line.trim_start();
    let text = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))?;
    Some(text.strip_prefix(' ').unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::problems_in;

    const NOWHERE: [usize; 0] = [];

    fn lines(text: &str, is_source: bool) -> Vec<usize> {
        problems_in(text, is_source).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn blocks_that_rustdoc_passes_over_are_refused() {
        assert_eq!(lines("/// ```ignore\n/// x\n/// ```\n/// ```rs\n/// ```", true), [1, 4]);
        assert_eq!(lines("```rust,ignore\n```\n```no_rum\n```", false), [1, 3]);
        assert_eq!(lines("```text\nlet x = 1;\n```", false), [2]);
    }

    #[test]
    fn blocks_that_are_compiled_or_of_another_language_are_fine() {
        assert_eq!(lines("/// ```\n/// let x = 1;\n/// ```\nlet fence = \"```ignore\";", true), NOWHERE);
        assert_eq!(lines("```no_run\n```\n```sh\nlet x\n```\n    ```rust\n    ```", false), NOWHERE);
    }
}
