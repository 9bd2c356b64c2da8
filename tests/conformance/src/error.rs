//! Why a comparison could not be made.

/// Why a comparison could not be made. Drift is no error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read.
    #[error("cannot read {file}")]
    #[non_exhaustive]
    Read {
        /// Its path as it was given.
        file: String,
        /// What the operating system says.
        #[source]
        cause: std::io::Error,
    },
    /// The URL did not answer with a document.
    #[error("cannot fetch {url}")]
    #[non_exhaustive]
    Fetch {
        /// The URL as it was given.
        url: String,
        /// What went wrong on the way.
        #[source]
        cause: reqwest::Error,
    },
    /// The document is not JSON.
    #[error("{name} is not JSON")]
    #[non_exhaustive]
    NotJson {
        /// The file or URL.
        name: String,
        /// Where the JSON breaks off.
        #[source]
        cause: serde_json::Error,
    },
    /// The document is JSON, but does not describe an API.
    #[error("not an API description: {problem}")]
    #[non_exhaustive]
    NotADescription {
        /// What is missing or in the wrong place.
        problem: String,
    },
    /// A schema of the description or of the client makes no sense.
    #[error("{place}")]
    #[non_exhaustive]
    Schema {
        /// Method, path and part, for example `POST /products body`.
        place: String,
        /// What is wrong with it.
        #[source]
        cause: SchemaError,
    },
}

/// What is wrong with a schema.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// A `$ref` leads nowhere, or out of the document.
    #[error("the reference `{reference}` leads nowhere in its document")]
    #[non_exhaustive]
    MissingReference {
        /// The reference as it is written.
        reference: String,
    },
    /// A schema is nothing but a reference to itself, maybe by way of others.
    #[error("a schema consists of itself: its references go round in a circle")]
    Circle,
    /// A schema is neither an object nor `true` or `false`.
    #[error("a schema is neither an object nor a boolean")]
    NotASchema,
    /// A `type` that JSON Schema does not know.
    #[error("`{name}` is not a type")]
    #[non_exhaustive]
    UnknownType {
        /// What stands there.
        name: String,
    },
    /// More alternatives, levels or fields than any sensible description has.
    #[error("too many {what} to compare")]
    #[non_exhaustive]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
    },
}

/// What is wrong with a file of allowed drift.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AllowancesError {
    /// A line that does not say why the drift is allowed.
    #[error("line {line} gives no reason: write `<pattern> # <reason>`")]
    #[non_exhaustive]
    NoReason {
        /// Counted from 1.
        line: usize,
    },
    /// A line with a reason for nothing.
    #[error("line {line} has no pattern: write `<pattern> # <reason>`")]
    #[non_exhaustive]
    NoPattern {
        /// Counted from 1.
        line: usize,
    },
}
