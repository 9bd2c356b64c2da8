//! Requests as plain data.

use crate::billing::Billing;

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

/// The parts of an HTTP request that a gate needs.
#[derive(Clone, Debug)]
pub struct GatedRequest<'a> {
    /// The HTTP method, for example `GET`.
    pub method: &'a str,
    /// The raw path as the browser sent it, from the root of the site, with its query.
    pub path_and_query: &'a str,
    /// The billing that was read for this request already, by another gate or an extractor.
    pub known: Option<Billing>,
}

/// Why a request body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// The body is longer than [`RequestHandler::body_limit`](crate::action::RequestHandler::body_limit).
    TooLarge,
    /// The connection ended before the body was complete.
    Broken,
}
