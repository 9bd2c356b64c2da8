//! How often Flowglad is read for gates, and how soon they see what changed. Time passes when a case says so.

use std::{sync::Arc, time::Duration};

use flowglad_core::{action::RequestHandler, clock::ManualClock};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    App, SESSION_HEADER, Start, Upstream,
    app::ADA,
    documents::{billing, customer, entitled, free, subscription},
    gate::Gate,
    gated::{EVERYTHING, cached},
};

const DOCUMENT: &str = "/customers/user_42/billing";
const FEATURE: &str = "/gates/feature";

/// An app with a cache, and the clock by which it ages.
pub(super) async fn app_with_cache(start: Start) -> (App, Arc<ManualClock>) {
    let mut clock = None;
    let app = App::start_made(start, |base_url| {
        let (flowglad, its_clock) = cached(base_url);
        clock = Some(its_clock);
        RequestHandler::new(flowglad)
    })
    .await;
    (app, clock.unwrap())
}

/// Replaces what Flowglad says about Ada.
async fn now_answers(app: &App, document: Value) {
    app.upstream.reset().await;
    app.upstream.answer("GET", DOCUMENT, document).await;
}

async fn status(app: &App, path: &str) -> u16 {
    app.visit(Some(ADA), path).await.status
}

/// A hundred requests of one customer within ten seconds read at most twice.
pub async fn a_hundred_requests_in_ten_seconds_read_at_most_twice(start: Start) {
    let (app, clock) = app_with_cache(start).await;
    now_answers(&app, entitled(ADA)).await;
    for _ in 0..100 {
        assert_eq!(status(&app, EVERYTHING).await, 200);
        clock.advance(Duration::from_millis(100));
    }
    assert!(app.upstream.requests().await.len() <= 2, "{:?}", app.upstream.requests().await);
}

/// Fifty first requests of a customer at once read once.
pub async fn fifty_first_requests_at_once_read_once(start: Start) {
    let (app, _clock) = app_with_cache(start).await;
    now_answers(&app, entitled(ADA)).await;
    let replies = join_all((0..50).map(|_| app.visit(Some(ADA), FEATURE))).await;
    assert!(replies.iter().all(|reply| reply.status == 200));
    assert_eq!(app.upstream.requests().await, [format!("GET {DOCUMENT}")]);
}

/// A browser that leaves does not cancel the read that another one waits for.
pub async fn a_browser_that_leaves_cancels_no_shared_read(start: Start) {
    let upstream = Upstream::start().await;
    upstream.answer("GET", DOCUMENT, entitled(ADA)).await;
    let mut gate = Gate::before(&upstream).await;
    let (flowglad, _clock) = cached(&gate.base_url);
    let app = App::start_before(start, flowglad).await;
    let first = app.request_to(Method::GET, FEATURE).header(SESSION_HEADER, ADA);
    let first = tokio::spawn(first.send());
    gate.arrivals(1).await;
    let second = app.request_to(Method::GET, FEATURE).header(SESSION_HEADER, ADA);
    let second = tokio::spawn(second.send());
    first.abort();
    let _ = first.await;
    // Until then the app has seen the end of the other connection.
    for _ in 0..5 {
        assert_eq!(app.visit(None, FEATURE).await.status, 401);
    }
    gate.open();
    assert_eq!(second.await.unwrap().unwrap().status(), 200);
    assert_eq!(upstream.requests().await, [format!("GET {DOCUMENT}")]);
}

