//! Which API requests came in.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::{Method, Uri};
use serde::Serialize;

/// So many requests are remembered; older ones are forgotten.
const MOST_REMEMBERED: usize = 10_000;

/// One request that the API of a sandbox got, whatever it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SeenRequest {
    /// The method, such as `POST`.
    pub method: String,
    /// The path as it was received: not decoded, without the query.
    pub path: String,
    /// The query as it was received, without the question mark.
    pub query: Option<String>,
}

/// The newest API requests, oldest first.
#[derive(Debug, Default)]
pub(crate) struct RequestLog(Mutex<VecDeque<SeenRequest>>);

impl RequestLog {
    pub(crate) fn record(&self, method: &Method, uri: &Uri) {
        let mut seen = self.seen();
        if seen.len() == MOST_REMEMBERED {
            seen.pop_front();
        }
        seen.push_back(SeenRequest {
            method: method.to_string(),
            path: uri.path().to_owned(),
            query: uri.query().map(str::to_owned),
        });
    }

    pub(crate) fn all(&self) -> Vec<SeenRequest> {
        self.seen().iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.seen().clear();
    }

    fn seen(&self) -> MutexGuard<'_, VecDeque<SeenRequest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
