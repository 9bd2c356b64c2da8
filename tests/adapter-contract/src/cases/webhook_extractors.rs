//! Verified deliveries in handlers of the app.

use reqwest::Method;

use crate::{
    Reply,
    deliveries::{Delivery, NOW, SECOND_SECRET},
    gated,
    log::Log,
    webhook::{OWN_ANSWER, StartWebhooks, VERIFIED, WEBHOOK, WebhookApp, WebhookRoutes},
};

/// A handler gets the id of a delivery and its bytes, in each family of headers and however often it comes.
pub async fn a_handler_takes_a_verified_delivery(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    let body = b"any bytes \xff\x00 of the sender".as_slice();
    for path in [VERIFIED, OWN_ANSWER] {
        for family in ["svix", "webhook", "svix"] {
            let reply = Delivery::new("msg_1").family(family).body(body).send(&this.app, path).await;
            assert_eq!((reply.status, &*reply.body), (200, [b"msg_1\n", body].concat().as_slice()), "{reply}");
        }
    }
    assert!(this.app.upstream.requests().await.is_empty());
}

/// What is not verified gets from an extractor what the route sends.
pub async fn an_extractor_refuses_as_the_route_does(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    for refused in [
        Delivery::new("msg_1").signed_with(SECOND_SECRET),
        Delivery::new("msg_1").at(NOW - 301),
        Delivery::new("").body(""),
        Delivery::new("msg_1").body("x".repeat(256 * 1024 + 1)),
    ] {
        let of_the_route = refused.send(&this.app, WEBHOOK).await;
        assert!([400, 413].contains(&of_the_route.status), "{of_the_route}");
        assert_eq!(refused.send(&this.app, VERIFIED).await, of_the_route);
        let (status, code) = of_the_route.refusal();
        let own = refused.send(&this.app, OWN_ANSWER).await;
        assert_eq!((own.status, &*own.body), (200, gated::own_answer(status, Some(&code)).as_bytes()));
    }
    let unsigned = Reply::to(this.app.request_to(Method::POST, VERIFIED).body("{}")).await;
    assert_eq!(unsigned.refusal(), (400, "invalid_signature".into()));
}

/// An app that has forgotten the verifier answers with a 500, and the log says what to add.
pub async fn without_a_verifier_it_is_a_mistake_of_the_app_and_logged(start: StartWebhooks) {
    let mut log = Log::start();
    let this = WebhookApp::start_set(start, |routes| WebhookRoutes { verifier: None, ..routes }).await;
    assert_eq!(Delivery::new("msg_1").send(&this.app, VERIFIED).await.status, 500);
    log.line_with(&["ERROR", "add", "WebhookVerifier"]).await;
}
