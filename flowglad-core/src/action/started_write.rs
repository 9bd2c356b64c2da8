//! A write that has begun is finished, although the browser may leave.

use tracing::{Instrument as _, info};

use crate::{
    action::{action_key::Action, body::Body, dispatch::run_for_customer, on_change::OnChange, usage::UsageWay},
    adapter::browser_error::BrowserError,
    client::json::RawJson,
    customer::CustomerScope,
};

/// Runs a write in a task of its own, and logs its outcome. Some servers drop the request's future when the browser leaves,
/// and a write that stops between two of its requests leaves the customer with half of it. The deadline of `customer` ends
/// the write, and then the app hears of it.
pub(super) async fn finish(
    action: Action,
    customer: CustomerScope,
    body: Body,
    on_change: Option<OnChange>,
    usage_way: UsageWay,
) -> Result<RawJson, BrowserError> {
    let write = async move {
        let changed = customer.requesting_customer().clone();
        let result = run_for_customer(action, customer, body, usage_way).await;
        let result = result.map_err(|failure| failure.into_browser_error(action));
        log(action, result.as_ref().err());
        if let (Ok(_), Some(on_change)) = (&result, on_change) {
            on_change.report(changed, action).await;
        }
        result
    };
    let task = tokio::spawn(write.in_current_span());
    // There is no result only if the task panicked, or if the runtime shuts down.
    task.await.unwrap_or_else(|_| Err(BrowserError::internal()))
}

fn log(action: Action, error: Option<&BrowserError>) {
    match error {
        None => info!(%action, "the write succeeded"),
        Some(error) => info!(%action, status = error.status(), code = error.code(), "the write failed"),
    }
}
