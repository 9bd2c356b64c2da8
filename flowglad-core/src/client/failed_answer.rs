//! From a response with an error status to the error of the call: what the request may have done, and what its sender
//! should do.

use std::time::{Duration, SystemTime};

use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};

use crate::{
    client::{
        endpoint::Route,
        error_body::ErrorBody,
        retry::{LONGEST_WAIT, parse_retry_after},
        secret_key::SecretKey,
    },
    error::{Advice, Error, SideEffect, is_refusal},
};

const SHOULD_RETRY: &str = "x-should-retry";

/// The parts of a response with an error status.
pub(crate) struct FailedAnswer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Empty if it was cut off.
    pub(crate) body: bytes::Bytes,
    /// The request id of the headers.
    pub(crate) request_id: Option<Box<str>>,
}

impl FailedAnswer {
    pub(crate) fn into_error(self, route: &Route, key: &SecretKey) -> Error {
        let ErrorBody { code, message, request_id } = ErrorBody::parse(&self.body, key);
        let status = self.status.as_u16();
        let rate_limited = match status {
            401 => key.refused(),
            _ => status == 429,
        };
        let retry_after = self.retry_after();
        let refused = status == 500 && message.as_ref().is_some_and(|message| is_refusal(route.operation, message));
        let failed = match status {
            408 | 502 | 504 => true,
            500 => !refused,
            // A server that says when to come back has not begun.
            503 => retry_after.is_none(),
            _ => status > 504 && message.is_none(),
        };
        let side_effect = if failed { route.side_effect() } else { SideEffect::None };
        let may_pass = rate_limited || (matches!(status, 408 | 500 | 502..=504) && !refused);
        Error::Api {
            operation: route.operation,
            status,
            side_effect,
            advice: self.advice(route, side_effect, may_pass),
            rate_limited,
            code,
            message,
            request_id: request_id.or(self.request_id),
            retry_after,
        }
    }

    fn advice(&self, route: &Route, side_effect: SideEffect, may_pass: bool) -> Advice {
        match side_effect {
            SideEffect::Possible if !route.idempotent => Advice::Look,
            _ if may_pass && self.header(SHOULD_RETRY) != Some("false") => Advice::Retry,
            _ => Advice::GiveUp,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        let wait = parse_retry_after(self.header(RETRY_AFTER.as_str())?, SystemTime::now())?;
        Some(wait.min(LONGEST_WAIT))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
