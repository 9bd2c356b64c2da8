//! The table of statuses, as a snapshot.

use serde_json::Value;

use super::*;
use crate::error::{Advice, Precondition, shared};

fn api(status: u16, code: Option<&str>, message: Option<&str>) -> Error {
    Error::Api {
        operation: "subscriptions.cancel",
        status,
        side_effect: SideEffect::None,
        advice: Advice::GiveUp,
        rate_limited: status == 429,
        code: code.map(Into::into),
        message: message.map(Into::into),
        request_id: Some("5b1f09c2".into()),
        retry_after: (status == 429).then_some(Duration::from_secs(7)),
    }
}

fn transport(timed_out: bool, side_effect: SideEffect) -> Error {
    Error::Transport { operation: "x", side_effect, advice: Advice::Look, timed_out, cause: shared("secret 10.0.0.1") }
}

#[test]
fn status_table() {
    let situations = [
        api(400, Some("BAD_REQUEST"), Some("No available capacity.")),
        api(400, None, Some("Invalid cursor")),
        api(409, Some("CONFLICT"), Some("taken")),
        api(409, None, None),
        api(422, Some("UNPROCESSABLE_CONTENT"), Some("no")),
        api(404, Some("NOT_FOUND"), Some("Customer not found")),
        api(404, Some("GONE"), Some("<b>No</b> such thing")),
        api(404, None, None),
        api(402, Some("PAYMENT_REQUIRED"), Some("The card was declined")),
        api(401, None, None),
        api(403, Some("FORBIDDEN"), Some("key of another model")),
        api(408, Some("TIMEOUT"), Some("billing run")),
        api(429, None, None),
        api(500, Some("INTERNAL_SERVER_ERROR"), Some("Unwrap called on Err: ConflictError: Cannot reduce capacity")),
        api(500, None, None),
        api(503, None, None),
        api(302, None, None),
        transport(false, SideEffect::None),
        transport(false, SideEffect::Possible),
        transport(true, SideEffect::None),
        transport(true, SideEffect::Possible),
        Error::WrongCustomer { operation: "customers.billing" },
        Error::not_found("price", "gold"),
        Error::Forbidden { subscription_id: "sub_1".into() },
        Error::NoCurrentSubscription,
        Error::AmbiguousSubscription,
        Error::FailedPrecondition(Precondition::FreePlan),
        Error::FailedPrecondition(Precondition::AlreadyCanceled),
        Error::FailedPrecondition(Precondition::NonRenewing),
        Error::FailedPrecondition(Precondition::DoNotCharge),
        Error::FailedPrecondition(Precondition::AdjustmentScheduled),
        Error::FailedPrecondition(Precondition::CancellationScheduled),
        Error::config("API key", "is missing"),
    ];
    let table: Vec<String> = situations
        .iter()
        .map(|situation| {
            let ActionResponse { status, headers, body, .. } = BrowserError::from(situation).into_response();
            let body: Value = serde_json::from_slice(&body).unwrap();
            let headers: Vec<String> =
                headers.iter().skip(1).map(|(name, value)| format!(" [{name}: {value}]")).collect();
            format!(
                "{situation} => {status} {}{}: {}",
                body["error"]["code"],
                headers.concat(),
                body["error"]["message"]
            )
        })
        .collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[cfg(feature = "usage-recorder")]
#[test]
fn usage_that_is_not_recorded_has_statuses_of_its_own() {
    use crate::{
        input::InvalidInput,
        usage::{NotHeld, RecordError},
    };

    let table: Vec<(u16, String, bool)> = [
        NotHeld::InFlight,
        NotHeld::Unavailable(api(503, None, None)),
        NotHeld::Outbox(RecordError::Full { pending: 10_000_000 }),
        NotHeld::Outbox(RecordError::Store { cause: shared("disk 10.0.0.1 is full") }),
        NotHeld::Outbox(RecordError::Ended),
        NotHeld::Outbox(RecordError::NoOutbox),
        NotHeld::Outbox(InvalidInput::new("usage amount", "is too large").into()),
    ]
    .map(|reason| {
        let response = ActionResponse::from(reason);
        assert!(!String::from_utf8_lossy(&response.body).contains("10.0.0.1"));
        let waits = response.headers.iter().any(|(name, _)| *name == "retry-after");
        (response.status, response.code.unwrap_or_default().into_owned(), waits)
    })
    .into();
    let expected = [
        (409, "request_in_progress", true),
        (503, "entitlements_unavailable", true),
        (503, "usage_unavailable", true),
        (503, "usage_unavailable", true),
        (503, "usage_unavailable", true),
        (500, "internal_error", false),
        (400, "validation_error", false),
    ];
    assert_eq!(table, expected.map(|(status, code, waits)| (status, code.to_owned(), waits)));
}
