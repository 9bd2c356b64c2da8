//! Failures of Flowglad.

use std::{fmt::Write as _, time::Duration};

use flowglad_core::Flowglad;
use futures_util::future::join_all;
use wiremock::ResponseTemplate;

use crate::{
    App, Start,
    samples::{assert_recorded, one_of_each, working},
    upstream::{hanging_up, refusal, text},
};

const SECRET_PAGE: &str = "<html><body><h1>Bad gateway</h1>internal host 10.0.0.7</body></html>";

fn failures() -> Vec<(&'static str, ResponseTemplate)> {
    let html = |status| ResponseTemplate::new(status).set_body_raw(SECRET_PAGE, "text/html");
    let plain = |status, text: &str| ResponseTemplate::new(status).set_body_string(text);
    vec![
        ("400", refusal(400, "BAD_REQUEST", "No available capacity.")),
        ("400 html", html(400)),
        ("401 plain text", plain(401, "API key invalid.")),
        ("403", refusal(403, "FORBIDDEN", "Not yours")),
        ("404 plain text", plain(404, "Not Found")),
        ("405", ResponseTemplate::new(405)),
        ("408", refusal(408, "TIMEOUT", "Billing run did not finish")),
        ("409", refusal(409, "CONFLICT", "Already exists")),
        ("422", refusal(422, "UNPROCESSABLE_CONTENT", "Cannot be")),
        ("429", ResponseTemplate::new(429).insert_header("retry-after", "3600")),
        ("500", refusal(500, "INTERNAL_SERVER_ERROR", "Unwrap called on Err: ValidationError: Invalid priceId")),
        ("500 empty", ResponseTemplate::new(500)),
        ("502 html", html(502)),
        ("503", ResponseTemplate::new(503)),
        ("302", ResponseTemplate::new(302).insert_header("location", "https://evil.example")),
        ("200 html", html(200)),
        ("200 empty", text("")),
        ("200 null", text("null")),
        ("200 wrong types", text(r#"{"customer":7,"subscription":[],"pricingModel":"x"}"#)),
    ]
}

/// Every action maps every failure of Flowglad as recorded.
pub async fn every_action_maps_every_failure_as_recorded(start: Start) {
    let mut record = String::new();
    for sample in working() {
        // The retries of one client are limited.
        let app = App::start(start).await;
        let _ = writeln!(record, "{}", sample.action);
        for (name, failure) in failures() {
            app.upstream.reset().await;
            app.upstream.answer_all(failure).await;
            let reply = app.ask(sample.action, sample.body).await;
            let (status, code) = reply.refusal();
            let requests = app.upstream.requests().await.len();
            let shown = reply.json()["error"]["message"].as_str().unwrap().to_owned();
            let headers: String = reply.headers[1..]
                .iter()
                .map(|(name, value)| format!(" [{name}: {value}]"))
                .collect::<Vec<_>>()
                .concat();
            let _ = writeln!(record, "    {name} x{requests} => {status} {code}{headers}: {shown}");
        }
    }
    assert_recorded("upstream_failures", &record);
}

/// If the API does not respond, every action returns a timeout, and no change is retried.
pub async fn a_silent_api_is_a_timeout(start: Start) {
    let upstream = crate::Upstream::start().await;
    upstream.answer_all(ResponseTemplate::new(200).set_delay(Duration::from_secs(600))).await;
    let limit = Duration::from_secs(2);
    let builder = Flowglad::builder().api_key("sk_test_silent").base_url(upstream.base_url());
    let app = App::start_before(start, builder.timeout(limit).build().unwrap()).await;
    let replies = join_all(working().map(async |sample| (sample, app.ask(sample.action, sample.body).await))).await;
    for (sample, reply) in replies {
        assert_eq!(reply.refusal(), (504, "flowglad_timeout".into()), "{}", sample.action);
    }
    let requests = upstream.requests().await;
    let changes = requests.iter().filter(|request| !request.starts_with("GET")).count();
    // The actions whose first request is the change: one update, and the two checkouts without a check before them.
    assert_eq!(changes, 3, "{requests:?}");
}

/// If the API closes the connection, it is unavailable, and no change is retried.
pub async fn a_cut_connection_is_unavailable_and_no_change_is_retried(start: Start) {
    let app = App::start_before(start, crate::app::client(&hanging_up().await)).await;
    for sample in working() {
        let reply = app.ask(sample.action, sample.body).await;
        assert_eq!(reply.refusal(), (502, "flowglad_unavailable".into()), "{}", sample.action);
    }
}

/// Pages of a proxy and texts of a runtime never reach the browser.
pub async fn no_page_of_a_proxy_reaches_the_browser(start: Start) {
    let app = App::start(start).await;
    for sample in one_of_each() {
        for status in [200, 400, 401, 404, 500, 502] {
            app.upstream.reset().await;
            app.upstream.answer_all(ResponseTemplate::new(status).set_body_raw(SECRET_PAGE, "text/html")).await;
            let reply = app.ask(sample.action, sample.body).await;
            let shown = String::from_utf8_lossy(&reply.body).into_owned();
            for secret in ["<h1>", "10.0.0.7", "127.0.0.1", "expected value", "sk_test"] {
                assert!(!shown.contains(secret), "{} {status}: {shown}", sample.action);
            }
        }
    }
}
