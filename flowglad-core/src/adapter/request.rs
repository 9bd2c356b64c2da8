//! The plain form of a request.

/// What of an HTTP request decides which action it is, as the framework has it.
#[derive(Clone, Copy, Debug)]
pub struct ActionRequest<'a> {
    /// `POST`, `GET`, …
    pub method: &'a str,
    /// The path after the mount point, raw: not percent-decoded, with or without slashes around it.
    pub subroute: &'a str,
    /// The `Content-Type` header, if there is one.
    pub content_type: Option<&'a str>,
}

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// It is longer than [`RequestHandler::body_limit`](crate::action::RequestHandler::body_limit).
    TooLarge,
    /// The connection ended before the body did.
    Broken,
}
