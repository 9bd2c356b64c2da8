//! The app's own settings.

use std::sync::Arc;

use flowglad_core::{RequestingCustomer, action::Action};
use reqwest::Method;
use tokio::sync::RwLock;

use crate::{
    App, Reply, Start,
    samples::{script, working},
};

/// Switched-off actions are unknown actions, for every method.
pub async fn switched_off_actions_look_unknown(start: Start) {
    let off = [Action::UsageEventsCreate, Action::SubscriptionsCancel];
    let app = App::start_with(start, |actions| actions.without(off)).await;
    script(&app.upstream).await;
    let unknown = app.ask("nonsense", "{}").await;
    for sample in working() {
        let reply = app.ask(sample.action, sample.body).await;
        if off.iter().any(|action| action.key() == sample.action) {
            assert_eq!(reply, unknown, "{}", sample.action);
            assert_eq!(Reply::to(app.request(Method::GET, sample.action)).await, unknown, "{}", sample.action);
        } else {
            assert_eq!(reply.status, 200, "{}", sample.action);
        }
    }

    let app = App::start_with(start, |actions| actions.only([Action::CustomersBilling])).await;
    script(&app.upstream).await;
    assert_eq!(app.ask("customers/billing", "").await.status, 200);
    assert_eq!(app.ask("invoices/list", "").await, unknown);
}

/// The app's `authorize` function decides; it runs after the session lookup and before the body is read.
pub async fn the_app_decides_who_may_run_which_action(start: Start) {
    let may =
        async |action: Action, customer: RequestingCustomer| action.is_read() || customer.external_id() == "owner";
    let app = App::start_with(start, |actions| actions.authorize(may)).await;
    script(&app.upstream).await;
    for sample in working() {
        let action = Action::ALL.iter().find(|action| action.key() == sample.action).unwrap();
        let reply = app.ask(sample.action, sample.body).await;
        if action.is_read() {
            assert_eq!(reply.status, 200, "{action}");
        } else {
            assert_eq!(reply.refusal(), (403, "forbidden".into()), "{action}");
            assert_eq!(app.ask(sample.action, "not json").await.refusal().0, 403, "{action}");
            assert_eq!(app.ask_as(None, sample.action, sample.body).await.refusal().0, 401, "{action}");
        }
    }
    assert!(app.upstream.requests().await.iter().all(|request| request.starts_with("GET")));
    assert_eq!(app.ask_as(None, "pricing-models/retrieve", "").await.status, 200);
    let of_the_owner = app.ask_as(Some("owner"), "subscriptions/cancel", "{}").await;
    assert_eq!(of_the_owner.refusal(), (400, "validation_error".into()));
}

/// The `authorize` function may be an `async move` closure with what it needs, such as a pool.
pub async fn the_authorize_function_may_capture(start: Start) {
    let pool = Arc::new(RwLock::new(vec![Action::CustomersBilling]));
    let roles = Arc::clone(&pool);
    let may = async move |action: Action, _: RequestingCustomer| roles.read().await.contains(&action);
    let app = App::start_with(start, |actions| actions.authorize(may)).await;
    script(&app.upstream).await;
    for _ in 0..2 {
        assert_eq!(app.ask("customers/billing", "").await.status, 200);
        assert_eq!(app.ask("invoices/list", "").await.refusal(), (403, "forbidden".into()));
    }
    pool.write().await.push(Action::InvoicesList);
    assert_eq!(app.ask("invoices/list", "").await.status, 200);
}

/// If the `authorize` function fails or panics, the response is a 500 without the error's text.
pub async fn a_failed_authorization_is_a_500_without_its_text(start: Start) {
    let ask = async |action: Action, _: RequestingCustomer| match action {
        Action::CustomersBilling => Err("the role table is gone"),
        Action::InvoicesList => panic!("the app's own code panics, as this test wants it to"),
        _ => Ok(true),
    };
    let app = App::start_with(start, |actions| actions.authorize(ask)).await;
    script(&app.upstream).await;
    for action in ["customers/billing", "invoices/list"] {
        let reply = app.ask(action, "").await;
        assert_eq!(reply.refusal(), (500, "internal_error".into()), "{action}");
        assert!(!reply.to_string().contains("role table") && !reply.to_string().contains("panic"));
    }
    assert_eq!(app.ask("purchases/list", "").await.status, 200);
}
