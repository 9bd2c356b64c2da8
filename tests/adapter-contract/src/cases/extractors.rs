//! The signed-in customer in handlers of the app.

use reqwest::Method;

use crate::{
    App, ME, SESSION_HEADER, Session, Start,
    app::{ADA, Reply},
};

async fn me(app: &App, session: Option<&str>) -> Reply {
    let request = app.request_to(Method::GET, ME);
    Reply::to(match session {
        Some(session) => request.header(SESSION_HEADER, session),
        None => request,
    })
    .await
}

/// A handler of the app takes the customer of the session, which asks nothing of Flowglad.
pub async fn a_handler_takes_the_customer_of_the_session(start: Start) {
    let app = App::start(start).await;
    let reply = me(&app, Some(ADA)).await;
    assert_eq!((reply.status, &*reply.body), (200, ADA.as_bytes()));
    assert!(app.upstream.requests().await.is_empty());
}

/// A caller who is no customer gets from a handler what a mounted action sends.
pub async fn a_caller_who_is_no_customer_gets_what_an_action_sends(start: Start) {
    let app = App::start(start).await;
    for (session, code) in [(None, "unauthorized"), (Some("no-email"), "invalid_customer")] {
        let reply = me(&app, session).await;
        assert_eq!(reply.refusal(), (401, code.into()), "{session:?}");
        assert_eq!(reply, app.ask_as(session, "customers/billing", "").await, "{session:?}");
    }
}

/// A session store that is down is not an anonymous caller: the app answers for itself.
pub async fn a_session_store_that_is_down_is_left_to_the_app(start: Start) {
    let app = App::start(start).await;
    assert_eq!(me(&app, Some("down")).await.status, 503);
}

/// The session is looked up once for each request, however many ask. The handler takes the customer twice.
pub async fn the_session_is_looked_up_once_however_many_ask(start: Start) {
    let app = App::start(start).await;
    for requests in 1..=2 {
        assert_eq!(me(&app, Some("counted_user")).await.status, 200);
        assert_eq!(Session::lookups("counted_user"), requests);
    }
}
