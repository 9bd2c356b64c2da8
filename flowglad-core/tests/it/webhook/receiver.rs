//! A receiver and its log: what is handled, how often, and what the sender hears.

use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering::SeqCst},
    },
    time::Duration,
};

use flowglad_core::{
    Flowglad,
    adapter::ActionResponse,
    cache::StoreError,
    clock::ManualClock,
    model::{Timestamp, WebhookEventType},
    webhook::{Claim, Claimed, DeliveryLog, MemoryDeliveryLog, WebhookEvent, WebhookReceiver, WebhookSecrets},
};
use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::sync::Notify;

use crate::{
    builder,
    webhook::signed::{NOW, headers, secret, signature},
};

const KEY: &[u8] = b"twenty-four bytes of key";
const EVENT: &str = r#"{"object":"payment","id":"pym_1","customer":{"id":"cust_1","externalId":"user_42"}}"#;

pub(crate) fn flowglad() -> Flowglad {
    let clock = ManualClock::at(Timestamp::from_millis(NOW * 1000));
    builder("http://127.0.0.1:9").clock(Arc::new(clock)).build().unwrap()
}

pub(crate) fn secrets() -> WebhookSecrets {
    secret(KEY).parse().unwrap()
}

async fn deliver_body(receiver: &WebhookReceiver, id: &str, body: &'static str) -> ActionResponse {
    let sent = headers(id, &NOW.to_string(), &signature(KEY, id, &NOW.to_string(), body.as_bytes()));
    receiver.receive("POST", &sent, async { Ok(body.into()) }).await
}

pub(crate) async fn deliver(receiver: &WebhookReceiver, id: &str) -> u16 {
    deliver_body(receiver, id, EVENT).await.status
}

/// Counts its calls, and fails in the first ones.
#[derive(Clone, Default)]
pub(crate) struct Handler {
    pub(crate) calls: Arc<AtomicU32>,
    pub(crate) failures: u32,
}

impl Handler {
    pub(crate) fn calls(&self) -> u32 {
        self.calls.load(SeqCst)
    }

    pub(crate) fn receiver(&self, flowglad: &Flowglad) -> WebhookReceiver {
        let Self { calls, failures } = self.clone();
        WebhookReceiver::new(flowglad, secrets(), async move |_: WebhookEvent| {
            if calls.fetch_add(1, SeqCst) < failures { Err("the database is away") } else { Ok(()) }
        })
    }
}

