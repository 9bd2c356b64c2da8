//! The API requests that a sandbox received, and the responses they got.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Serialize;

/// The most requests that are kept; then the oldest one is dropped.
const MOST_REMEMBERED: usize = 10_000;

/// One request that the API of a sandbox received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SeenRequest {
    /// The method, such as `POST`.
    pub method: String,
    /// The path as it was received: not decoded, without the query.
    pub path: String,
    /// The query as it was received, without the question mark.
    pub query: Option<String>,
    /// The status of the response; none while there is no response, and if the caller disconnected before it.
    pub status: Option<u16>,
    /// How long the response took, in microseconds.
    pub duration_us: Option<u64>,
}

/// Gets each request when it has its response.
pub(crate) type OnRequest = Box<dyn Fn(&SeenRequest) + Send + Sync>;

/// The newest API requests, oldest first.
pub(crate) struct RequestLog {
    entries: Mutex<Entries>,
    on_request: OnRequest,
}

#[derive(Debug, Default)]
struct Entries {
    requests: VecDeque<SeenRequest>,
    /// The number of the oldest one; the others follow without a gap.
    first: u64,
    /// How many requests and responses there were.
    revision: u64,
}

impl RequestLog {
    pub(crate) fn new(on_request: OnRequest) -> Self {
        Self { entries: Mutex::default(), on_request }
    }

    /// Adds a request. Returns its number, by which its response is recorded.
    pub(crate) fn record(&self, method: &str, path: &str, query: Option<&str>) -> u64 {
        let mut entries = self.entries();
        entries.revision += 1;
        if entries.requests.len() == MOST_REMEMBERED {
            entries.requests.pop_front();
            entries.first += 1;
        }
        entries.requests.push_back(SeenRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.map(str::to_owned),
            status: None,
            duration_us: None,
        });
        entries.first + entries.requests.len() as u64 - 1
    }

    pub(crate) fn note_answer(&self, number: u64, status: u16, duration: Duration) {
        let answered = {
            let mut entries = self.entries();
            entries.revision += 1;
            let index = number.checked_sub(entries.first).and_then(|index| usize::try_from(index).ok());
            let Some(request) = index.and_then(|index| entries.requests.get_mut(index)) else { return };
            request.status = Some(status);
            request.duration_us = Some(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX));
            request.clone()
        };
        (self.on_request)(&answered);
    }

    pub(crate) fn all(&self) -> Vec<SeenRequest> {
        self.entries().requests.iter().cloned().collect()
    }

    /// The request with this number, if it is still remembered.
    pub(crate) fn find(&self, number: u64) -> Option<SeenRequest> {
        let entries = self.entries();
        let index = usize::try_from(number.checked_sub(entries.first)?).ok()?;
        entries.requests.get(index).cloned()
    }

    /// The matching requests with their numbers, newest first, from a position on; and how many match in all.
    pub(crate) fn newest(
        &self,
        from: usize,
        most: usize,
        matches: impl Fn(&SeenRequest) -> bool,
    ) -> (Vec<(u64, SeenRequest)>, usize) {
        let entries = self.entries();
        let mut matching = entries.requests.iter().enumerate().rev().filter(|(_, request)| matches(request));
        let before = matching.by_ref().take(from).count();
        let shown: Vec<_> = matching
            .by_ref()
            .take(most)
            .map(|(index, request)| (entries.first + index as u64, request.clone()))
            .collect();
        let total = before + shown.len() + matching.count();
        (shown, total)
    }

    /// A number that changes with every request and every response.
    pub(crate) fn revision(&self) -> u64 {
        self.entries().revision
    }

    pub(crate) fn clear(&self) {
        let mut entries = self.entries();
        entries.revision += 1;
        entries.first += entries.requests.len() as u64;
        entries.requests.clear();
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
