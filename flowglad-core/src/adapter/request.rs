//! Requests as plain data.

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};

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

/// Reads the chunks of a body, up to `limit` bytes.
///
/// # Errors
/// [`BodyError::TooLarge`] when the limit is passed, and [`BodyError::Broken`] when a chunk is an error.
pub async fn read_body<E>(chunks: impl Stream<Item = Result<Bytes, E>>, limit: usize) -> Result<Bytes, BodyError> {
    let mut chunks = std::pin::pin!(chunks);
    let mut read = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| BodyError::Broken)?;
        if chunk.len() > limit - read.len() {
            return Err(BodyError::TooLarge);
        }
        read.extend_from_slice(&chunk);
    }
    Ok(read.freeze())
}
