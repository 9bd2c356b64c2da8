//! What the newest API requests and their responses carried, for the dashboard.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

/// The most exchanges that are kept; then the oldest one is dropped.
const MOST_REMEMBERED: usize = 500;
/// The most bytes of a body that are kept.
const LARGEST_COPY: usize = 64 * 1024;

/// The bodies of one request and its response. They can have secrets, so this has no `Debug`.
#[derive(Clone, Default)]
pub(crate) struct Exchange {
    /// The value of the request's `authorization` header.
    pub(crate) authorization: Option<String>,
    pub(crate) request: BodyCopy,
    pub(crate) response: BodyCopy,
}

/// A copy of a body, which grows as the body passes by.
#[derive(Clone, Default)]
pub(crate) struct BodyCopy(Arc<Mutex<Copied>>);

#[derive(Default)]
struct Copied {
    bytes: Vec<u8>,
    is_cut: bool,
}

impl BodyCopy {
    pub(crate) fn add(&self, part: &[u8]) {
        let mut copied = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = LARGEST_COPY - copied.bytes.len();
        copied.bytes.extend(part.iter().take(room));
        copied.is_cut |= part.len() > room;
    }

    /// The body as text, and whether it is only the beginning.
    pub(crate) fn text(&self) -> (String, bool) {
        let copied = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (String::from_utf8_lossy(&copied.bytes).into_owned(), copied.is_cut)
    }
}

/// The newest exchanges by the number of their request, oldest first.
#[derive(Default)]
pub(crate) struct ExchangeLog(Mutex<VecDeque<(u64, Exchange)>>);

impl ExchangeLog {
    pub(crate) fn add(&self, number: u64, exchange: Exchange) {
        let mut exchanges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if exchanges.len() == MOST_REMEMBERED {
            exchanges.pop_front();
        }
        exchanges.push_back((number, exchange));
    }

    pub(crate) fn find(&self, number: u64) -> Option<Exchange> {
        let exchanges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        exchanges.iter().rfind(|(other, _)| *other == number).map(|(_, exchange)| exchange.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_body_is_cut_and_old_exchanges_are_dropped() {
        let log = ExchangeLog::default();
        for number in 0..=500 {
            let exchange = Exchange::default();
            log.add(number, exchange.clone());
            exchange.request.add(b"{}");
        }
        assert!(log.find(0).is_none());
        let last = log.find(500).unwrap();
        assert_eq!(last.request.text(), ("{}".to_owned(), false));
        last.request.add(&vec![b'x'; LARGEST_COPY]);
        let (text, is_cut) = last.request.text();
        assert_eq!((text.len(), is_cut), (LARGEST_COPY, true));
        last.request.add(b"more");
        assert_eq!(last.request.text().0.len(), LARGEST_COPY);
    }
}
