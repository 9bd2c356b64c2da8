//! Refusals: the domain's errors. Each kind has the status and code of the real API.

use serde_json::Value;

/// Why the API refuses a request. The kind decides status and code; the message is the value of `error`.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) kind: RefusalKind,
    pub(crate) message: Value,
}

/// The statuses of refusals by billing rules.
///
/// # Examples
/// ```
/// # async fn run() -> Result<(), flowglad_sandbox::StartError> {
/// use flowglad_sandbox::{ErrorMode, Sandbox};
///
/// let sandbox = Sandbox::builder().errors(ErrorMode::Intended).start().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ErrorMode {
    /// 500 for most of them, as on the real API.
    #[default]
    Upstream,
    /// The 400, 404 and 409 that the real API's code intends. What fails there by an oversight works: `bearer` in any
    /// spelling, and expiring a feature of a subscription item.
    Intended,
}

/// The kinds of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefusalKind {
    BadRequest,
    /// Refused before an operation was reached, so the response has no `code`.
    Malformed,
    Forbidden,
    NotFound,
    Conflict,
    PayloadTooLarge,
    UnsupportedMediaType,
    MethodNotSupported,
    /// Most refusals by billing rules: the real API intends 400 and responds with 500.
    Rule,
    /// As [`Self::Rule`], where 404 is intended.
    RuleNotFound,
    /// As [`Self::Rule`], where 409 is intended.
    RuleConflict,
    /// A write that met an equal one at the same time: a 500, and a retry finds the other record.
    Collision,
}

impl RefusalKind {
    /// The kind that the response shows.
    pub(crate) fn in_mode(self, errors: ErrorMode) -> Self {
        match (errors, self) {
            (ErrorMode::Intended, Self::Rule) => Self::BadRequest,
            (ErrorMode::Intended, Self::RuleNotFound) => Self::NotFound,
            (ErrorMode::Intended, Self::RuleConflict) => Self::Conflict,
            (_, kind) => kind,
        }
    }

    pub(crate) fn status(self) -> u16 {
        match self {
            Self::BadRequest | Self::Malformed => 400,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotSupported => 405,
            Self::Conflict => 409,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Rule | Self::RuleNotFound | Self::RuleConflict | Self::Collision => 500,
        }
    }

    pub(crate) fn code(self) -> Option<&'static str> {
        match self {
            Self::BadRequest => Some("BAD_REQUEST"),
            Self::Malformed => None,
            Self::Forbidden => Some("FORBIDDEN"),
            Self::NotFound => Some("NOT_FOUND"),
            Self::Conflict => Some("CONFLICT"),
            Self::PayloadTooLarge => Some("PAYLOAD_TOO_LARGE"),
            Self::UnsupportedMediaType => Some("UNSUPPORTED_MEDIA_TYPE"),
            Self::MethodNotSupported => Some("METHOD_NOT_SUPPORTED"),
            Self::Rule | Self::RuleNotFound | Self::RuleConflict | Self::Collision => Some("INTERNAL_SERVER_ERROR"),
        }
    }

    /// Whether clients would retry on this status although the response cannot change.
    pub(crate) fn clients_would_retry(self) -> bool {
        self != Self::Collision && (self == Self::Conflict || self.status() >= 500)
    }
}

impl Refusal {
    fn new(kind: RefusalKind, message: impl Into<Value>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn bad_request(message: impl Into<Value>) -> Self {
        Self::new(RefusalKind::BadRequest, message)
    }

    pub(crate) fn unreadable_body(message: &str) -> Self {
        Self::new(RefusalKind::Malformed, message)
    }

    /// A query that the API refuses before it reaches the operation.
    pub(crate) fn unreadable_query(message: &str) -> Self {
        Self::new(RefusalKind::Malformed, message)
    }

    pub(crate) fn forbidden(message: impl Into<Value>) -> Self {
        Self::new(RefusalKind::Forbidden, message)
    }

    pub(crate) fn not_found(message: impl Into<Value>) -> Self {
        Self::new(RefusalKind::NotFound, message)
    }

    pub(crate) fn conflict(message: impl Into<Value>) -> Self {
        Self::new(RefusalKind::Conflict, message)
    }

    /// The request names a record that does not exist.
    pub(crate) fn missing_reference() -> Self {
        Self::bad_request("This operation references data that does not exist or you don't have access to.")
    }

    pub(crate) fn payload_too_large(message: &str) -> Self {
        Self::new(RefusalKind::PayloadTooLarge, message)
    }

    pub(crate) fn unsupported_media_type(message: &str) -> Self {
        Self::new(RefusalKind::UnsupportedMediaType, message)
    }

    pub(crate) fn method_not_supported(message: String) -> Self {
        Self::new(RefusalKind::MethodNotSupported, message)
    }

    /// A refusal by a billing rule: 500, where 400 is intended.
    pub(crate) fn rule(message: impl Into<Value>) -> Self {
        Self::new(RefusalKind::Rule, message)
    }

    /// As [`Self::rule`], where 404 is intended.
    pub(crate) fn rule_not_found(message: impl Into<Value>) -> Self {
        Self::new(RefusalKind::RuleNotFound, message)
    }

    /// As [`Self::rule`], where 409 is intended.
    pub(crate) fn rule_conflict(message: impl Into<Value>) -> Self {
        Self::new(RefusalKind::RuleConflict, message)
    }

    /// Whether it lists issues of the input.
    pub(crate) fn is_about_input(&self) -> bool {
        self.message.is_array()
    }

    /// There is no record with this id: a 500 on the real API.
    pub(crate) fn no_row(table: &str, id: &str) -> Self {
        Self::rule_not_found(format!("Unwrap called on Err: NotFoundError: No {table} found with id: {id}"))
    }

    /// As [`Self::no_row`], where an operation shows a single record or adds to it: the API wraps the error twice.
    pub(crate) fn no_row_to_show(table: &str, id: &str) -> Self {
        Self::rule_not_found(format!(
            "Unwrap called on Err: Panic: Unwrap called on Err: NotFoundError: No {table} found with id: {id}"
        ))
    }

    /// As [`Self::no_row`], where the API does not wrap the error.
    pub(crate) fn plain_no_row(table: &str, id: &str) -> Self {
        Self::rule_not_found(format!("No {table} found with id: {id}"))
    }

    /// The database refuses a new record, most often because its slug is taken.
    pub(crate) fn not_inserted(table: &str) -> Self {
        Self::rule_conflict(format!("Failed to insert item into {table}"))
    }

    /// As [`Self::not_inserted`], because an equal record was stored at the same time.
    pub(crate) fn collision(table: &str) -> Self {
        Self { kind: RefusalKind::Collision, ..Self::not_inserted(table) }
    }

    /// A change that would give two records the same slug or code.
    pub(crate) fn not_updated(table: &str) -> Self {
        Self::rule(format!("Unwrap called on Err: ConflictError: {table} conflict: another record is called that"))
    }

    /// The message as one sentence. A list of issues is joined.
    pub(crate) fn sentence(&self) -> String {
        match &self.message {
            Value::String(sentence) => sentence.clone(),
            Value::Array(issues) => {
                let sentences: Vec<&str> = issues.iter().filter_map(|issue| issue["message"].as_str()).collect();
                sentences.join("; ")
            }
            other => other.to_string(),
        }
    }
}
