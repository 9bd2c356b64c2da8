//! Deliveries that come more than once, and handlers that fail.

use std::time::Duration;

use futures_util::future::join_all;

use crate::{
    App,
    deliveries::{Delivery, NOW, event},
    log::Log,
    raw_connection::RawConnection,
    samples::assert_recorded,
    webhook::{Handling, PRIVATE, StartWebhooks, Step, WEBHOOK, WebhookApp},
};

const HANDLED: &str = "204\n";

async fn assert_handled(delivery: &Delivery, this: &WebhookApp) {
    assert_eq!(delivery.send(&this.app, WEBHOOK).await.to_string(), HANDLED);
}

/// Sends a delivery whose handler is held, and closes the connection while it runs.
async fn leave_while_it_runs(delivery: &Delivery, app: &App, handling: &Handling) {
    handling.hold();
    let before = handling.calls();
    let sending = tokio::spawn(delivery.to(app, WEBHOOK).send());
    handling.begun(before + 1).await;
    sending.abort();
    let _ = sending.await;
    // Until then the app has seen the end of the other connection.
    for _ in 0..5 {
        assert_eq!(app.visit(None, WEBHOOK).await.status, 405);
    }
}

/// A delivery that was handled is answered as before, and not handled again.
pub async fn a_delivery_is_handled_once(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    for _ in 0..3 {
        assert_handled(&Delivery::new("msg_1"), &this).await;
    }
    // Later it has a new time and signature, and the same id.
    this.clock.advance(Duration::from_secs(3600));
    assert_handled(&Delivery::new("msg_1").at(NOW + 3600), &this).await;
    assert_eq!(this.handling.calls(), 1);
    let same_body = Delivery::new("msg_2").at(NOW + 3600);
    assert_handled(&same_body, &this).await;
    assert_eq!(this.handling.calls(), 2);
}

/// A failed handler is answered with a 500 that does not say why, and the delivery is handled when it comes again.
pub async fn a_delivery_whose_handler_failed_is_handled_when_it_comes_again(start: StartWebhooks) {
    let mut log = Log::start();
    let this = WebhookApp::start(start).await;
    this.handling.then([Step::Fail, Step::Fail]);
    let delivery = Delivery::new("msg_fails_twice");
    for _ in 0..2 {
        let reply = delivery.send(&this.app, WEBHOOK).await;
        assert_recorded("webhook_refusal_internal_error", &reply.to_string());
    }
    assert!(this.handling.effects().is_empty());
    for _ in 0..3 {
        assert_handled(&delivery, &this).await;
    }
    assert_eq!((this.handling.calls(), this.handling.effects().len()), (3, 1));
    log.line_with(&["ERROR", "msg_fails_twice", PRIVATE]).await;
}

/// A handler that panics is one failed delivery.
pub async fn a_delivery_whose_handler_panicked_is_handled_when_it_comes_again(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    this.handling.then([Step::Panic]);
    let delivery = Delivery::new("msg_1");
    let reply = delivery.send(&this.app, WEBHOOK).await;
    assert_recorded("webhook_refusal_internal_error", &reply.to_string());
    assert_handled(&delivery, &this).await;
    assert_handled(&delivery, &this).await;
    assert_eq!((this.handling.calls(), this.handling.effects().len()), (2, 1));
}

/// A handler that takes too long is stopped, and the delivery is handled when it comes again.
pub async fn a_handler_that_takes_too_long_is_stopped_and_runs_again(start: StartWebhooks) {
    let this = WebhookApp::start_set(start, |mut routes| {
        routes.receivers[0].1 = routes.receivers[0].1.clone().with_time_limit(Duration::from_millis(50));
        routes
    })
    .await;
    this.handling.hold();
    let delivery = Delivery::new("msg_1");
    let reply = delivery.send(&this.app, WEBHOOK).await;
    assert_recorded("webhook_refusal_internal_error", &reply.to_string());
    this.handling.let_end();
    assert_handled(&delivery, &this).await;
    assert_eq!((this.handling.calls(), this.handling.effects().len()), (2, 1));
}

