//! Headers as core reads them.

use actix_web::http::header::{HeaderMap, HeaderValue};
use flowglad_core::adapter::Headers;

/// The headers of a request or response.
pub(crate) struct HeaderTexts<'a>(pub(crate) &'a HeaderMap);

impl Headers for HeaderTexts<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(text)
    }

    fn all(&self, name: &str) -> Vec<&str> {
        self.0.get_all(name).map(text).collect()
    }
}

/// Cookies of browsers are not always ASCII, and one such must not hide the others of its header.
fn text(value: &HeaderValue) -> &str {
    str::from_utf8(value.as_bytes()).unwrap_or_default()
}
