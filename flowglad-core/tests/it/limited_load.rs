//! The load that a client puts on a failing API: the retry budget, the limit of requests in flight, and keys whose rate
//! is limited.

use std::{
    fmt::Write as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use flowglad_core::{Advice, Error, SideEffect};
use futures_util::future::join_all;
use tokio::net::TcpListener;
use tracing::{Event, Level, Metadata, Subscriber, span};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers};

use crate::{KEY, act, ada, answer, builder, client, documents::billing, error_of, json, on, parsed, seen};

const BILLING: &str = "/customers/user_42/billing";

async fn fail_all(server: &MockServer) {
    Mock::given(matchers::any()).respond_with(ResponseTemplate::new(503)).mount(server).await;
}

#[tokio::test]
async fn a_lasting_outage_is_not_multiplied_by_the_retries_of_a_client_and_its_clones() {
    let server = MockServer::start().await;
    fail_all(&server).await;
    let flowglad = client(&server);
    for _ in 0..1000 {
        flowglad.clone().default_pricing_model().await.unwrap_err();
    }
    let whole = seen(&server).await.len();
    assert!(whole <= 1200, "{whole} requests for 1000 calls");
    for _ in 0..100 {
        flowglad.with_timeout(Duration::from_secs(9)).default_pricing_model().await.unwrap_err();
    }
    assert_eq!(seen(&server).await.len() - whole, 100, "the budget is used up");
}

/// Fails every second request.
struct Flapping(AtomicUsize);

impl Respond for Flapping {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let fails = self.0.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
        if fails { ResponseTemplate::new(503) } else { json(billing("user_42", &[])) }
    }
}

#[tokio::test]
async fn failures_between_successes_add_at_most_a_fifth_to_the_load() {
    let server = MockServer::start().await;
    on("GET", BILLING).respond_with(Flapping(AtomicUsize::new(0))).mount(&server).await;
    let flowglad = client(&server);
    for _ in 0..1000 {
        let _ = flowglad.customer(&ada()).billing_json().await;
    }
    let whole = seen(&server).await.len();
    assert!(whole <= 1200, "{whole} requests for 1000 calls");
}

/// A server that accepts connections and never answers. Counts them.
async fn silent_server() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            open.push(connection);
        }
    });
    (base_url, count)
}

#[tokio::test]
async fn a_silent_api_takes_no_more_connections_than_allowed_and_further_calls_are_refused_as_busy() {
    let (base_url, connections) = silent_server().await;
    let flowglad = builder(&base_url).max_in_flight(2).attempt_timeout(Duration::MAX).timeout(Duration::MAX);
    let flowglad = flowglad.build().unwrap();
    let stuck = [flowglad.clone(), flowglad.clone()]
        .map(|flowglad| tokio::spawn(async move { flowglad.default_pricing_model().await.map(drop) }));
    while connections.load(Ordering::SeqCst) < 2 {
        tokio::task::yield_now().await;
    }
    let hurried = flowglad.with_timeout(Duration::from_millis(50));
    let waiting = join_all((0..20).map(|_| hurried.default_pricing_model())).await;
    for refused in waiting {
        let error = refused.unwrap_err();
        assert!(matches!(error, Error::Busy { .. }), "{error:?}");
        assert_eq!((error.advice(), error.side_effect()), (Advice::Retry, SideEffect::None));
    }
    let answer = act(&hurried, "customers/billing", "").await;
    assert_eq!(error_of(&answer), (503, "flowglad_busy".into()));
    assert_eq!(answer.headers.last().unwrap(), &("retry-after", "1".to_owned()));
    assert_eq!(connections.load(Ordering::SeqCst), 2);
    for call in stuck {
        call.abort();
    }
}

#[tokio::test]
async fn a_place_is_free_again_after_a_response_a_failure_and_a_call_that_was_given_up() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    let (silent, connections) = silent_server().await;
    let flowglad = builder(&server.uri()).max_in_flight(1).build().unwrap();
    for _ in 0..3 {
        flowglad.default_pricing_model().await.unwrap_err();
        flowglad.customer(&ada()).billing_json().await.unwrap();
    }
    let flowglad = builder(&silent).max_in_flight(1).build().unwrap();
    let begun = flowglad.clone();
    let call = tokio::spawn(async move { begun.default_pricing_model().await.map(drop) });
    while connections.load(Ordering::SeqCst) < 1 {
        tokio::task::yield_now().await;
    }
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    let error = flowglad.with_timeout(Duration::from_millis(50)).default_pricing_model().await.unwrap_err();
    assert!(matches!(error, Error::Transport { timed_out: true, .. }), "{error:?}");
}

/// The API's answer to a key that is unknown, or whose rate is limited.
fn key_refused() -> ResponseTemplate {
    ResponseTemplate::new(401).set_body_string("API key invalid. Please check that you are providing a valid API key.")
}