#[tokio::test]
async fn a_handler_that_fails_twice_and_then_works_has_one_effect() {
    let (flowglad, handler) = (flowglad(), Handler { failures: 2, ..Handler::default() });
    let receiver = handler.receiver(&flowglad);
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(deliver(&receiver, "msg_1").await);
    }
    assert_eq!(statuses, [500, 500, 204, 204, 204]);
    assert_eq!(handler.calls(), 3);
    assert_eq!(deliver(&receiver, "msg_2").await, 204);
    let webhooks = flowglad.snapshot().webhooks;
    assert_eq!((webhooks.handled, webhooks.repeated, webhooks.failed), (2, 2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_takes_too_long_is_stopped_and_its_delivery_is_given_back() {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    let receiver = WebhookReceiver::new(&flowglad(), secrets(), async move |_: WebhookEvent| {
        if counted.fetch_add(1, SeqCst) == 0 {
            pending::<()>().await;
        }
    });
    assert_eq!(deliver(&receiver.clone().with_time_limit(Duration::from_secs(20)), "msg_1").await, 500);
    assert_eq!(deliver(&receiver, "msg_1").await, 204);
    assert_eq!(calls.load(SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn a_delivery_that_comes_again_meanwhile_waits_for_the_first_one_but_not_for_ever() {
    let (began, end, calls) = (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(AtomicU32::new(0)));
    let shared = (Arc::clone(&began), Arc::clone(&end), Arc::clone(&calls));
    let receiver = WebhookReceiver::new(&flowglad(), secrets(), async move |_: WebhookEvent| {
        let (began, end, calls) = shared;
        calls.fetch_add(1, SeqCst);
        began.notify_one();
        end.notified().await;
    });
    let first = tokio::spawn({
        let receiver = receiver.clone();
        async move { deliver(&receiver, "msg_1").await }
    });
    began.notified().await;
    let asked = tokio::time::Instant::now();
    let response = deliver_body(&receiver, "msg_1", EVENT).await;
    assert_eq!((response.status, response.code.as_deref()), (409, Some("request_in_progress")));
    let waited = asked.elapsed();
    assert!(Duration::from_secs(8) <= waited && waited < Duration::from_secs(9), "{waited:?}");
    let second = deliver(&receiver, "msg_1");
    end.notify_one();
    assert_eq!((second.await, first.await.unwrap()), (204, 204));
    assert_eq!(calls.load(SeqCst), 1);
}

#[tokio::test]
async fn endpoints_of_two_types_share_a_log_and_both_handle_a_delivery() {
    let (flowglad, log) = (flowglad(), Arc::new(MemoryDeliveryLog::new()));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let endpoint = |event_type: WebhookEventType| {
        let seen = Arc::clone(&seen);
        let handler = async move |event: WebhookEvent| {
            let of_type = event.event_type().map(ToString::to_string);
            seen.lock().unwrap().push((event.delivery_key().to_owned(), of_type));
        };
        WebhookReceiver::new(&flowglad, secrets(), handler).log(Arc::clone(&log)).event_type(event_type)
    };
    let (failed, paid) = (endpoint(WebhookEventType::PaymentFailed), endpoint(WebhookEventType::PaymentSucceeded));
    for receiver in [&failed, &paid, &failed] {
        assert_eq!(deliver(receiver, "msg_1").await, 204);
    }
    let key = |event_type: &str| (format!("{event_type}/msg_1"), Some(event_type.to_owned()));
    assert_eq!(*seen.lock().unwrap(), [key("payment.failed"), key("payment.succeeded")]);
}

#[tokio::test]
async fn what_is_verified_but_no_event_is_refused_and_not_handled() {
    let (flowglad, handler) = (flowglad(), Handler::default());
    let receiver = handler.receiver(&flowglad);
    let bodies = [
        ("", "its top level"),
        ("{}", "its top level"),
        ("[]", "its top level"),
        (r#"{"object":"payment"}"#, "its top level"),
        (r#"{"object":"payment","id":""}"#, "id"),
        (r#"{"object":"payment","id":7}"#, "id"),
        (r#"{"object":"payment","id":"a","id":"b"}"#, "its top level"),
        (r#"{"object":"payment","id":"a","customer":{"id":"c","id":"d"}}"#, "customer"),
        (r#"{"object":"payment","id":"a","customer":"ada"}"#, "customer"),
        (r#"{"object":"payment","id":"a"} x"#, "its end"),
    ];
    for (body, place) in bodies {
        let response = deliver_body(&receiver, "msg_1", body).await;
        assert_eq!((response.status, response.code.as_deref()), (400, Some("invalid_event")), "{body}");
        let shown = String::from_utf8(response.body.to_vec()).unwrap();
        assert!(shown.contains(&format!("wrong at {place}.")), "{body}: {shown}");
    }
    assert_eq!(handler.calls(), 0);
    assert_eq!(flowglad.snapshot().webhooks.refused, 10);
    let unknown = r#"{"object":"planet","id":"a","customer":null,"more":[1]}"#;
    assert_eq!(deliver_body(&receiver, "msg_1", unknown).await.status, 204);
}

/// A log that fails as one that is away does.
#[derive(Default)]
struct Failing {
    claim: bool,
    panics: bool,
}

impl DeliveryLog for Failing {
    fn claim<'a>(&'a self, _: &'a Claim) -> BoxFuture<'a, Result<Claimed, StoreError>> {
        assert!(!self.panics, "as the test wants");
        async { if self.claim { Err("the log is away".into()) } else { Ok(Claimed::Now) } }.boxed()
    }

    fn done<'a>(&'a self, _: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        async { Err("the log is away".into()) }.boxed()
    }

    fn release<'a>(&'a self, _: &'a Claim) -> BoxFuture<'a, Result<(), StoreError>> {
        async { Err("the log is away".into()) }.boxed()
    }
}

#[tokio::test]
async fn without_its_log_nothing_is_handled_and_what_was_handled_is_not_sent_again() {
    let (flowglad, handler) = (flowglad(), Handler::default());
    for away in [Failing { claim: true, panics: false }, Failing { claim: false, panics: true }] {
        assert_eq!(deliver(&handler.receiver(&flowglad).log(away), "msg_1").await, 500);
    }
    assert_eq!(handler.calls(), 0);
    let receiver = handler.receiver(&flowglad).log(Failing::default());
    assert_eq!(deliver(&receiver, "msg_1").await, 204, "the effect is there although it could not be noted");
    let snapshot = flowglad.snapshot().webhooks;
    assert_eq!((snapshot.handled, snapshot.failed), (1, 2));
    let fails = Handler { failures: 1, ..Handler::default() };
    assert_eq!(deliver(&fails.receiver(&flowglad).log(Failing::default()), "msg_1").await, 500);
}
