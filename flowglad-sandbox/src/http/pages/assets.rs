//! The files that the pages load.

use axum::{
    Router,
    http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    response::IntoResponse,
    routing::get,
};

const STYLES: &str = include_str!("../../../assets/pages.css");
const SCRIPT: &str = include_str!("../../../assets/dashboard.js");

pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/assets/pages.css", get(|| async { file("text/css; charset=utf-8", STYLES) }))
        .route("/assets/dashboard.js", get(|| async { file("text/javascript; charset=utf-8", SCRIPT) }))
}

fn file(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    // The next version of the sandbox may have another text at the same address.
    ([(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-cache"), (X_CONTENT_TYPE_OPTIONS, "nosniff")], text)
}
