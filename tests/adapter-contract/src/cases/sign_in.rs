//! A sign-in provider as the source of the customer.

use flowglad_core::{
    RequestingCustomer,
    action::Action,
    auth::{SignIn, SignedIn},
    input::CustomerDetails,
};
use serde_json::json;

use crate::{
    App, ME, Reply,
    documents::{billing, customer},
    log::Log,
    sign_in::{HeaderProvider, StartSignIn, start_app},
    upstream::not_found,
};

const BILLING: &str = "customers/billing";

async fn start_with(start: StartSignIn, sign_in: SignIn) -> App {
    start_app(start, sign_in, |handler| handler).await
}

async fn ask(app: &App, session: &str) -> Reply {
    app.ask_as(Some(session), BILLING, "").await
}

async fn knows(app: &App, id: &str) {
    app.upstream.answer("GET", &format!("/customers/{id}/billing"), billing(id, &[])).await;
}

/// The user pays, in actions and in handlers, and is identified once for each request.
pub async fn a_signed_in_user_is_the_customer(start: StartSignIn) {
    let provider = HeaderProvider::default();
    let app = start_with(start, SignIn::new(provider.clone())).await;
    knows(&app, "user_42").await;
    assert_eq!(ask(&app, "user_42").await.status, 200);
    assert_eq!(app.visit(Some("user_42@org_7"), ME).await.body, "user_42");
    assert_eq!(provider.identified(), 2);
    assert_eq!(provider.asked_for_details(), 0);
}

/// Name and email are asked for when the customer must be created.
pub async fn the_provider_says_name_and_email_of_a_new_customer(start: StartSignIn) {
    let provider = HeaderProvider::default();
    let app = start_with(start, SignIn::new(provider.clone())).await;
    app.upstream.answer_once("GET", "/customers/user_42/billing", not_found()).await;
    app.upstream.answer_once("POST", "/customers", json!({"data": {"customer": customer("user_42")}})).await;
    knows(&app, "user_42").await;
    assert_eq!(ask(&app, "user_42").await.status, 200);
    let new = json!({"customer": {"email": "ada@example.com", "name": "Ada", "externalId": "user_42"}});
    assert!(app.upstream.bodies().await.contains(&new));
    assert_eq!(provider.asked_for_details(), 1);
}

/// A caller whom the provider does not know is anonymous, and one whose id cannot be a customer's is refused.
pub async fn a_caller_who_is_not_signed_in_is_anonymous(start: StartSignIn) {
    let app = start_with(start, SignIn::new(HeaderProvider::default())).await;
    assert_eq!(app.ask_as(None, BILLING, "").await.refusal(), (401, "unauthorized".into()));
    assert_eq!(app.visit(None, ME).await.refusal(), (401, "unauthorized".into()));
    assert_eq!(ask(&app, "a/b").await.refusal(), (401, "invalid_customer".into()));
    assert!(app.upstream.requests().await.is_empty());
}

/// A provider that gives no answer signs no user out: a 503 that says when to come back, in actions and in handlers.
pub async fn a_provider_that_is_down_is_unavailable(start: StartSignIn) {
    let log = Log::start();
    let app = start_with(start, SignIn::new(HeaderProvider::default())).await;
    for reply in [ask(&app, "down").await, app.visit(Some("down"), ME).await] {
        assert_eq!(reply.refusal(), (503, "sign_in_unavailable".into()));
        assert!(reply.headers.contains(&("retry-after", "5".into())), "{reply}");
        assert!(!reply.json().to_string().contains("key server"), "{reply}");
    }
    let lines = log.text();
    let outage = lines.matches("sign-in is unavailable: the key server gives no answer").count();
    assert_eq!(outage, 1, "{lines}");
    assert_eq!(ask(&app, "panic").await.refusal(), (500, "internal_error".into()));
    assert!(app.upstream.requests().await.is_empty());
}

/// Where organizations pay, the customer is the active one, and a user without one is refused.
pub async fn an_organization_is_the_customer_of_its_members(start: StartSignIn) {
    let provider = HeaderProvider::default();
    let app = start_with(start, SignIn::new(provider).organizations()).await;
    knows(&app, "org_7").await;
    assert_eq!(ask(&app, "ada@org_7").await.status, 200);
    assert_eq!(app.visit(Some("owner@org_7"), ME).await.body, "org_7");
    app.upstream.reset().await;
    for reply in [ask(&app, "ada").await, app.visit(Some("ada"), ME).await] {
        assert_eq!(reply.refusal(), (403, "no_organization".into()));
    }
    assert!(app.upstream.requests().await.is_empty());
}

/// The app finds the details of a new organization itself.
pub async fn the_app_says_name_and_email_of_a_new_organization(start: StartSignIn) {
    let sign_in = SignIn::new(HeaderProvider::default()).organizations().details(async |who: SignedIn| {
        let id = who.organization.map(|organization| organization.id).ok_or("no organization")?;
        Ok::<_, &str>(CustomerDetails::new(format!("Organization {id}"), "billing@acme.example"))
    });
    let app = start_with(start, sign_in).await;
    app.upstream.answer_once("GET", "/customers/org_7/billing", not_found()).await;
    app.upstream.answer_once("POST", "/customers", json!({"data": {"customer": customer("org_7")}})).await;
    knows(&app, "org_7").await;
    assert_eq!(ask(&app, "ada@org_7").await.status, 200);
    let new =
        json!({"customer": {"email": "billing@acme.example", "name": "Organization org_7", "externalId": "org_7"}});
    assert!(app.upstream.bodies().await.contains(&new));
}

/// `authorize` sees who acts for the organization.
pub async fn the_app_authorizes_by_the_role_in_the_organization(start: StartSignIn) {
    let sign_in = SignIn::new(HeaderProvider::default()).organizations();
    let app = start_app(start, sign_in, |handler| {
        handler.authorize(async |action: Action, customer: RequestingCustomer| {
            let organization = customer.user::<SignedIn>().and_then(|user| user.organization.as_ref());
            let role = organization.and_then(|organization| organization.role.as_deref());
            action.is_read() || role == Some("owner")
        })
    })
    .await;
    knows(&app, "org_7").await;
    app.upstream.answer("PUT", "/customers/org_7", json!({"customer": customer("org_7")})).await;
    let change = r#"{"customer":{"name":"Acme Ltd"}}"#;
    assert_eq!(ask(&app, "ada@org_7").await.status, 200);
    let member = app.ask_as(Some("ada@org_7"), "customers/update", change).await;
    assert_eq!(member.refusal(), (403, "forbidden".into()));
    assert_eq!(app.ask_as(Some("owner@org_7"), "customers/update", change).await.status, 200);
}
