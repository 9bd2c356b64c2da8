//! Requests as plain data.

/// The parts of an HTTP request, apart from its body, that the request handler needs.
#[derive(Clone, Copy, Debug)]
pub struct ActionRequest<'a> {
    /// The HTTP method, for example `POST`.
    pub method: &'a str,
    /// The raw path after the mount point: not percent-decoded, with or without slashes around it.
    pub subroute: &'a str,
    /// The `Content-Type` header, if there is one.
    pub content_type: Option<&'a str>,
}

/// Why a request body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// The body is longer than [`RequestHandler::body_limit`](crate::action::RequestHandler::body_limit).
    TooLarge,
    /// The connection ended before the body was complete.
    Broken,
}
