//! What the API answers when it refuses, with the status that the real API gives.

use serde_json::Value;

/// A refusal: its kind decides status and code, its message is what `error` says.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) kind: ErrorKind,
    pub(crate) message: Value,
}

/// The kinds of refusal that the API knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    BadRequest,
    /// Refused before an operation was reached, so the body carries no `code`.
    BeforeTheOperation,
    Forbidden,
    NotFound,
    Conflict,
    PayloadTooLarge,
    UnsupportedMediaType,
    /// Most refusals of the billing rules: the real API lets them out as 500.
    Internal,
    NotImplemented,
}

impl ErrorKind {
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::BadRequest | Self::BeforeTheOperation => 400,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::Internal => 500,
            Self::NotImplemented => 501,
        }
    }

    pub(crate) fn code(self) -> Option<&'static str> {
        match self {
            Self::BadRequest => Some("BAD_REQUEST"),
            Self::BeforeTheOperation => None,
            Self::Forbidden => Some("FORBIDDEN"),
            Self::NotFound => Some("NOT_FOUND"),
            Self::Conflict => Some("CONFLICT"),
            Self::PayloadTooLarge => Some("PAYLOAD_TOO_LARGE"),
            Self::UnsupportedMediaType => Some("UNSUPPORTED_MEDIA_TYPE"),
            Self::Internal => Some("INTERNAL_SERVER_ERROR"),
            Self::NotImplemented => Some("NOT_IMPLEMENTED"),
        }
    }

    /// Whether clients would try again on this status although the answer cannot change.
    pub(crate) fn tempts_to_retry(self) -> bool {
        self == Self::Conflict || self.status() >= 500
    }
}

impl ApiError {
    fn new(kind: ErrorKind, message: impl Into<Value>) -> Self {
        Self { kind, message: message.into() }
    }

    pub(crate) fn bad_request(message: impl Into<Value>) -> Self {
        Self::new(ErrorKind::BadRequest, message)
    }

    pub(crate) fn unreadable_body(message: &str) -> Self {
        Self::new(ErrorKind::BeforeTheOperation, message)
    }

    /// A query that the API refuses before it looks at the operation.
    pub(crate) fn unreadable_query(message: &str) -> Self {
        Self::new(ErrorKind::BeforeTheOperation, message)
    }

    /// The same refusal, as the API gives it before it looks at the operation.
    pub(crate) fn without_code(self) -> Self {
        Self { kind: ErrorKind::BeforeTheOperation, ..self }
    }

    pub(crate) fn forbidden(message: impl Into<Value>) -> Self {
        Self::new(ErrorKind::Forbidden, message)
    }

    pub(crate) fn not_found(message: impl Into<Value>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    pub(crate) fn conflict(message: impl Into<Value>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    pub(crate) fn payload_too_large(message: &str) -> Self {
        Self::new(ErrorKind::PayloadTooLarge, message)
    }

    pub(crate) fn unsupported_media_type(message: &str) -> Self {
        Self::new(ErrorKind::UnsupportedMediaType, message)
    }

    pub(crate) fn internal(message: impl Into<Value>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    pub(crate) fn not_implemented(message: impl Into<Value>) -> Self {
        Self::new(ErrorKind::NotImplemented, message)
    }

    /// A record that is looked up by its id and is not there: a 500 on the real API.
    pub(crate) fn no_row(table: &str, id: &str) -> Self {
        Self::internal(format!("Unwrap called on Err: NotFoundError: No {table} found with id: {id}"))
    }

    /// A new record that the database refuses, most often because its slug is taken.
    pub(crate) fn not_inserted(table: &str) -> Self {
        Self::internal(format!("Failed to insert item into {table}"))
    }

    /// A change that would give two records the same slug or code.
    pub(crate) fn not_updated(table: &str) -> Self {
        Self::internal(format!("Unwrap called on Err: ConflictError: {table} conflict: another record is called that"))
    }

    /// The message as one sentence, for a person: a list of issues is joined.
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
