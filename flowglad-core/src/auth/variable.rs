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
