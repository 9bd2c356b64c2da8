//! What a client counts and reports about its requests.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use adapter_contract::{Upstream, gate::Gate, log::Log};
use flowglad_core::{
    billing::Freshness,
    cache::{BillingCache, Subject},
    clock::ManualClock,
    observe::{BillingAsked, BillingRead, FailureKind, Invalidated, Observer, Retry, RetryOutcome, Snapshot},
};
use wiremock::{MockServer, ResponseTemplate};

use crate::{ada, answer, builder, documents::billing, json};

#[derive(Default)]
struct Retries(Mutex<Vec<(&'static str, FailureKind, RetryOutcome)>>);

impl Observer for Retries {
    fn retry(&self, event: &Retry) {
        self.0.lock().unwrap().push((event.operation, event.failure, event.outcome));
    }
}

#[tokio::test]
async fn retries_are_counted_until_the_budget_refuses_them() {
    let server = MockServer::start().await;
    answer(&server, "GET", "/customers/user_42/billing", ResponseTemplate::new(502)).await;
    let retries = Arc::new(Retries::default());
    let flowglad = builder(&server.uri()).observer(Arc::clone(&retries)).build().unwrap();
    let me = flowglad.customer(&ada());
    // Two retries each; the budget is a hundred.
    for _ in 0..50 {
        me.billing().await.unwrap_err();
    }
    assert_eq!(flowglad.snapshot().requests.retries, 100);
    assert_eq!(flowglad.snapshot().requests.retries_over_budget, 0);
    me.billing().await.unwrap_err();
    assert_eq!(flowglad.clone().snapshot().requests.retries_over_budget, 1);
    let heard = retries.0.lock().unwrap();
    assert_eq!(heard.len(), 101);
    assert_eq!(heard[0], ("customers.billing", FailureKind::ServerError, RetryOutcome::Planned));
    assert_eq!(heard[100], ("customers.billing", FailureKind::ServerError, RetryOutcome::OverBudget));
}

#[tokio::test]
async fn kinds_of_failures_are_distinguished() {
    let server = MockServer::start().await;
    let limited = ResponseTemplate::new(429);
    answer(&server, "GET", "/customers/user_42/billing", limited).await;
    let retries = Arc::new(Retries::default());
    let observed = |url: &str| builder(url).max_retries(1).observer(Arc::clone(&retries)).build().unwrap();
    observed(&server.uri()).customer(&ada()).billing().await.unwrap_err();
    // A port that was free a moment ago.
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    observed(&format!("http://{closed}")).customer(&ada()).billing().await.unwrap_err();
    let kinds: Vec<_> = retries.0.lock().unwrap().iter().map(|retry| retry.1).collect();
    assert_eq!(kinds, [FailureKind::RateLimited, FailureKind::Unreachable]);
}

/// What an app hears of billing, in short words.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Heard {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn add(&self, word: String) {
        self.0.lock().unwrap().push(word);
    }
}

impl Observer for Heard {
    fn billing_asked(&self, event: &BillingAsked) {
        self.add(format!("asked: {}", event.answer.as_str()));
    }

    fn billing_read(&self, event: &BillingRead) {
        let background = if event.background { " in the background" } else { "" };
        self.add(format!("read{background}: {}", event.failure.map_or("ok", FailureKind::as_str)));
    }

    fn invalidated(&self, event: &Invalidated) {
        self.add(format!("outdated by {}: {}", event.cause.as_str(), event.everyone));
    }
}

#[tokio::test]
async fn questions_reads_and_changes_of_billing_are_reported_and_counted() {
    let server = MockServer::start().await;
    answer(&server, "GET", "/customers/user_42/billing", json(billing("user_42", &[]))).await;
    let clock = Arc::new(ManualClock::at("2026-01-01T12:00:00Z".parse().unwrap()));
    let heard = Arc::new(Heard::default());
    let client = builder(&server.uri()).cache(BillingCache::new()).clock(Arc::clone(&clock)).max_retries(0);
    let flowglad = client.observer(Arc::clone(&heard)).build().unwrap();
    let me = flowglad.customer(&ada());
    me.billing().await.unwrap();
    assert_eq!(heard.take(), ["read: ok", "asked: live"]);
    me.billing().await.unwrap();
    assert_eq!(heard.take(), ["asked: cache"]);

    server.reset().await;
    answer(&server, "GET", "/customers/user_42/billing", ResponseTemplate::new(502)).await;
    clock.advance(Duration::from_secs(61));
    me.billing_with(Freshness::CachedOrStale).await.unwrap();
    assert_eq!(heard.take(), ["read: server_error", "asked: stale"]);
    flowglad.invalidate(Subject::Customer("user_42")).await;
    flowglad.invalidate(Subject::Everyone).await;
    assert_eq!(heard.take(), ["outdated by call: false", "outdated by call: true"]);
    me.billing_with(Freshness::CachedOrStale).await.unwrap_err();
    assert_eq!(heard.take(), ["read: server_error", "asked: failed"]);

    let Snapshot { billing, cache, .. } = flowglad.snapshot();
    assert_eq!((billing.live, billing.cache, billing.stale, billing.failed), (1, 1, 1, 1));
    assert_eq!((billing.reads, billing.failed_reads, billing.background_reads), (3, 2, 0));
    assert_eq!((cache.entries, cache.bytes, cache.invalidations), (0, 0, 2));
}

#[tokio::test]
async fn a_snapshot_shows_what_is_in_flight() {
    let upstream = Upstream::start().await;
    let mut gate = Gate::before(&upstream).await;
    let flowglad = builder(&gate.base_url).build().unwrap();
    let me = flowglad.customer(&ada());
    let reading = tokio::spawn(async move { me.billing().await.map(drop) });
    gate.arrivals(1).await;
    assert_eq!(flowglad.snapshot().requests.in_flight, 1);
    gate.open();
    reading.await.unwrap().unwrap_err();
    assert_eq!(flowglad.snapshot().requests.in_flight, 0);
}

#[tokio::test]
async fn an_outage_is_two_lines_however_many_requests_fail() {
    let log = Log::start();
    let server = MockServer::start().await;
    answer(&server, "GET", "/customers/user_42/billing", ResponseTemplate::new(502)).await;
    let flowglad = builder(&server.uri()).max_retries(0).build().unwrap();
    let me = flowglad.customer(&ada());
    for _ in 0..10 {
        me.billing().await.unwrap_err();
    }
    server.reset().await;
    answer(&server, "GET", "/customers/user_42/billing", json(billing("user_42", &[]))).await;
    for _ in 0..10 {
        me.billing().await.unwrap();
    }
    let text = log.text();
    let lines = |word: &str| text.lines().filter(|line| line.contains(word)).map(str::to_owned).collect::<Vec<_>>();
    let (begun, ended) = (lines("billing_reads_fail"), lines("billing_reads_work"));
    assert!(begun.len() == 1 && begun[0].contains("WARN") && begun[0].contains("server_error"), "{begun:?}");
    assert!(ended.len() == 1 && ended[0].contains("INFO"), "{ended:?}");
    assert!(!begun[0].contains("user_42"), "{begun:?}");
}
