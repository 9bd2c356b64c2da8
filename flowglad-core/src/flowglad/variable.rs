//! Settings in environment variables.

use std::env::{self, VarError};

use crate::error::Error;

/// The value of a variable, if it is set. What an empty one means is for the setting to say.
pub(crate) fn read_variable(name: &'static str) -> Result<Option<String>, Error> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(Error::config(name, "is not valid UTF-8")),
    }
}
