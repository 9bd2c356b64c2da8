//! The ways to Flowglad's own pages, and back from them.

use reqwest::Method;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::{
    App, Reply, SESSION_HEADER, Start,
    app::ADA,
    cases::gate_freshness::app_with_cache,
    documents::{entitled, free},
    gated::{PORTAL, RETURNED},
    samples::HOSTED_CHECKOUT,
    upstream::text,
};

const DOCUMENT: &str = "/customers/user_42/billing";
const SESSION: &str = "/checkout-sessions/chckt_session_1";

fn session(customer: &str, status: &str) -> Value {
    let session = json!({
        "id": "chckt_session_1", "type": "product", "status": status, "customerId": format!("cust_{customer}"),
        "successUrl": "https://a.example/ok", "cancelUrl": "https://a.example/no", "livemode": false,
    });
    json!({"checkoutSession": session, "url": "https://pay.example"})
}

async fn state(app: &App, query: &str) -> String {
    let reply = app.visit(Some(ADA), &format!("{RETURNED}{query}")).await;
    assert_eq!(reply.status, 200, "{reply}");
    String::from_utf8(reply.body.to_vec()).unwrap()
}

/// The page to which a browser comes back says what became of the checkout that was opened through the app, or that the
/// URL names. It is shown whatever Flowglad answers.
pub async fn the_page_after_a_checkout_says_what_became_of_it(start: Start) {
    let app = App::start(start).await;
    app.upstream.answer("GET", DOCUMENT, entitled(ADA)).await;
    assert_eq!(state(&app, "").await, "unknown", "no checkout was opened");
    for (status, expected) in [("succeeded", "paid"), ("pending", "pending"), ("open", "open"), ("failed", "failed")] {
        app.upstream.reset().await;
        app.upstream.answer("GET", DOCUMENT, entitled(ADA)).await;
        app.upstream.answer("GET", SESSION, session(ADA, status)).await;
        assert_eq!(state(&app, "?a=1&checkout_session=chckt_session_1").await, expected);
        assert_eq!(app.upstream.requests().await.len(), 2, "each is read once");
    }
    app.upstream.answer("POST", "/checkout-sessions", text(HOSTED_CHECKOUT)).await;
    let opening = r#"{"priceId":"price_pro","successUrl":"https://a.example/ok","cancelUrl":"https://a.example/no"}"#;
    assert_eq!(app.ask("checkout-sessions/create", opening).await.status, 200);
    assert_eq!(state(&app, "").await, "failed", "the checkout that was opened last");

    app.upstream.reset().await;
    app.upstream.answer_all(ResponseTemplate::new(404)).await;
    assert_eq!(state(&app, "").await, "unknown");
}

/// The checkout of another customer is not shown, and the page needs a session.
pub async fn the_checkout_of_another_customer_is_not_shown(start: Start) {
    let app = App::start(start).await;
    app.upstream.answer("GET", DOCUMENT, entitled(ADA)).await;
    app.upstream.answer("GET", SESSION, session("bob", "succeeded")).await;
    for query in ["?checkout_session=chckt_session_1", "?checkout_session=..%2F..%2Fcustomers", "?checkout_session="] {
        assert_eq!(state(&app, query).await, "unknown", "{query}");
    }
    let asked = app.upstream.requests().await;
    assert!(asked.iter().all(|request| request.ends_with(DOCUMENT) || request.ends_with(SESSION)), "{asked:?}");
    let anonymous = app.visit(None, RETURNED).await;
    assert_eq!(anonymous, app.ask_as(None, "customers/billing", "").await);
}

/// A customer who was refused and comes back from a checkout passes at once.
pub async fn who_comes_back_from_a_checkout_passes_at_once(start: Start) {
    let (app, _clock) = app_with_cache(start).await;
    app.upstream.answer("GET", DOCUMENT, free(ADA)).await;
    assert_eq!(app.visit(Some(ADA), "/gates/feature").await.status, 403);
    app.upstream.reset().await;
    app.upstream.answer("GET", DOCUMENT, entitled(ADA)).await;
    app.upstream.answer("GET", SESSION, session(ADA, "succeeded")).await;
    assert_eq!(state(&app, "?checkout_session=chckt_session_1").await, "paid");
    assert_eq!(app.visit(Some(ADA), "/gates/feature").await.status, 200);
}

/// The portal redirects to the page that the billing document names, if that is a web page.
pub async fn the_portal_redirects_to_flowglads_page(start: Start) {
    let app = App::start(start).await;
    app.upstream.answer("GET", DOCUMENT, entitled(ADA)).await;
    let reply = app.visit(Some(ADA), PORTAL).await;
    let location = ("location", "https://app.flowglad.com/billing-portal/org_1".to_owned());
    assert!(reply.status == 303 && reply.headers.contains(&location), "{reply}");
    assert_eq!(app.upstream.requests().await.len(), 1);

    for page in [json!(null), json!(""), json!("javascript:alert(1)"), json!("/billing"), json!("//evil.example")] {
        let mut document = entitled(ADA);
        document["billingPortalUrl"] = page.clone();
        app.upstream.reset().await;
        app.upstream.answer("GET", DOCUMENT, document).await;
        let reply = app.visit(Some(ADA), PORTAL).await;
        assert_eq!(reply.refusal(), (404, "no_billing_portal".into()), "{page}");
    }
}

/// Who is not signed in, or whose billing cannot be read, gets from the portal what an action sends.
pub async fn the_portal_refuses_like_an_action(start: Start) {
    let app = App::start(start).await;
    for session in [None, Some("no-email")] {
        let reply = app.visit(session, PORTAL).await;
        assert_eq!(reply, app.ask_as(session, "customers/billing", "").await, "{session:?}");
    }
    assert_eq!(app.visit(Some("down"), PORTAL).await.status, 503);
    assert!(app.upstream.requests().await.is_empty());
    app.upstream.answer_all(ResponseTemplate::new(404)).await;
    let reply = app.visit(Some(ADA), PORTAL).await;
    assert_eq!(reply, app.ask("customers/billing", "").await);
    let posted = Reply::to(app.request_to(Method::POST, PORTAL).header(SESSION_HEADER, ADA)).await;
    assert_ne!(posted.status, 303, "a portal is a page");
}
