//! What an answer of Flowglad means for the usage that was sent.

use std::time::Duration;

use crate::{
    error::{Advice, Error},
    usage::dead_letter::DeadReason,
};

/// What Flowglad says of a batch.
pub(super) enum Verdict {
    Taken,
    /// It refuses all, because of one event: the one at this index, if it names one.
    Refused {
        index: Option<usize>,
        message: Box<str>,
    },
    /// It failed in a way that may come from an event, or from itself.
    Failed {
        message: Box<str>,
    },
    /// It cannot be reached, is overloaded, limits the rate, or does not know the key: no event is the reason.
    Away {
        message: Box<str>,
        retry_after: Option<Duration>,
        timed_out: bool,
    },
}

impl Verdict {
    pub(super) fn of(result: Result<(), Error>) -> Self {
        let Err(error) = result else { return Self::Taken };
        let message = error.to_string().into();
        match &error {
            Error::Api { status: 500, message: Some(sentence), .. } if error.advice() == Advice::GiveUp => {
                Self::Refused { index: index_in(sentence), message }
            }
            Error::Api { status: 400 | 409 | 422, message: Some(sentence), .. } => {
                Self::Refused { index: index_in(sentence), message }
            }
            Error::Api { status: 413, .. } | Error::InvalidInput(_) => Self::Refused { index: None, message },
            // It answered with success, but not as expected: the events count once, so that they can be sent again.
            Error::Api { status: 500, .. } | Error::Decode { .. } => Self::Failed { message },
            Error::Transport { timed_out, .. } => Self::Away { message, retry_after: None, timed_out: *timed_out },
            _ => Self::Away { message, retry_after: error.retry_after(), timed_out: false },
        }
    }
}

/// The index of the event that a refusal names, such as "(usage event at index 3)" or "at path usageEvents.3.amount".
fn index_in(sentence: &str) -> Option<usize> {
    ["at index ", "(index ", "\"usageEvents\",", "usageEvents.", "usageEvents["].iter().find_map(|before| {
        let (_, rest) = sentence.split_once(before)?;
        let digits = rest.trim_start_matches([' ', '\n', '"']);
        let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
        digits[..end].parse().ok()
    })
}

/// Why a single event is refused.
pub(super) fn reason_of(message: Box<str>) -> DeadReason {
    let is_of_subscription = ["ubscription not found", "No subscriptions found", "Current billing period not found"];
    let has_ended = is_of_subscription.iter().any(|part| message.contains(part)) || message.contains("terminal state");
    if has_ended { DeadReason::SubscriptionEnded { message } } else { DeadReason::Refused { message } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_that_a_refusal_names_is_found() {
        for (sentence, index) in [
            ("Subscription not found: nope (usage event at index 12)", Some(12)),
            ("UsageMeter not found: nope (index 3)", Some(3)),
            ("Invalid priceId: Price price_1 at index 0 is type \"subscription\"", Some(0)),
            (r#"[{"path":["usageEvents",7,"amount"]}]"#, Some(7)),
            ("UsageMeter not found: slug \"index\"", None),
            ("at index many", None),
        ] {
            assert_eq!(index_in(sentence), index, "{sentence}");
        }
    }
}
