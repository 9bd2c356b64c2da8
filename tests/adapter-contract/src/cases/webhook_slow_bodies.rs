//! Deliveries whose bodies arrive slowly.

use std::time::Duration;

use crate::{
    deliveries::Delivery,
    raw_connection::RawConnection,
    webhook::{StartWebhooks, VERIFIED, WEBHOOK, WebhookApp, WebhookRoutes},
};

/// Longer than what Rocket reads on its own before any handler.
const BEGINNING: &str = r#"{"object": "subscription","#;

fn quick(routes: WebhookRoutes) -> WebhookRoutes {
    let limit = Duration::from_millis(50);
    let receivers = routes.receivers.into_iter().map(|(path, receiver)| (path, receiver.with_body_time_limit(limit)));
    let verifier = routes.verifier.map(|verifier| verifier.with_body_time_limit(limit));
    WebhookRoutes { receivers: receivers.collect(), verifier }
}

/// A body that stalls is answered with a 408, and the connection ends.
pub async fn a_delivery_that_stalls_is_a_request_timeout(start: StartWebhooks) {
    let this = WebhookApp::start_set(start, quick).await;
    for path in [WEBHOOK, VERIFIED] {
        for length in ["content-length: 1000\r\n\r\n", "transfer-encoding: chunked\r\n\r\n3e8\r\n"] {
            let head = Delivery::new("msg_1").head(path) + length;
            let mut connection = RawConnection::with_request(&this.app, &head).await;
            connection.send(BEGINNING.as_bytes()).await;
            let answer = connection.rest().await;
            assert!(answer.starts_with("HTTP/1.1 408 "), "{path} {length}: {answer}");
            assert!(answer.contains(r#""code":"request_timeout""#), "{path} {length}: {answer}");
        }
    }
    assert_eq!(this.handling.calls(), 0);
}

/// A method that is refused is refused before the body is read.
pub async fn a_method_is_refused_before_the_body_is_read(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    let head = Delivery::new("msg_1").head(WEBHOOK).replacen("POST", "PUT", 1) + "content-length: 1000\r\n\r\n";
    let mut connection = RawConnection::with_request(&this.app, &head).await;
    connection.send(BEGINNING.as_bytes()).await;
    assert_eq!(connection.status().await, 405);
}
