//! What a delivery is answered with.

use std::fmt::Write as _;

use bytes::Bytes;
use reqwest::Method;
use serde_json::json;

use crate::{
    Reply,
    deliveries::{Delivery, NOW, SECOND_SECRET, SECRET, event},
    raw_connection::RawConnection,
    samples::assert_recorded,
    webhook::{SECOND_WEBHOOK, StartWebhooks, WEBHOOK, WebhookApp},
};

const HANDLED: &str = "204\n";

/// An event whose body is filled up to this length.
fn of_length(length: usize) -> Bytes {
    let body = event("subscription", "sub_1").to_string();
    format!("{body}{}", " ".repeat(length - body.len())).into()
}

/// The handler gets all that the body and the headers say.
pub async fn a_signed_delivery_is_handled(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    let customer = json!({"id": "cust_7"});
    let bodies = [
        event("subscription", "sub_1"),
        event("payment", "pay_1"),
        event("purchase", "prch_1"),
        event("customer", "cust_user_42"),
        event("discount", "disc_1"),
        json!({"object": "payment", "id": "pay_2", "customer": customer, "new": {"field": 1}}),
    ];
    for (position, body) in bodies.into_iter().enumerate() {
        let delivery = Delivery::new(format!("msg_{position}")).body(body.to_string());
        assert_eq!(delivery.send(&this.app, WEBHOOK).await.to_string(), HANDLED);
    }
    assert_recorded("webhook_events", &this.handling.effects().join("\n"));
    assert!(this.app.upstream.requests().await.is_empty());
}

/// A 204 has neither a body nor a header that announces one.
pub async fn a_204_has_no_body(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    let body = event("subscription", "sub_1").to_string();
    let head = Delivery::new("msg_1").body(body.clone()).head(WEBHOOK);
    let request = format!("{head}connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let response = RawConnection::with_request(&this.app, &request).await.rest().await.to_ascii_lowercase();
    assert!(response.starts_with("http/1.1 204 ") && response.ends_with("\r\n\r\n"), "{response}");
    for header in ["content-length", "content-type", "transfer-encoding"] {
        assert!(!response.contains(&format!("\n{header}:")), "{response}");
    }
}

/// The headers may have either of the two names that senders use.
pub async fn both_families_of_headers_are_read(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    for (family, id) in [("svix", "msg_1"), ("webhook", "msg_2")] {
        let reply = Delivery::new(id).family(family).send(&this.app, WEBHOOK).await;
        assert_eq!(reply.to_string(), HANDLED, "{family}");
    }
    let mixed = Delivery::new("msg_3").to(&this.app, WEBHOOK).header("webhook-id", "another");
    assert_eq!(Reply::to(mixed).await.to_string(), HANDLED);
    assert_eq!(this.handling.calls(), 3);
}

/// One of several signatures of a delivery is enough: the sender signs with the old and the new secret for a while.
pub async fn one_of_several_signatures_is_enough(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    for (id, list) in [("msg_1", "BAD GOOD"), ("msg_2", "v1a,x v2,y GOOD BAD"), ("msg_3", "v1,%% GOOD")] {
        let good = Delivery::new(id);
        let bad = good.clone().signed_with(SECOND_SECRET).signature_value();
        let list = list.replace("GOOD", &good.signature_value()).replace("BAD", &bad);
        assert_eq!(good.signature(&list).send(&this.app, WEBHOOK).await.to_string(), HANDLED, "{list}");
        assert_eq!(Delivery::new(id).signature(bad).send(&this.app, WEBHOOK).await.status, 400);
    }
    assert_eq!(this.handling.calls(), 3);
}

/// A receiver may have several secrets, and a delivery signed with any of them is handled.
pub async fn one_of_several_secrets_is_enough(start: StartWebhooks) {
    let both = format!("{SECOND_SECRET}, {SECRET}");
    let this = WebhookApp::start_with_secrets(start, &both).await;
    for (id, secret) in [("msg_1", SECRET), ("msg_2", SECOND_SECRET)] {
        let reply = Delivery::new(id).signed_with(secret).send(&this.app, WEBHOOK).await;
        assert_eq!(reply.to_string(), HANDLED, "{id}");
    }
}

/// A receiver takes only what is signed with its own secret, and handles it with its own handler.
pub async fn two_receivers_have_secrets_of_their_own(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    let (first, second) = (Delivery::new("msg_1"), Delivery::new("msg_1").signed_with(SECOND_SECRET));
    assert_eq!(first.send(&this.app, SECOND_WEBHOOK).await.refusal(), (400, "invalid_signature".into()));
    assert_eq!(second.send(&this.app, WEBHOOK).await.refusal(), (400, "invalid_signature".into()));
    assert_eq!((this.handling.calls(), this.second.calls()), (0, 0));
    assert_eq!(first.send(&this.app, WEBHOOK).await.to_string(), HANDLED);
    assert_eq!(second.send(&this.app, SECOND_WEBHOOK).await.to_string(), HANDLED);
    assert_eq!((this.handling.calls(), this.second.calls()), (1, 1));
}

/// The signature is over the bytes as they are sent, whatever they mean.
pub async fn the_bytes_are_verified_as_they_are_sent(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    let body = "\r\n{ \"id\" : \"sub_\\u00e9\\/1\",\"object\":\"subscription\",\n\t\"customer\":{\"id\":\"cust_1\",\"externalId\":\"us\u{e9}r \u{1f980}\"} } \n";
    let delivery = Delivery::new("msg_1").body(body);
    let compact: serde_json::Value = serde_json::from_str(body).unwrap();
    let rewritten = delivery.headed(this.app.request_to(Method::POST, WEBHOOK)).body(compact.to_string());
    assert_eq!(Reply::to(rewritten).await.refusal(), (400, "invalid_signature".into()));
    assert_eq!(delivery.send(&this.app, WEBHOOK).await.to_string(), HANDLED);
    // No encoding is undone: it is the compressed bytes that are signed.
    let not_compressed = Delivery::new("msg_2").to(&this.app, WEBHOOK).header("content-encoding", "gzip");
    assert_eq!(Reply::to(not_compressed).await.to_string(), HANDLED);
    let without_type = Delivery::new("msg_3").to(&this.app, WEBHOOK).header("content-type", "text/plain");
    assert_eq!(Reply::to(without_type).await.to_string(), HANDLED);
    assert_eq!(this.handling.calls(), 3);
}

/// A body may come in chunks.
pub async fn a_chunked_body_is_read(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    let body = event("subscription", "sub_1").to_string();
    let head = Delivery::new("msg_1").body(body.clone()).head(WEBHOOK);
    let (start_of_body, end) = body.split_at(40);
    let chunks = [start_of_body, end, ""].map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len())).concat();
    let request = format!("{head}transfer-encoding: chunked\r\n\r\n{chunks}");
    assert_eq!(RawConnection::with_request(&this.app, &request).await.status().await, 204);
    assert_eq!(this.handling.calls(), 1);
}

