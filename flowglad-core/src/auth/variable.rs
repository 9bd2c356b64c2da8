//! Settings in environment variables.

use std::env::{self, VarError};

use crate::error::Error;

/// The value of a variable that may be absent, but not empty, since an empty secret is a mistake.
pub(super) fn variable(name: &'static str) -> Result<Option<String>, Error> {
    match env::var(name) {
        Ok(value) if value.trim().is_empty() => Err(Error::config(name, "is empty")),
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Error::config(name, "is not Unicode")),
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
