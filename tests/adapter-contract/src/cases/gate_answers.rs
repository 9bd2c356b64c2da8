//! What a gate answers: who passes, and the bytes of every refusal.

use flowglad_core::action::RequestHandler;
use reqwest::Method;
use wiremock::ResponseTemplate;

use crate::{
    App, Reply, SESSION_HEADER, Start,
    app::ADA,
    documents::{entitled, free, past_due},
    gated::{self, BILLING, ENTITLED, EVERYTHING, IN_HANDLER, NESTED, OWN_ANSWER, gates},
    log::Log,
    samples::assert_recorded,
    upstream::{hanging_up, refusal},
};

const DOCUMENT: &str = "/customers/user_42/billing";

/// The routes whose handlers take no customer without a gate or an extractor that refuses.
fn every_path() -> Vec<&'static str> {
    let gated = gates().into_iter().map(|(path, _)| path);
    gated.chain([EVERYTHING, ENTITLED, BILLING, NESTED]).collect()
}

fn is_page(path: &str) -> bool {
    path.ends_with("page")
}

/// Customers who fulfil the requirement reach the handler, by GET and POST, with one read for each request.
pub async fn every_requirement_lets_entitled_customers_pass(start: Start) {
    let app = App::start(start).await;
    app.upstream.answer("GET", DOCUMENT, entitled(ADA)).await;
    let mut requests = 0;
    for (path, _) in gates() {
        for method in [Method::GET, Method::POST] {
            let reply = Reply::to(app.request_to(method, path).header(SESSION_HEADER, ADA)).await;
            assert_eq!((reply.status, &*reply.body), (200, ADA.as_bytes()), "{path}: {reply}");
            requests += 1;
        }
    }
    for path in [EVERYTHING, ENTITLED, OWN_ANSWER, BILLING] {
        let reply = app.visit(Some(ADA), path).await;
        assert_eq!((reply.status, &*reply.body), (200, &b"user_42 live"[..]), "{path}: {reply}");
        requests += 1;
    }
    assert_eq!(app.visit(Some(ADA), NESTED).await.status, 200);
    let seen = app.upstream.requests().await;
    // Each of the nested gates reads without a cache.
    assert!(seen.iter().all(|request| *request == format!("GET {DOCUMENT}")), "{seen:?}");
    assert!((requests + 1..=requests + 2).contains(&seen.len()), "{} reads for {requests} requests", seen.len());
}

/// The refusal of every requirement is as recorded, byte for byte on every adapter.
pub async fn every_requirement_refuses_in_its_own_words(start: Start) {
    let app = App::start(start).await;
    app.upstream.answer("GET", DOCUMENT, free(ADA)).await;
    for path in every_path().into_iter().chain([IN_HANDLER]).filter(|path| *path != BILLING && !is_page(path)) {
        let reply = app.visit(Some(ADA), path).await;
        assert!((402..=403).contains(&reply.refusal().0), "{path}: {reply}");
        assert_recorded(&format!("gate_refusal_{}", path.rsplit('/').next().unwrap()), &reply.to_string());
    }
    let reply = app.visit(Some(ADA), OWN_ANSWER).await;
    assert_eq!((reply.status, &*reply.body), (200, gated::own_answer(403, Some("feature_required")).as_bytes()));
    assert_eq!(app.visit(Some(ADA), BILLING).await.status, 200);
}

/// The handler's default of `upgradeUrl` is in every refusal; that of a gate wins.
pub async fn the_upgrade_url_is_that_of_the_gate_or_of_the_app(start: Start) {
    let app = App::start_with(start, |handler| handler.upgrade_url("/plans")).await;
    app.upstream.answer("GET", DOCUMENT, free(ADA)).await;
    for (path, url) in [("/gates/feature", "/plans"), (ENTITLED, "/plans"), ("/gates/upgrade", "/pricing")] {
        let reply = app.visit(Some(ADA), path).await;
        assert_eq!(reply.json()["error"]["json"]["upgradeUrl"], url, "{path}: {reply}");
    }
}

/// Anonymous callers get from a gate what an action sends, and nothing is asked of Flowglad.
pub async fn anonymous_callers_of_a_gate_get_what_an_action_sends(start: Start) {
    let app = App::start(start).await;
    for (session, code) in [(None, "unauthorized"), (Some("no-email"), "invalid_customer")] {
        let of_an_action = app.ask_as(session, "customers/billing", "").await;
        assert_eq!(of_an_action.refusal(), (401, code.into()), "{session:?}");
        for path in every_path().into_iter().filter(|path| !is_page(path)) {
            assert_eq!(app.visit(session, path).await, of_an_action, "{path} {session:?}");
        }
        let own = app.visit(session, OWN_ANSWER).await;
        assert_eq!((own.status, &*own.body), (200, gated::own_answer(401, Some(code)).as_bytes()));
    }
    assert!(app.upstream.requests().await.is_empty());
}

