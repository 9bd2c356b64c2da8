//! What a button leads to: the page that it is on, or why nothing happened.

use axum::{
    http::{HeaderMap, StatusCode, header::REFERER},
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    error::SandboxError,
    http::pages::notice::{Notice, without_internal_prefix},
    refusal::Refusal,
};

/// Redirects to the page whose button was pressed. Its request is known to be of the same origin.
pub(super) fn back(headers: &HeaderMap) -> Response {
    Redirect::to(&page_before(headers)).into_response()
}

/// Shows why nothing was changed.
pub(super) fn refused(headers: &HeaderMap, reason: &str) -> Response {
    Notice::new("Nothing was changed", without_internal_prefix(reason))
        .with_link("Back", Some(page_before(headers)))
        .response(StatusCode::CONFLICT)
}

/// As [`refused`], or [`back`] if something was changed.
pub(super) fn after<T>(headers: &HeaderMap, outcome: Result<T, String>) -> Response {
    match outcome {
        Ok(_) => back(headers),
        Err(reason) => refused(headers, &reason),
    }
}

/// The reason of a refusal by a billing rule.
pub(super) fn reason(refusal: &Refusal) -> String {
    refusal.sentence()
}

/// The reason of an error of the sandbox.
pub(super) fn sentence(error: &SandboxError) -> String {
    error.to_string()
}

/// The page for what does not exist.
pub(super) fn not_found(what: &str) -> Response {
    Notice::new("Not found", format!("There is no such {what}. A reset removes everything."))
        .with_link("Dashboard", Some("/".to_owned()))
        .response(StatusCode::NOT_FOUND)
}

/// The path and query of the page before; the overview if the browser does not say.
fn page_before(headers: &HeaderMap) -> String {
    let referer = headers.get(REFERER).and_then(|referer| referer.to_str().ok()).unwrap_or_default();
    let path = referer.split_once("://").and_then(|(_, rest)| rest.find('/').map(|start| &rest[start..]));
    match path {
        Some(path) if path == "/" || path.starts_with("/dashboard/") => path.to_owned(),
        _ => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::page_before;
    use axum::http::{HeaderMap, HeaderValue, header::REFERER};

    #[test]
    fn only_the_dashboards_own_pages_are_led_back_to() {
        let before =
            |referer: &'static str| page_before(&HeaderMap::from_iter([(REFERER, HeaderValue::from_static(referer))]));
        assert_eq!(before("http://127.0.0.1:4010/dashboard/customers?q=a"), "/dashboard/customers?q=a");
        assert_eq!(before("http://127.0.0.1:4010/"), "/");
        for other in ["", "http://127.0.0.1:4010", "http://evil.example//evil.example/dashboard/", "/dashboard/x"] {
            assert_eq!(before(other), "/", "{other}");
        }
        assert_eq!(page_before(&HeaderMap::new()), "/");
    }
}
