//! What deliveries leave in the log.

use serde_json::json;

use crate::{
    deliveries::{Delivery, SECOND_SECRET, SECRET},
    log::Log,
    webhook::{StartWebhooks, Step, VERIFIED, WEBHOOK, WebhookApp},
};

/// Neither secrets, nor signatures, nor what a body says about a person is logged, whatever becomes of a delivery.
pub async fn nothing_secret_of_a_delivery_is_logged(start: StartWebhooks) {
    let mut log = Log::start();
    let this = WebhookApp::start(start).await;
    let customer = json!({"id": "cust_private", "externalId": "private_user", "email": "private@example.com"});
    let body = json!({"object": "payment", "id": "pay_1", "customer": customer, "note": "private note"}).to_string();
    let delivery = |id: &str| Delivery::new(id).body(body.clone());
    let (good, forged) = (delivery("msg_log_good"), delivery("msg_log_forged").signed_with(SECOND_SECRET));
    let failing = delivery("msg_log_failing");
    for path in [WEBHOOK, VERIFIED] {
        assert!(good.send(&this.app, path).await.status < 300);
        assert_eq!(forged.send(&this.app, path).await.status, 400);
    }
    let no_event = Delivery::new("msg_log_no_event").body(r#"{"note": "private note"}"#);
    assert_eq!(no_event.send(&this.app, WEBHOOK).await.status, 400);
    this.handling.then([Step::Fail, Step::Panic]);
    for _ in 0..2 {
        assert_eq!(failing.send(&this.app, WEBHOOK).await.status, 500);
    }
    log.line_with(&["msg_log_failing"]).await;
    let logged = log.text();
    let signatures = [&good, &forged, &failing, &no_event].map(Delivery::signature_value);
    let private = ["private", "dHdlbnR5LWZvdXIgYnl0ZXMgb2Yga2V5", "twenty-four bytes of key", SECRET, SECOND_SECRET];
    for text in private.into_iter().chain(signatures.iter().map(|signature| &signature[3..])) {
        let line = logged.lines().find(|line| line.contains(text));
        assert_eq!(line, None, "{text}");
    }
}
