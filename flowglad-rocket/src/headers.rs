//! Headers as core reads them.

use flowglad_core::adapter::Headers;
use rocket::http::HeaderMap;

/// The headers of a request or response. Rocket drops those that are not text.
pub(crate) struct HeaderTexts<'a>(pub(crate) &'a HeaderMap<'a>);

impl Headers for HeaderTexts<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.0.get_one(name)
    }

    fn all(&self, name: &str) -> Vec<&str> {
        self.0.get(name).collect()
    }
}
