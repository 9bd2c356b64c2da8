//! The error for a value that cannot be sent, found before any request is made.

/// The error for a value that cannot be sent to Flowglad. It names the value and what is wrong with it.
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

    /// The name of the value, for example `return URL`.
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// What is wrong with the value, as the rest of a sentence that begins with [`field`](Self::field).
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }
}
