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
    /// A part of the description makes no sense.
    #[error("{place}")]
    #[non_exhaustive]
    Part {
        /// An operation or a shape.
        place: String,
        /// What is wrong with it.
        #[source]
        cause: Box<Error>,
    },
    /// A reference leads nowhere, or out of the document.
    #[error("the reference to `{name}` leads nowhere in its document")]
    #[non_exhaustive]
    MissingShape {
        /// What is referred to.
        name: String,
    },
    /// A shape is nothing but a reference to itself, maybe by way of others.
    #[error("the shape `{name}` consists of itself: its references go round in a circle")]
    #[non_exhaustive]
    EndlessShape {
        /// The shape.
        name: String,
    },
    /// A shape is no JSON Schema.
    #[error("{place}")]
    #[non_exhaustive]
    Schema {
        /// Method, path and part, for example `POST /products body`.
        place: String,
        /// What is wrong with it.
        #[source]
        cause: Box<jsonschema::ValidationError<'static>>,
    },
    /// A call did not do what every call does.
    #[error("{case}: {problem}")]
    #[non_exhaustive]
    Call {
        /// The operation and form of the call.
        case: String,
        /// What it did.
        problem: String,
        /// What the client reports.
        #[source]
        cause: Option<Box<flowglad_core::Error>>,
    },
    /// No client could be made.
    #[error("cannot make a client")]
    Client(#[source] Box<flowglad_core::Error>),
}

impl Error {
    pub(crate) fn at(self, place: &str) -> Self {
        Self::Part { place: place.to_owned(), cause: Box::new(self) }
    }
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
