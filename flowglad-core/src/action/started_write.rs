//! A write that has begun is finished, although the browser may leave.

use tokio::sync::oneshot;
use tracing::{Instrument as _, info, warn};

use crate::{
    action::{action_key::Action, body::Body, dispatch::run_for_customer},
    adapter::browser_error::BrowserError,
    client::json::RawJson,
    customer::CustomerScope,
};

/// Runs a write in a task of its own. Some servers drop the request's future when the browser leaves, and a write that
/// stops between two of its requests leaves the customer with half of it. The deadline of `customer` ends the task.
pub(super) async fn finish(action: Action, customer: CustomerScope, body: Body) -> Result<RawJson, BrowserError> {
    let (outcome, waiting) = oneshot::channel();
    let write = async move {
        let result = run_for_customer(action, customer, body).await;
        let result = result.map_err(|failure| failure.into_browser_error(action));
        if let Err(unread) = outcome.send(result) {
            log_unread(action, unread.err().as_ref());
        }
    };
    tokio::spawn(write.in_current_span());
    // There is no outcome only if the task panicked, or if the runtime shuts down.
    waiting.await.unwrap_or_else(|_| Err(BrowserError::internal()))
}

fn log_unread(action: Action, error: Option<&BrowserError>) {
    match error {
        None => info!(%action, "the browser left before the response; the write succeeded"),
        Some(error) => {
            let (status, code) = (error.status(), error.code());
            warn!(%action, status, code, "the browser left before the response; the write failed");
        }
    }
}
