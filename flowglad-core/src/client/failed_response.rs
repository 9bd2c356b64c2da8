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
pub(crate) struct FailedResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Empty if it was cut off.
    pub(crate) body: bytes::Bytes,
    /// The request id of the headers.
    pub(crate) request_id: Option<Box<str>>,
}

impl FailedResponse {
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
            _ => status > 500 && message.is_none(),
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

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::api::{checkout_sessions, customers, usage_events};

    fn error(route: &Route, status: u16, header: Option<(&'static str, &str)>, body: &'static str) -> Error {
        let key = SecretKey::new("sk_test_example").unwrap();
        let headers = header.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let response = FailedResponse {
            status: status.try_into().unwrap(),
            headers: headers.into_iter().collect(),
            body: body.into(),
            request_id: None,
        };
        response.into_error(route, &key)
    }

    #[test]
    fn what_each_response_means_for_a_read_an_idempotent_change_and_another_one() {
        let (later, never) = (Some(("retry-after", "3")), Some(("x-should-retry", "false")));
        let (refusal, failure) = (r#"{"error":"Invalid priceId: x"}"#, r#"{"error":"deadlock"}"#);
        let responses = [
            ("400", 400, None, refusal),
            ("401", 401, None, ""),
            ("404", 404, None, ""),
            ("408", 408, None, failure),
            ("409", 409, None, refusal),
            ("429", 429, None, ""),
            ("429 later", 429, later, ""),
            ("500 refusal", 500, None, refusal),
            ("500 failure", 500, None, failure),
            ("500 failure, not to be retried", 500, never, failure),
            ("500 empty", 500, None, ""),
            ("501 empty", 501, None, ""),
            ("502", 502, None, ""),
            ("503", 503, None, ""),
            ("503 later", 503, later, ""),
            ("504", 504, None, ""),
        ];
        let routes = [customers::BILLING.route(), usage_events::CREATE.route(), checkout_sessions::CREATE.route()];
        let mut table = String::new();
        for (name, status, header, body) in responses {
            let _ = write!(table, "{name}:");
            for route in &routes {
                let error = error(route, status, header, body);
                let _ = write!(table, " {:?}/{:?}", error.side_effect(), error.advice());
            }
            table.push('\n');
        }
        insta::assert_snapshot!(table, @"
        400: None/GiveUp None/GiveUp None/GiveUp
        401: None/GiveUp None/GiveUp None/GiveUp
        404: None/GiveUp None/GiveUp None/GiveUp
        408: None/Retry Possible/Retry Possible/Look
        409: None/GiveUp None/GiveUp None/GiveUp
        429: None/Retry None/Retry None/Retry
        429 later: None/Retry None/Retry None/Retry
        500 refusal: None/GiveUp None/GiveUp None/GiveUp
        500 failure: None/Retry Possible/Retry Possible/Look
        500 failure, not to be retried: None/GiveUp Possible/GiveUp Possible/Look
        500 empty: None/Retry Possible/Retry Possible/Look
        501 empty: None/GiveUp Possible/GiveUp Possible/Look
        502: None/Retry Possible/Retry Possible/Look
        503: None/Retry Possible/Retry Possible/Look
        503 later: None/Retry None/Retry None/Retry
        504: None/Retry Possible/Retry Possible/Look
        ");
    }
}
