//! Bodies and content types.

use reqwest::Method;

use crate::{
    App, Reply, SESSION_HEADER, Start,
    app::ADA,
    samples::{one_of_each, script, working},
};

/// An absent body, an empty one and one without fields mean the same, with and without a content type.
pub async fn absent_empty_and_no_fields_mean_the_same(start: Start) {
    let app = App::start(start).await;
    script(&app.upstream).await;
    for sample in working() {
        let expected = app.ask(sample.action, "{}").await;
        let post = || app.request(Method::POST, sample.action).header(SESSION_HEADER, ADA);
        let json = || post().header("content-type", "application/json");
        for request in [post(), json(), json().body("  {\n} "), json().body("\u{feff}{}")] {
            assert_eq!(Reply::to(request).await, expected, "{}", sample.action);
        }
    }
}

/// Every action refuses a body that is not a JSON object, including actions without fields.
pub async fn a_body_that_is_not_a_json_object_is_refused_by_every_action(start: Start) {
    let app = App::start(start).await;
    let deep = "[".repeat(60_000);
    let bodies: [&[u8]; 11] = [
        b"[]",
        b"null",
        b"7",
        b"\"text\"",
        b"{",
        b"{}{}",
        b"{} x",
        b"{'a':1}",
        b"{\"a\":\"\xff\"}",
        b"name=ada",
        deep.as_bytes(),
    ];
    for sample in working() {
        for body in bodies {
            let request = app.request(Method::POST, sample.action).header(SESSION_HEADER, ADA);
            let reply = Reply::to(request.header("content-type", "application/json").body(body.to_vec())).await;
            let shown = String::from_utf8_lossy(&body[..body.len().min(20)]);
            assert_eq!(reply.refusal(), (400, "invalid_json".into()), "{} {shown}", sample.action);
        }
    }
}

/// Content types other than JSON are refused, which also refuses forms of other sites.
pub async fn content_types_other_than_json_are_refused(start: Start) {
    let app = App::start(start).await;
    for sample in one_of_each().filter(|sample| sample.action != "subscriptions/create") {
        for content_type in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/json",
            "nonsense",
        ] {
            let request = app.request(Method::POST, sample.action).header(SESSION_HEADER, ADA);
            let reply = Reply::to(request.header("content-type", content_type).body("{}")).await;
            assert_eq!(reply.refusal(), (415, "unsupported_media_type".into()), "{} {content_type}", sample.action);
        }
        let post = || app.request(Method::POST, sample.action).header(SESSION_HEADER, ADA);
        let unnamed = Reply::to(post().body("{}")).await;
        assert_eq!(unnamed.refusal(), (415, "unsupported_media_type".into()));
        let other_charset = post().header("content-type", "application/json; charset=latin1").body("{}");
        assert_eq!(Reply::to(other_charset).await.refusal().0, 415);
        let not_text = post().header("content-type", b"\xff\xfe".as_slice()).body("{}");
        assert_eq!(Reply::to(not_text).await.refusal().0, 415);
    }
    assert!(app.upstream.requests().await.is_empty());
}

/// JSON content types are accepted in every valid spelling.
pub async fn json_content_types_are_accepted_in_every_spelling(start: Start) {
    let app = App::start(start).await;
    script(&app.upstream).await;
    for content_type in [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;charset=\"UTF-8\"",
        "application/problem+json",
    ] {
        let request = app.request(Method::POST, "invoices/list").header(SESSION_HEADER, ADA);
        let reply = Reply::to(request.header("content-type", content_type).body("{}")).await;
        assert_eq!(reply.status, 200, "{content_type}: {reply}");
    }
}

/// A body over the limit is too large, and one of exactly the limit is not.
pub async fn a_body_over_the_limit_is_too_large(start: Start) {
    const LIMIT: usize = 1000;
    let app = App::start_with(start, |actions| actions.with_body_limit(LIMIT.try_into().unwrap())).await;
    script(&app.upstream).await;
    let of_length = |length: usize| format!("{{{}}}", " ".repeat(length - 2));
    for sample in working() {
        let too_large = app.ask(sample.action, &of_length(LIMIT + 1)).await;
        assert_eq!(too_large.refusal(), (413, "payload_too_large".into()), "{}", sample.action);
    }
    assert_eq!(app.ask("customers/billing", &of_length(LIMIT)).await.status, 200);

    let app = App::start(start).await;
    let megabyte = app.ask("customers/billing", &of_length(1024 * 1024 + 1)).await;
    assert_eq!(megabyte.refusal(), (413, "payload_too_large".into()));
}

/// Checks run in this order: route, method, session, content type, size, JSON, fields.
pub async fn checks_run_in_order(start: Start) {
    let app = App::start_with(start, |actions| actions.with_body_limit(10.try_into().unwrap())).await;
    let wrong = |method: Method, action: &str, session: Option<&str>, content_type: &str, body: &'static str| {
        let request = app.request(method, action).header("content-type", content_type).body(body);
        Reply::to(match session {
            Some(session) => request.header(SESSION_HEADER, session),
            None => request,
        })
    };
    let (anonymous, ada, long) = (None, Some(ADA), "[ too long for the limit");
    let cancel = "subscriptions/cancel";
    assert_eq!(wrong(Method::PUT, "nonsense", anonymous, "text/plain", long).await.status, 404);
    assert_eq!(wrong(Method::PUT, cancel, anonymous, "text/plain", long).await.status, 405);
    assert_eq!(wrong(Method::POST, cancel, anonymous, "text/plain", long).await.status, 401);
    assert_eq!(wrong(Method::POST, cancel, ada, "text/plain", long).await.status, 415);
    assert_eq!(wrong(Method::POST, cancel, ada, "application/json", long).await.status, 413);
    assert_eq!(wrong(Method::POST, cancel, ada, "application/json", "[]").await.refusal().1, "invalid_json");
    assert_eq!(wrong(Method::POST, cancel, ada, "application/json", "{}").await.refusal().1, "validation_error");
    assert!(app.upstream.requests().await.is_empty());
}