/// All of the first response, and the message of each.
fn record(recorded: &mut String, what: &str, reply: &Reply) {
    if recorded.is_empty() {
        writeln!(recorded, "{reply}\n").unwrap();
    }
    writeln!(recorded, "{what}: {}", reply.json()["error"]["message"]).unwrap();
}

/// Whatever is wrong with the headers, the signature or the time is a 400, and is not handled.
pub async fn a_delivery_that_is_not_verified_is_refused(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    let good = Delivery::new("msg_1");
    let signed = |id: &str, timestamp: &str| Delivery::new(id).timestamp(timestamp);
    let wrong = vec![
        ("another body", good.clone().signature(good.signature_value()).body("{}")),
        ("another id", Delivery::new("msg_2").signature(good.signature_value())),
        ("another time", good.clone().signature(good.signature_value()).at(NOW + 1)),
        ("another secret", good.clone().signed_with(SECOND_SECRET)),
        ("an empty signature", good.clone().signature("")),
        ("no version", good.clone().signature(good.signature_value().replace("v1,", ""))),
        ("another version", good.clone().signature(good.signature_value().replace("v1,", "v2,"))),
        ("half a signature", good.clone().signature(&good.signature_value()[..20])),
        ("no base64", good.clone().signature("v1,%%%%")),
        ("signatures with a comma between them", good.clone().signature(format!("v1,AAAA,{}", good.signature_value()))),
        ("301 seconds old", good.clone().at(NOW - 301)),
        ("61 seconds early", good.clone().at(NOW + 61)),
        ("in milliseconds", good.clone().at(NOW * 1000)),
        ("an empty time", signed("msg_1", "")),
        ("a time with a sign", signed("msg_1", &format!("+{NOW}"))),
        ("a time with a point", signed("msg_1", &format!("{NOW}.0"))),
        ("a huge time", signed("msg_1", &"9".repeat(40))),
        ("an empty id", signed("", &NOW.to_string())),
        ("an id with a point", signed("msg.1", &NOW.to_string())),
        ("a long id", signed(&"m".repeat(257), &NOW.to_string())),
    ];
    let mut recorded = String::new();
    for (what, delivery) in wrong {
        let reply = delivery.send(&this.app, WEBHOOK).await;
        assert_eq!(reply.refusal(), (400, "invalid_signature".into()), "{what}");
        record(&mut recorded, what, &reply);
    }
    for left_out in ["svix-id", "svix-timestamp", "svix-signature"] {
        let others = || {
            let kept = good.headers().into_iter().filter(|(name, _)| name != left_out);
            let request = this.app.request_to(Method::POST, WEBHOOK).body("{}");
            kept.fold(request, |request, (name, value)| request.header(name, value))
        };
        let reply = Reply::to(others()).await;
        assert_eq!(reply.refusal(), (400, "invalid_signature".into()), "without {left_out}");
        record(&mut recorded, &format!("without {left_out}"), &reply);
        let not_text = Reply::to(others().header(left_out, b"\xff\xfe".as_slice())).await;
        assert_eq!(not_text.refusal(), (400, "invalid_signature".into()), "{left_out} is no text");
    }
    let nothing = Reply::to(this.app.request_to(Method::POST, WEBHOOK)).await;
    assert_eq!(nothing.refusal(), (400, "invalid_signature".into()));
    assert_recorded("webhook_refusal_invalid_signature", recorded.trim_end());
    assert_eq!(this.handling.calls(), 0);
    assert!(this.app.upstream.requests().await.is_empty());
}

