//! The requests that the API received, with a filter.

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    response::Response,
    routing::get,
};
use serde::Deserialize;

use crate::{
    http::{
        dashboard::{
            frame::{Frame, Part},
            paging::{Page, ROWS},
            rows::{RequestRow, with_query},
        },
        pages::page::page,
    },
    request_log::SeenRequest,
    state::SandboxState,
};

const PATH: &str = "/dashboard/requests";

pub(super) fn routes() -> Router<Arc<SandboxState>> {
    Router::new().route(PATH, get(show))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    q: String,
    status: String,
    from: usize,
}

#[derive(Template)]
#[template(path = "dashboard/requests.html")]
struct RequestsPage {
    frame: Frame,
    search: String,
    /// The kinds of statuses: the value, the text, and whether it is chosen.
    statuses: Vec<(&'static str, &'static str, bool)>,
    requests: Page<RequestRow>,
}

const STATUSES: [(&str, &str); 5] = [
    ("", "Any status"),
    ("2", "2xx, succeeded"),
    ("4", "4xx, refused"),
    ("5", "5xx, failed"),
    ("none", "No response yet"),
];

async fn show(State(state): State<Arc<SandboxState>>, Query(filter): Query<Filter>) -> Response {
    let wanted = filter.q.trim();
    let is_wanted = |request: &SeenRequest| {
        let has_status = match filter.status.as_str() {
            "" => true,
            "none" => request.status.is_none(),
            first_digit => request.status.is_some_and(|status| status.to_string().starts_with(first_digit)),
        };
        has_status && format!("{} {}", request.method, with_query(request)).contains(wanted)
    };
    let (found, total) = state.requests.newest(filter.from, ROWS, is_wanted);
    let rows = found.iter().map(|(number, request)| RequestRow::new(*number, request)).collect();
    let limits = vec![("q", wanted.to_owned()), ("status", filter.status.clone())];
    let requests = state.read(|store| RequestsPage {
        frame: Frame::new(&state, store, Part::Requests),
        search: wanted.to_owned(),
        statuses: STATUSES.map(|(value, text)| (value, text, value == filter.status)).to_vec(),
        requests: Page::of(PATH, limits, filter.from, (rows, total)),
    });
    page(StatusCode::OK, &requests)
}
