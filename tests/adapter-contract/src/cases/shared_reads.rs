//! Reads of billing that browsers share.

use std::time::Duration;

use flowglad_core::action::RequestHandler;
use futures_util::future::join_all;

use crate::{App, Start, gated::builder, samples::script};

/// Ten hooks of a page that ask together cause one read, without a cache.
pub async fn ten_reads_of_a_page_at_once_are_one_read(start: Start) {
    let actions = [
        "customers/billing",
        "customerDetails",
        "subscriptions/list",
        "features/access",
        "payment-methods/list",
        "invoices/list",
        "purchases/list",
        "pricing-models/retrieve",
        // Two hooks may ask for the same.
        "customers/billing",
        "features/access",
    ];
    let app = App::start_made(start, |base_url| {
        // Longer than the default, since this machine may be busy.
        RequestHandler::new(builder(base_url).gather_reads(Duration::from_millis(500)).build().unwrap())
    })
    .await;
    script(&app.upstream).await;
    let replies = join_all(actions.iter().map(|action| app.ask(action, "{}"))).await;
    assert!(replies.iter().all(|reply| reply.status == 200), "{replies:?}");
    assert_eq!(app.upstream.requests().await, ["GET /customers/user_42/billing"]);
}
