//! The refusal of a value that Flowglad could not take, before any request is made.

/// A value that cannot be sent to Flowglad: which one, and what to do about it.
///
/// ```
/// use flowglad_core::input::ReturnUrl;
/// let refusal = "javascript:alert(1)".parse::<ReturnUrl>().unwrap_err();
/// assert_eq!(refusal.field(), "return URL");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct InvalidInput {
    field: &'static str,
    problem: Box<str>,
}

impl InvalidInput {
    pub(crate) fn new(field: &'static str, problem: impl Into<Box<str>>) -> Self {
        Self { field, problem: problem.into() }
    }

    /// What the value was meant to be, for example `return URL`.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// What is wrong with it, as the rest of a sentence that begins with the field.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }
}