/// If the session store is down, or the app's extractor refuses for itself, its own answer is returned by every gate and
/// every extractor, and nothing is asked of Flowglad.
pub async fn the_apps_own_refusal_is_returned_by_gates_and_extractors(start: Start) {
    let app = App::start(start).await;
    for (session, status) in [("down", 503), ("locked", 403)] {
        for path in every_path() {
            let reply = app.visit(Some(session), path).await;
            assert_eq!(reply.status, status, "{path}: {reply}");
            assert!(!String::from_utf8_lossy(&reply.body).contains("entitlements_unavailable"), "{path}: {reply}");
        }
    }
    assert!(app.upstream.requests().await.is_empty());
}

/// If nothing is known and Flowglad cannot be read, the request is refused for now, with a time to come back.
pub async fn without_knowledge_a_gate_is_unavailable(start: Start) {
    let broken = [
        ("a failure", ResponseTemplate::new(500)),
        ("a limit", refusal(429, "RATE_LIMITED", "Too many requests").insert_header("retry-after", "7")),
        ("nonsense", ResponseTemplate::new(200).set_body_string("<html>")),
    ];
    for (name, answer) in broken {
        let app = App::start_made(start, |url| RequestHandler::new(gated::builder(url).build().unwrap())).await;
        app.upstream.answer("GET", DOCUMENT, answer).await;
        for path in every_path().into_iter().filter(|path| !path.ends_with("open")) {
            let reply = app.visit(Some(ADA), path).await;
            assert_eq!(reply.refusal(), (503, "entitlements_unavailable".into()), "{name}, {path}: {reply}");
        }
        let reply = app.visit(Some(ADA), "/gates/feature").await;
        assert_recorded(&format!("gate_unavailable_after_{}", name.replace(' ', "_")), &reply.to_string());
        let own = app.visit(Some(ADA), OWN_ANSWER).await;
        assert_eq!(
            (own.status, &*own.body),
            (200, gated::own_answer(503, Some("entitlements_unavailable")).as_bytes())
        );
    }
    let handler = RequestHandler::new(gated::builder(&hanging_up().await).build().unwrap());
    let app = App::start_handler(start, handler).await;
    let reply = app.visit(Some(ADA), "/gates/feature").await;
    assert_eq!(reply.refusal(), (503, "entitlements_unavailable".into()));
}

/// A gate that allows what it does not know lets the request pass, and logs and counts it.
pub async fn a_gate_that_allows_the_unknown_passes_and_is_logged(start: Start) {
    let mut log = Log::start();
    let flowglad = gated::builder(&hanging_up().await).build().unwrap();
    let app = App::start_before(start, flowglad.clone()).await;
    let reply = app.visit(Some(ADA), "/gates/open").await;
    assert_eq!((reply.status, &*reply.body), (200, ADA.as_bytes()), "{reply}");
    let line = log.line_with(&["gate_open_without_billing"]).await;
    assert!(!line.contains(ADA), "{line}");
    let gates = flowglad.snapshot().gates;
    assert_eq!((gates.open_without_billing, gates.unavailable), (1, 0));
    assert_eq!(app.visit(None, "/gates/open").await.refusal().0, 401);
}

/// A customer whose payment failed passes by default, and not where only paid-up customers count.
pub async fn past_due_customers_pass_unless_the_gate_or_the_app_is_stricter(start: Start) {
    let app = App::start(start).await;
    app.upstream.answer("GET", DOCUMENT, past_due(ADA)).await;
    assert_eq!(app.visit(Some(ADA), "/gates/feature").await.status, 200);
    assert_eq!(app.visit(Some(ADA), ENTITLED).await.status, 200);
    let refused = app.visit(Some(ADA), "/gates/strict").await;
    assert_recorded("gate_refusal_past_due", &refused.to_string());

    let app = App::start_with(start, |handler| handler.standing(flowglad_core::billing::Standing::paid_up())).await;
    app.upstream.answer("GET", DOCUMENT, past_due(ADA)).await;
    for path in ["/gates/feature", "/gates/strict", EVERYTHING, ENTITLED] {
        assert_eq!(app.visit(Some(ADA), path).await, refused, "{path}");
    }
    assert!(app.ask("features/access", "{}").await.status == 200, "actions keep their meaning");
}

/// Gates count what they decide, without a customer.
pub async fn decisions_are_counted(start: Start) {
    let upstream = crate::Upstream::start().await;
    let flowglad = gated::builder(&upstream.base_url()).build().unwrap();
    let app = App::start_before(start, flowglad.clone()).await;
    app.visit(Some(ADA), "/gates/feature").await;
    upstream.answer("GET", DOCUMENT, free(ADA)).await;
    app.visit(Some(ADA), "/gates/feature").await;
    upstream.reset().await;
    upstream.answer("GET", DOCUMENT, entitled(ADA)).await;
    app.visit(Some(ADA), "/gates/feature").await;
    app.visit(Some(ADA), EVERYTHING).await;
    let gates = flowglad.snapshot().gates;
    assert_eq!((gates.unavailable, gates.refused), (1, 1));
    assert!(gates.allowed >= 2, "{gates:?}");
}