/// After a change through the app, the next gate sees it, in both directions and without time passing.
pub async fn after_a_change_through_the_app_the_next_gate_sees_it(start: Start) {
    let (app, _clock) = app_with_cache(start).await;
    let without = || billing(ADA, &[subscription("sub_1", ADA, &[])]);
    now_answers(&app, without()).await;
    assert_eq!(status(&app, FEATURE).await, 403);
    let sub = json!({"subscription": subscription("sub_1", ADA, &[])});
    let adjusted = json!({"subscription": sub["subscription"], "subscriptionItems": [], "resolvedTiming": "immediately", "isUpgrade": true});

    now_answers(&app, without()).await;
    app.upstream.answer("POST", "/subscriptions/sub_1/adjust", &adjusted).await;
    let reply = app.ask("subscriptions/adjust", r#"{"priceSlug":"pro_monthly"}"#).await;
    assert_eq!(reply.status, 200, "{reply}");
    now_answers(&app, entitled(ADA)).await;
    assert_eq!(status(&app, FEATURE).await, 200);

    app.upstream.answer("GET", "/customers/user_42", json!({"customer": customer(ADA)})).await;
    app.upstream.answer("GET", "/subscriptions/sub_1", &sub).await;
    app.upstream.answer("POST", "/subscriptions/sub_1/cancel", &sub).await;
    let reply = app.ask("subscriptions/cancel", r#"{"id":"sub_1","cancellation":{"timing":"immediately"}}"#).await;
    assert_eq!(reply.status, 200, "{reply}");
    now_answers(&app, without()).await;
    assert_eq!(status(&app, FEATURE).await, 403);
}

/// A customer who was refused and then paid elsewhere passes on the first request more than a second later. Until then
/// refused customers cause no reads.
pub async fn a_refused_customer_who_paid_elsewhere_passes_a_second_later(start: Start) {
    let (app, clock) = app_with_cache(start).await;
    now_answers(&app, free(ADA)).await;
    assert_eq!(status(&app, FEATURE).await, 403);
    now_answers(&app, entitled(ADA)).await;
    for _ in 0..5 {
        assert_eq!(status(&app, FEATURE).await, 403);
    }
    assert!(app.upstream.requests().await.is_empty());
    clock.advance(Duration::from_millis(1_001));
    assert_eq!(status(&app, FEATURE).await, 200);
    assert_eq!(app.upstream.requests().await.len(), 1);
}

/// The billing that a handler gets under a gate from memory is the gate's own: no read, and the same source.
pub async fn under_a_gate_from_memory_nothing_is_read(start: Start) {
    let (app, clock) = app_with_cache(start).await;
    now_answers(&app, entitled(ADA)).await;
    assert_eq!(&*app.visit(Some(ADA), EVERYTHING).await.body, b"user_42 live");
    clock.advance(Duration::from_secs(3));
    assert_eq!(&*app.visit(Some(ADA), EVERYTHING).await.body, b"user_42 cache");
    assert_eq!(app.upstream.requests().await.len(), 1);
}

/// When Flowglad is down for ten minutes, known customers pass as they did, unknown ones are asked to come back, and
/// afterwards all is as before, without a restart.
pub async fn ten_minutes_without_flowglad(start: Start) {
    let (app, clock) = app_with_cache(start).await;
    now_answers(&app, entitled(ADA)).await;
    assert_eq!(status(&app, EVERYTHING).await, 200);
    app.upstream.reset().await;
    app.upstream.answer_all(wiremock::ResponseTemplate::new(500)).await;
    clock.advance(Duration::from_secs(61));
    for _ in 0..60 {
        clock.advance(Duration::from_secs(10));
        let known = app.visit(Some(ADA), EVERYTHING).await;
        assert_eq!((known.status, &*known.body), (200, &b"user_42 stale"[..]), "{known}");
    }
    let unknown = app.visit(Some("user_43"), FEATURE).await;
    assert_eq!(unknown.refusal(), (503, "entitlements_unavailable".into()));
    assert!(unknown.headers.iter().any(|(name, _)| *name == "retry-after"), "{unknown}");
    let during = app.upstream.requests().await.len();
    assert!(during <= 62, "{during} requests to a server that is down");

    now_answers(&app, entitled(ADA)).await;
    clock.advance(Duration::from_secs(60));
    // The first request after the outage may start the read in the background.
    while &*app.visit(Some(ADA), EVERYTHING).await.body == b"user_42 stale" {}
    assert_eq!(status(&app, FEATURE).await, 200);
    assert_eq!(app.upstream.requests().await, [format!("GET {DOCUMENT}")]);
}

/// Nothing about another customer is ever answered from memory.
pub async fn customers_do_not_share_memory(start: Start) {
    let (app, _clock) = app_with_cache(start).await;
    app.upstream.answer("GET", DOCUMENT, entitled(ADA)).await;
    app.upstream.answer("GET", "/customers/user_43/billing", free("user_43")).await;
    for _ in 0..3 {
        assert_eq!(&*app.visit(Some(ADA), FEATURE).await.body, ADA.as_bytes());
        assert_eq!(app.visit(Some("user_43"), FEATURE).await.status, 403);
    }
    assert_eq!(app.upstream.requests().await.len(), 2);
}
