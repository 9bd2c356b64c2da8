//! Settings in environment variables.

use crate::{error::Error, flowglad::variable::read_variable};

/// The value of a variable that may be absent, but not empty, since an empty secret is a mistake.
pub(super) fn variable(name: &'static str) -> Result<Option<String>, Error> {
    match read_variable(name)? {
        Some(value) if value.trim().is_empty() => Err(Error::config(name, "is empty")),
        value => Ok(value),
    }
}

/// The value of a variable without which nothing works.
pub(super) fn required(name: &'static str) -> Result<String, Error> {
    variable(name)?.ok_or_else(|| Error::config(name, "is not set"))
}

/// The error for a value that its setting refuses, named by the variable.
pub(super) fn refused(name: &'static str) -> impl Fn(Error) -> Error {
    move |error| match error {
        Error::Config { setting, problem } => Error::config(name, format!("is refused: {setting} {problem}")),
        other => other,
    }
}