/// Fifty deliveries of one id at the same time are one handling, and each is answered when it has ended.
pub async fn fifty_deliveries_of_one_id_at_once_are_one_handling(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    this.handling.hold();
    let delivery = Delivery::new("msg_1");
    let another = Delivery::new("msg_2");
    let released = async {
        this.handling.begun(1).await;
        // A delivery with another id does not wait for it.
        let another = another.send(&this.app, WEBHOOK);
        let ending = async {
            this.handling.begun(2).await;
            this.handling.let_end();
        };
        assert_eq!(tokio::join!(another, ending).0.to_string(), HANDLED);
    };
    let (replies, ()) = tokio::join!(join_all((0..50).map(|_| delivery.send(&this.app, WEBHOOK))), released);
    assert!(replies.iter().all(|reply| reply.to_string() == HANDLED), "{replies:?}");
    assert_eq!((this.handling.calls(), this.handling.effects().len()), (2, 2));
}

/// If the one handling fails, one of those who wait for it begins the next.
pub async fn who_waits_for_a_handling_that_fails_begins_the_next(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    this.handling.then([Step::Fail]);
    let delivery = Delivery::new("msg_1");
    let replies = join_all((0..10).map(|_| delivery.send(&this.app, WEBHOOK))).await;
    let statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    assert!(statuses.iter().all(|status| [204, 500].contains(status)), "{statuses:?}");
    assert_handled(&delivery, &this).await;
    assert_eq!(this.handling.effects().len(), 1);
}

/// A handler ends although the sender hangs up, and the delivery is not handled again.
pub async fn a_handler_ends_although_the_sender_hangs_up(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    let delivery = Delivery::new("msg_1");
    leave_while_it_runs(&delivery, &this.app, &this.handling).await;
    this.handling.let_end();
    this.handling.succeeded(1).await;
    assert_handled(&delivery, &this).await;
    assert_eq!(this.handling.calls(), 1);
}

/// A handler that fails after the sender has hung up leaves the delivery to be handled when it comes again.
pub async fn a_handler_that_fails_after_the_sender_hung_up_runs_again(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    this.handling.then([Step::Panic]);
    let delivery = Delivery::new("msg_1");
    leave_while_it_runs(&delivery, &this.app, &this.handling).await;
    let again = tokio::spawn(delivery.to(&this.app, WEBHOOK).send());
    this.handling.let_end();
    // The second delivery waits for the first handling and shares its failure, or comes when it has ended.
    let status = again.await.unwrap().unwrap().status().as_u16();
    assert!([204, 500].contains(&status), "{status}");
    assert_handled(&delivery, &this).await;
    assert_eq!((this.handling.calls(), this.handling.effects().len()), (2, 1));
}

/// A sender that hangs up in the middle of the body has delivered nothing.
pub async fn a_sender_that_hangs_up_in_the_body_has_delivered_nothing(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    let body = event("subscription", "sub_1").to_string();
    let delivery = Delivery::new("msg_1").body(body.clone());
    for length in [format!("content-length: {}\r\n\r\n", body.len()), "transfer-encoding: chunked\r\n\r\n50\r\n".into()]
    {
        let mut connection = RawConnection::with_request(&this.app, &(delivery.head(WEBHOOK) + &length)).await;
        connection.send(&body.as_bytes()[..40]).await;
        connection.stop_sending().await;
        let answer = connection.rest().await;
        // A server may also end the connection without a response.
        let is_refused = answer.starts_with("HTTP/1.1 400 ") && answer.contains(r#""code":"invalid_json""#);
        assert!(answer.is_empty() || is_refused, "{answer}");
    }
    assert_eq!(this.handling.calls(), 0);
    assert_handled(&delivery, &this).await;
    assert_eq!(this.handling.calls(), 1);
}
