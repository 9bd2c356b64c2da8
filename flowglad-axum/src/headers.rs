//! Headers as core reads them.

use axum::http::HeaderMap;
use flowglad_core::adapter::Headers;

/// The headers of a request or response.
pub(crate) struct HeaderTexts<'a>(pub(crate) &'a HeaderMap);

impl Headers for HeaderTexts<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.to_str().unwrap_or_default())
    }

    fn all(&self, name: &str) -> Vec<&str> {
        self.0.get_all(name).into_iter().map(|value| value.to_str().unwrap_or_default()).collect()
    }
}