/// The tolerance of the time includes its ends.
pub async fn a_delivery_may_be_five_minutes_old_and_a_minute_early(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    for (id, timestamp) in [("msg_1", NOW - 300), ("msg_2", NOW + 60)] {
        assert_eq!(Delivery::new(id).at(timestamp).send(&this.app, WEBHOOK).await.to_string(), HANDLED, "{id}");
    }
}

/// What is signed but is no event is refused, and is not handled.
pub async fn a_verified_body_that_is_no_event_is_refused(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    let mut recorded = String::new();
    let deep = format!("{{\"object\":\"payment\",\"id\":\"pay_1\",\"new\":{}", "[".repeat(100_000));
    let bodies: [&[u8]; 12] = [
        b"",
        b"null",
        b"[]",
        b"7",
        b"{}",
        b"{\"object\":\"payment\"}",
        b"{\"id\":\"pay_1\"}",
        b"{\"object\":\"payment\",\"id\":7}",
        b"{\"object\":\"payment\",\"id\":\"pay_1\"} x",
        b"{\"object\":\"payment\",\"id\":\"\xff\"}",
        b"{\"object\":\"payment\",\"id\":\"pay_1\",\"customer\":\"ada\"}",
        deep.as_bytes(),
    ];
    for body in bodies {
        let reply = Delivery::new("msg_1").body(body.to_vec()).send(&this.app, WEBHOOK).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(80)]);
        assert_eq!(reply.refusal(), (400, "invalid_event".into()), "{shown}");
        record(&mut recorded, &shown, &reply);
    }
    assert_recorded("webhook_refusal_invalid_event", recorded.trim_end());
    assert_eq!(this.handling.calls(), 0);
    assert!(this.app.upstream.requests().await.is_empty());
    // None of them is taken for a delivery that was handled.
    assert_eq!(Delivery::new("msg_1").send(&this.app, WEBHOOK).await.to_string(), HANDLED);
    assert_eq!(this.handling.calls(), 1);
}

/// Only POST is accepted.
pub async fn a_receiver_accepts_only_post(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"] {
        let request = this.app.request_to(method.parse().unwrap(), WEBHOOK);
        let reply = Reply::to(Delivery::new("msg_1").headed(request)).await;
        assert!(reply.headers.contains(&("allow", "POST".to_owned())), "{method}: {reply}");
        if method == "HEAD" {
            assert_eq!((reply.status, reply.body.len()), (405, 0));
        } else {
            assert_recorded("webhook_refusal_method_not_allowed", &reply.to_string());
        }
    }
    assert_eq!(this.handling.calls(), 0);
}

/// A body of 256 KiB is taken, and one of a byte more is not.
pub async fn the_default_limit_of_a_delivery_is_256_kib(start: StartWebhooks) {
    let this = WebhookApp::start(start).await;
    a_body_over_the_limit_is_refused(&this, 256 * 1024).await;
}

/// The app may set another limit.
pub async fn the_app_sets_the_limit_of_a_delivery(start: StartWebhooks) {
    let this = WebhookApp::start_set(start, |mut routes| {
        routes.receivers[0].1 = routes.receivers[0].1.clone().with_body_limit(300.try_into().unwrap());
        routes
    })
    .await;
    a_body_over_the_limit_is_refused(&this, 300).await;
}

async fn a_body_over_the_limit_is_refused(this: &WebhookApp, limit: usize) {
    let too_large = Delivery::new("msg_1").body(of_length(limit + 1));
    let reply = too_large.send(&this.app, WEBHOOK).await;
    assert_recorded("webhook_refusal_payload_too_large", &reply.to_string());
    let chunked = format!("{}transfer-encoding: chunked\r\n\r\n{:x}\r\n", too_large.head(WEBHOOK), limit + 1);
    let mut connection = RawConnection::with_request(&this.app, &chunked).await;
    connection.send(&of_length(limit + 1)).await;
    assert_eq!(connection.status().await, 413);
    assert_eq!(this.handling.calls(), 0);
    let reply = Delivery::new("msg_1").body(of_length(limit)).send(&this.app, WEBHOOK).await;
    assert_eq!(reply.to_string(), HANDLED);
}
