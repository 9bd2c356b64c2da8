//! Browsers that leave before the response.

use reqwest::{Client, Method};

use flowglad_core::action::Action;
use wiremock::ResponseTemplate;

use crate::{
    App, Reply, SESSION_HEADER, Start,
    app::{ADA, client},
    gate::Gate,
    log::Log,
    samples::{Sample, script, working},
    upstream::Upstream,
};

/// An app behind whose gate the request of a browser waits that has left already.
struct Left {
    app: App,
    upstream: Upstream,
    gate: Gate,
}

/// Sends a request, waits until the app sends its first request to Flowglad, and closes the browser's connection.
async fn leave(start: Start, sample: Sample) -> Left {
    let upstream = Upstream::start().await;
    script(&upstream).await;
    let mut gate = Gate::before(&upstream).await;
    let app = App::start_before(start, client(&gate.base_url)).await;
    let request = app.request(Method::POST, sample.action).header(SESSION_HEADER, ADA);
    let request = request.header("content-type", "application/json").body(sample.body);
    let (browser, request) = request.build_split();
    let browsing = tokio::spawn(async move { browser.execute(request.unwrap()).await });
    gate.arrivals(1).await;
    browsing.abort();
    let _ = browsing.await;
    // Until then the app has seen the end of the other connection.
    for _ in 0..5 {
        let elsewhere = Client::new().post(app.url("nonsense"));
        assert_eq!(Reply::to(elsewhere).await.status, 404);
    }
    Left { app, upstream, gate }
}

fn writes() -> impl Iterator<Item = Sample> {
    let is_write = |key: &str| Action::ALL.iter().any(|action| action.key() == key && !action.is_read());
    working().filter(move |sample| is_write(sample.action))
}

/// A write that has begun is finished although the browser leaves, with all its requests, and its outcome is logged.
pub async fn a_write_is_finished_although_the_browser_leaves(start: Start) {
    let mut log = Log::start();
    for sample in writes() {
        let left = leave(start, sample).await;
        left.gate.open();
        log.line_with(&[sample.action, "the write succeeded"]).await;
        let requests = left.upstream.requests().await;
        assert_eq!(requests.len(), sample.budget, "{}: {requests:?}", sample.action);
        assert!(requests.iter().any(|request| !request.starts_with("GET")), "{}: {requests:?}", sample.action);
        drop(left.app);
    }
}

/// A usage event is retried although the browser has left.
pub async fn a_write_is_retried_although_the_browser_leaves(start: Start) {
    let mut log = Log::start();
    let sample = writes().find(|sample| sample.action == "usage-events/create").unwrap();
    let left = leave(start, sample).await;
    left.upstream.reset().await;
    left.upstream.answer_once("POST", "/usage-events", ResponseTemplate::new(503)).await;
    script(&left.upstream).await;
    left.gate.open();
    log.line_with(&[sample.action, "the write succeeded"]).await;
    let requests = left.upstream.requests().await;
    assert_eq!(requests[1..], ["POST /usage-events", "POST /usage-events"]);
    let sent = left.upstream.bodies().await;
    assert_eq!(sent[0], sent[1], "both attempts name the same transaction");
}

/// A write that fails after the browser has left is logged as failed, with the code that the browser would have read.
pub async fn a_write_that_fails_after_the_browser_left_is_logged(start: Start) {
    let mut log = Log::start();
    let sample = writes().find(|sample| sample.action == "subscriptions/cancel").unwrap();
    let left = leave(start, sample).await;
    left.upstream.reset().await;
    left.upstream.answer_all(ResponseTemplate::new(404).set_body_string("Not Found")).await;
    left.gate.open();
    let line = log.line_with(&[sample.action, "the write failed"]).await;
    assert!(line.contains("502") && line.contains("flowglad_unavailable"), "{line}");
}
