//! A page as a response: rendered, with the headers that keep other sites and injected code out.

use askama::Template;
use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    response::{IntoResponse, Response},
};

/// Only the sandbox's own files. No `form-action`: browsers would apply it to the redirect to the app as well.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Renders a page.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => with_page_headers((status, html).into_response()),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "The page could not be written").into_response(),
    }
}

/// Adds the headers of a page to a response.
pub(crate) fn with_page_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    #[test]
    fn no_template_switches_escaping_off_or_has_a_style_or_script_of_its_own() {
        let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let folders = [templates.clone(), templates.join("dashboard")];
        let files = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
        let files: Vec<_> = files.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
        assert!(files.len() > 5);
        for file in files {
            assert_eq!(
                file.extension().and_then(|extension| extension.to_str()),
                Some("html"),
                "only these are escaped"
            );
            let text = fs::read_to_string(&file).unwrap();
            for refused in ["|safe", "| safe", "autoescape", "<style", "style=", "<script>", "onclick", "onsubmit"] {
                assert!(!text.contains(refused), "{refused} in {}", file.display());
            }
        }
    }
}
