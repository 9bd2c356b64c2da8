//! Usage events of browsers that go through the outbox.

use flowglad_core::{action::RequestHandler, usage::Outbox};
use serde_json::json;

use crate::{Start, app::ADA, cases::metered_costs::MeteredApp, documents::entitled};

/// If the app says so, usage of browsers is recorded in the outbox. The same transaction id counts once, for each customer.
pub async fn usage_of_browsers_goes_through_the_outbox_if_the_app_says_so(start: Start) {
    let this = MeteredApp::start_set(start, Outbox::in_memory(), RequestHandler::record_browser_usage).await;
    let event = r#"{"usageMeterSlug":"api_calls","amount":3,"transactionId":"t1"}"#;
    for _ in 0..2 {
        let data = this.app.ask("usage-events/create", event).await.data();
        let id = "7:user_42:t1";
        assert_eq!(data["usageEvent"], json!({"id": id, "transactionId": id, "amount": 3, "isPending": true}));
    }
    // Flowglad was not needed for it.
    this.app.upstream.answer("GET", "/customers/user_42/billing", entitled(ADA)).await;
    assert_eq!(this.charged().await, [("7:user_42:t1".to_owned(), 3)]);

    let wrong = this.app.ask("usage-events/create", r#"{"usageMeterSlug":"api_calls","amount":0}"#).await;
    assert_eq!(wrong.refusal(), (400, "validation_error".into()), "{wrong}");
    let full =
        MeteredApp::start_set(start, Outbox::in_memory().max_events(0), RequestHandler::record_browser_usage).await;
    let refused = full.app.ask("usage-events/create", event).await;
    assert_eq!(refused.refusal(), (503, "usage_unavailable".into()), "{refused}");
}
