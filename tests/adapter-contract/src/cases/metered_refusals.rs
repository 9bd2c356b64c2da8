//! Requests to metered routes whose handlers do not run.

use flowglad_core::usage::Outbox;
use reqwest::Method;

use crate::{
    App, Reply, SESSION_HEADER, Start,
    app::ADA,
    cases::metered_costs::{MeteredApp, assert_done},
    documents::billing,
    metered::{COUNTED, WORK_HEADER, meters, streams},
    samples::assert_recorded,
};

fn every_path() -> Vec<&'static str> {
    meters().into_iter().chain(streams()).map(|(path, _)| path).chain([COUNTED]).collect()
}

/// Callers who are not signed in get what an action sends; where the session cannot be looked up, the app answers.
pub async fn callers_who_are_not_signed_in_get_what_an_action_sends(start: Start) {
    let this = MeteredApp::start(start, 1_000).await;
    for (session, code) in [(None, "unauthorized"), (Some("no-email"), "invalid_customer")] {
        let of_an_action = this.app.ask_as(session, "customers/billing", "").await;
        assert_eq!(of_an_action.refusal(), (401, code.into()));
        for path in every_path() {
            let request = this.app.request_to(Method::POST, path).header(WORK_HEADER, "panic");
            let request = match session {
                Some(session) => request.header(SESSION_HEADER, session),
                None => request,
            };
            assert_eq!(Reply::to(request).await, of_an_action, "{path}");
        }
    }
    for (session, status) in [("down", 503), ("locked", 403)] {
        let request = this.app.request_to(Method::POST, "/metered/three").header(SESSION_HEADER, session);
        let reply = Reply::to(request).await;
        assert_eq!(reply.status, status, "{reply}");
        assert!(!String::from_utf8_lossy(&reply.body).contains("usage_unavailable"), "{reply}");
    }
    assert!(this.app.upstream.requests().await.is_empty());
}

/// A customer without a subscription has no credit; of a customer of whom nothing is known, nothing can be held.
pub async fn without_credit_or_knowledge_the_handler_does_not_run(start: Start) {
    let this = MeteredApp::start_with(start, Outbox::in_memory()).await;
    let unknown = Reply::to(this.doing("/metered/three", "panic")).await;
    assert_eq!(unknown.refusal(), (503, "entitlements_unavailable".into()), "{unknown}");
    this.app.upstream.answer("GET", "/customers/user_42/billing", billing(ADA, &[])).await;
    let refused = Reply::to(this.doing("/metered/three", "panic")).await;
    assert_eq!(refused.refusal(), (402, "insufficient_balance".into()), "{refused}");
    assert_eq!(this.flowglad.usage().stats().recorded, 0);
}

/// While the outbox is full, requests are asked to come again, and their handlers do not run.
pub async fn a_full_outbox_is_unavailable_and_the_handler_does_not_run(start: Start) {
    let outbox = Outbox::in_memory().max_events(0);
    let this = MeteredApp::start_with(start, outbox).await;
    for path in every_path().into_iter().filter(|path| *path != "/metered/free") {
        let reply = Reply::to(this.doing(path, "panic").header("x-units", "1")).await;
        assert_recorded("meter_refusal_usage_unavailable", &reply.to_string());
    }
    assert!(this.app.upstream.requests().await.is_empty());
    assert_done(this.post("/metered/free")).await;
}

/// Without an outbox a metered route is a mistake in the app's setup.
pub async fn without_an_outbox_it_is_a_mistake_of_the_app(start: Start) {
    let app = App::start(start).await;
    let request = app.request_to(Method::POST, "/metered/three").header(SESSION_HEADER, ADA);
    let reply = Reply::to(request.header(WORK_HEADER, "panic")).await;
    assert_eq!(reply.refusal(), (500, "internal_error".into()), "{reply}");
}
