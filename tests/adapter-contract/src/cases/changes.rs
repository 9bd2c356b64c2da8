//! What an app learns of changes that browsers make.

use std::sync::Arc;

use flowglad_core::{
    RequestingCustomer,
    action::{Action, RequestHandler},
};
use reqwest::Method;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use wiremock::ResponseTemplate;

use crate::{
    App, SESSION_HEADER, Start, Upstream,
    app::{ADA, client},
    gate::Gate,
    samples::{script, working},
};

type Changes = UnboundedReceiver<(String, Action)>;

fn watched(handler: RequestHandler) -> (RequestHandler, Changes) {
    let (send, changes) = unbounded_channel();
    let send = Arc::new(send);
    let handler = handler.on_change(async move |customer: RequestingCustomer, action: Action| {
        send.send((customer.external_id().to_owned(), action)).unwrap();
    });
    (handler, changes)
}

/// The app hears of every change that succeeded, with the customer and the action, and of nothing else.
pub async fn the_app_hears_of_every_change(start: Start) {
    let mut changes = None;
    let app = App::start_with(start, |handler| {
        let (handler, heard) = watched(handler);
        changes = Some(heard);
        handler
    })
    .await;
    let mut changes = changes.unwrap();
    script(&app.upstream).await;
    for sample in working() {
        let action = Action::ALL.iter().find(|action| action.key() == sample.action).unwrap();
        assert_eq!(app.ask(sample.action, sample.body).await.status, 200, "{action}");
        if action.is_read() {
            assert!(changes.is_empty(), "{action} changes nothing");
        } else {
            assert_eq!(changes.recv().await.unwrap(), (ADA.to_owned(), *action));
        }
    }
    app.upstream.reset().await;
    app.upstream.answer_all(ResponseTemplate::new(404)).await;
    for sample in working() {
        assert_ne!(app.ask(sample.action, sample.body).await.status, 200, "{}", sample.action);
    }
    assert!(changes.is_empty(), "a change that failed is none");
}

/// The app hears of a change although the browser left before its response.
pub async fn the_app_hears_of_a_change_although_the_browser_leaves(start: Start) {
    let upstream = Upstream::start().await;
    script(&upstream).await;
    let mut gate = Gate::before(&upstream).await;
    let (handler, mut changes) = watched(RequestHandler::new(client(&gate.base_url)));
    let app = App::start_handler(start, handler).await;
    let body = r#"{"usageMeterSlug":"api_calls","transactionId":"t_1"}"#;
    let request = app.request(Method::POST, "usage-events/create").header(SESSION_HEADER, ADA);
    let browsing = tokio::spawn(request.header("content-type", "application/json").body(body).send());
    gate.arrivals(1).await;
    browsing.abort();
    let _ = browsing.await;
    gate.open();
    assert_eq!(changes.recv().await.unwrap(), (ADA.to_owned(), Action::UsageEventsCreate));
}

/// A panic of the app's function costs no browser its response.
pub async fn a_panic_of_the_function_leaves_the_response_as_it_is(start: Start) {
    let app = App::start_with(start, |handler| {
        handler.on_change(async |_: RequestingCustomer, _: Action| panic!("a mistake of the app"))
    })
    .await;
    script(&app.upstream).await;
    for _ in 0..2 {
        let reply = app.ask("usage-events/create", r#"{"usageMeterSlug":"api_calls","transactionId":"t_1"}"#).await;
        assert_eq!(reply.status, 200, "{reply}");
    }
}
