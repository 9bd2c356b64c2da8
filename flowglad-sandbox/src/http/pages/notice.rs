//! A page with one sentence, and perhaps a link to go on.

use askama::Template;
use axum::{http::StatusCode, response::Response};

use crate::http::pages::page::page;

#[derive(Template)]
#[template(path = "notice.html")]
pub(crate) struct Notice {
    heading: &'static str,
    reason: String,
    /// Its text and its URL.
    link: Option<(&'static str, String)>,
}

impl Notice {
    pub(crate) fn new(heading: &'static str, reason: impl Into<String>) -> Self {
        Self { heading, reason: reason.into(), link: None }
    }

    /// Adds a link, if there is a URL.
    pub(crate) fn with_link(self, text: &'static str, url: Option<String>) -> Self {
        Self { link: url.map(|url| (text, url)), ..self }
    }

    pub(crate) fn response(&self, status: StatusCode) -> Response {
        page(status, self)
    }
}

/// The reason without the API's internal prefix, such as `Unwrap called on Err: ConflictError: `.
pub(crate) fn without_internal_prefix(reason: &str) -> &str {
    let rest = reason.strip_prefix("Unwrap called on Err: ").and_then(|rest| rest.split_once("Error: "));
    rest.map_or(reason, |(_, rest)| rest)
}