#[tokio::test]
async fn a_401_after_the_key_has_worked_is_a_rate_limit_and_is_retried_where_that_is_harmless() {
    let server = MockServer::start().await;
    on("GET", BILLING).respond_with(json(billing("user_42", &[]))).up_to_n_times(1).mount(&server).await;
    on("GET", BILLING).respond_with(key_refused()).up_to_n_times(2).mount(&server).await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    answer(&server, "POST", "/checkout-sessions", key_refused()).await;
    let flowglad = client(&server);
    flowglad.customer(&ada()).billing().await.unwrap();
    flowglad.customer(&ada()).billing().await.unwrap();
    assert_eq!(seen(&server).await.len(), 4);

    let body = r#"{"priceId":"price_pro","successUrl":"https://a.example/ok","cancelUrl":"https://a.example/no"}"#;
    let limited = act(&flowglad, "checkout-sessions/create", body).await;
    assert_eq!(error_of(&limited), (429, "rate_limited".into()));
    assert_eq!(limited.headers.last().unwrap(), &("retry-after", "1".to_owned()));
    assert_eq!(seen(&server).await.len(), 5, "a checkout is not sent again");
}

#[tokio::test]
async fn a_key_that_never_worked_is_refused_once_and_reported_as_such() {
    let server = MockServer::start().await;
    answer(&server, "GET", BILLING, key_refused()).await;
    let flowglad = client(&server);
    let error = flowglad.customer(&ada()).billing().await.unwrap_err();
    assert_eq!((error.advice(), error.is_rate_limited()), (Advice::GiveUp, false));
    assert_eq!(error_of(&act(&flowglad, "customers/billing", "").await), (500, "flowglad_credentials".into()));
    assert_eq!(seen(&server).await.len(), 2);
}

/// Keeps the messages of warnings and errors.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("flowglad_core") && *metadata.level() <= Level::WARN
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = String::new();
        event.record(&mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
            let _ = write!(line, "{field}={value:?} ");
        });
        self.0.lock().unwrap().push(line);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn a_rate_limit_is_logged_once_until_the_key_works_again() {
    let log = Log::default();
    let _kept = tracing::subscriber::set_default(log.clone());
    let server = MockServer::start().await;
    let flowglad = client(&server);
    for _ in 0..2 {
        on("GET", BILLING).respond_with(json(billing("user_42", &[]))).up_to_n_times(1).mount(&server).await;
        act(&flowglad, "customers/billing", "").await;
        on("GET", BILLING).respond_with(key_refused()).up_to_n_times(15).mount(&server).await;
        for _ in 0..5 {
            assert_eq!(act(&flowglad, "customers/billing", "").await.status, 429);
        }
    }
    let mut lines = log.0.lock().unwrap().clone();
    lines.retain(|line| !line.contains("billing_reads_fail"));
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines.iter().all(|line| line.contains("its rate is limited, or it was revoked")), "{lines:#?}");
}

#[tokio::test]
async fn nothing_from_elsewhere_can_forge_a_log_line_or_show_the_key() {
    let log = Log::default();
    let _kept = tracing::subscriber::set_default(log.clone());
    let server = MockServer::start().await;
    let hostile =
        ResponseTemplate::new(500).insert_header("x-should-retry", "false").set_body_json(serde_json::json!({
            "error": format!("you sent {KEY}\nERROR forged"), "code": format!("A\n{KEY}\u{202e}"),
            "request_id": format!("id\r\nERROR forged {KEY}{}", "x".repeat(5000)),
        }));
    answer(
        &server,
        "GET",
        "/pricing-models/default",
        ResponseTemplate::new(200).set_body_string(r#"{"pricingModel":{"#),
    )
    .await;
    on("GET", BILLING).respond_with(hostile).up_to_n_times(1).mount(&server).await;
    answer(&server, "GET", BILLING, json(billing("user_42", &[]))).await;
    let flowglad = client(&server);
    let refused = act(&flowglad, "customers/billing", "").await;
    let body = parsed(&refused);
    let error = flowglad.default_pricing_model().await.unwrap_err();
    let forging = r#"{"priceSlug":"gold\n2026-11-26 ERROR forged","successUrl":"https://a.example/ok","cancelUrl":"https://a.example/no"}"#;
    act(&flowglad, "checkout-sessions/create", forging).await;

    let missing = flowglad_core::api::PriceRef::Slug("gold\nERROR forged".into());
    let home = || "https://app.example.com/".parse().unwrap();
    let options = flowglad_core::api::CheckoutOptions::new(home(), home());
    let checkout = flowglad_core::api::ProductCheckout::new(missing, options);
    let unknown = flowglad.customer(&ada()).create_checkout_session(&checkout).await.unwrap_err();

    let shown = [body.to_string(), format!("{error} {}", error.report()), format!("{unknown} {}", unknown.report())];
    let lines = log.0.lock().unwrap().clone();
    for text in shown.iter().chain(&lines) {
        assert!(!text.contains(KEY), "{text}");
        assert!(!text.contains(char::is_control), "{text:?}");
    }
    assert!(body["error"]["json"]["requestId"].as_str().unwrap().len() <= 100);
}
