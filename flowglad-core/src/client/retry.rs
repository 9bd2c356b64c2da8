//! Which requests are retried, and how long to wait before each retry.

use std::time::{Duration, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::time::Instant;

use crate::{
    client::settings::Limits,
    error::{Advice, Error, SideEffect},
    model::Timestamp,
};

/// A server that asks for a longer wait is mistaken or hostile: no caller keeps a request for so long.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// The waits between the attempts of one call: doubling, with jitter, so that clients do not all retry at the same
/// time.
pub(crate) fn backoff(limits: &Limits) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(limits.retry_delay)
        .with_factor(2.0)
        .with_jitter()
        .with_max_times(limits.max_retries)
        .build()
}

/// Whether the client itself sends the request again: a retry may succeed and cannot take effect twice. A request that
/// is not idempotent is sent again only if it did not arrive, or the API says when to come back.
pub(crate) fn is_worth_another_attempt(error: &Error, idempotent: bool) -> bool {
    let is_harmless = match error {
        Error::Transport { side_effect, .. } => idempotent || *side_effect == SideEffect::None,
        Error::Api { status: 429 | 503, retry_after: Some(_), .. } => true,
        Error::Api { .. } => idempotent,
        _ => false,
    };
    is_harmless && error.advice() == Advice::Retry
}

/// The wait before the next attempt, at least as long as the API asked for. `None` if the deadline would pass first, or
/// the API asks for more than any caller waits.
pub(crate) fn wait(error: &Error, planned: Option<Duration>, deadline: Instant) -> Option<Duration> {
    let asked = error.retry_after().unwrap_or_default();
    let wait = planned?.max(asked);
    let left = deadline.checked_duration_since(Instant::now())?;
    (wait < left && asked < LONGEST_WAIT).then_some(wait)
}

/// Reads a `Retry-After` header: seconds, or an HTTP date.
pub(crate) fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    let at = SystemTime::try_from(Timestamp::from_millis(date.timestamp().as_millisecond())).ok()?;
    Some(at.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_accepts_only_seconds_and_dates() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(parse_retry_after("7", now), Some(Duration::from_secs(7)));
        assert_eq!(parse_retry_after("18446744073709551615", now), Some(Duration::from_secs(u64::MAX)));
        assert_eq!(parse_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", now), Some(Duration::from_secs(10)));
        assert_eq!(parse_retry_after("Sun, 06 Nov 1994 08:49:00 GMT", now), Some(Duration::ZERO));
        for nonsense in ["", "soon", "-1", "1.5"] {
            assert_eq!(parse_retry_after(nonsense, now), None, "{nonsense}");
        }
    }
}
