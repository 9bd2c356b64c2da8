//! Tests of what is special to axum: closures as customer sources, the app's state, and the app's own responses.

#![expect(clippy::unwrap_used, reason = "test code")]

mod gates;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    extract::{FromRequestParts, Request},
    http::{StatusCode, request::Parts},
    middleware::{Next, from_fn},
    response::{IntoResponse as _, Response},
    routing::get,
};
use flowglad_axum::flowglad_core::{Flowglad, InvalidCustomer, RequestingCustomer, adapter::Identity};
use flowglad_axum::{Customer, CustomerSource, Mount, from_extractor};
use flowglad_sandbox::Sandbox;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::RwLock};

/// The app's state, which its extractor requires.
#[derive(Clone)]
struct SessionStore {
    user: &'static str,
    is_up: bool,
}

struct User(&'static str);

impl FromRequestParts<SessionStore> for User {
    type Rejection = Response;

    async fn from_request_parts(_: &mut Parts, store: &SessionStore) -> Result<Self, Response> {
        if store.is_up { Ok(Self(store.user)) } else { Err((StatusCode::BAD_GATEWAY, "no store").into_response()) }
    }
}

impl TryFrom<User> for RequestingCustomer {
    type Error = InvalidCustomer;

    fn try_from(User(name): User) -> Result<Self, InvalidCustomer> {
        Self::new(name, name, "ada@example.com")
    }
}

/// A source that is always Ada, and how often it ran.
fn counted_source() -> (impl CustomerSource<()>, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::default());
    let counter = Arc::clone(&runs);
    let source = move |_: &mut Parts| {
        counter.fetch_add(1, Ordering::Relaxed);
        std::future::ready(Ok::<_, Response>(Identity::from(RequestingCustomer::new("ada", "", "ada@example.com"))))
    };
    (source, runs)
}

struct App {
    base_url: String,
    sandbox: Sandbox,
}

async fn serve(mount: impl FnOnce(Flowglad) -> Mount) -> App {
    serve_app(|flowglad| Router::new().nest_service("/billing", mount(flowglad).service())).await
}

async fn serve_app(app: impl FnOnce(Flowglad) -> Router) -> App {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap();
    let app = app(flowglad);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    App { base_url, sandbox }
}

impl App {
    fn post(&self, action: &str) -> RequestBuilder {
        Client::new().post(format!("{}/billing/{action}", self.base_url))
    }
}

#[tokio::test]
async fn an_extractor_may_use_the_apps_state() {
    let store = SessionStore { user: "ada", is_up: true };
    let app = serve(|flowglad| Mount::with_state(flowglad, from_extractor::<User>(), store)).await;
    let body: Value = app.post("customers/billing").send().await.unwrap().json().await.unwrap();
    assert_eq!(body["data"]["customer"]["externalId"], "ada");
}

#[tokio::test]
async fn a_broken_extractors_response_is_sent_as_it_is() {
    let store = SessionStore { user: "ada", is_up: false };
    let app = serve(|flowglad| Mount::with_state(flowglad, from_extractor::<User>(), store)).await;
    let response = app.post("customers/billing").send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.text().await.unwrap()), (502, "no store".into()));
    assert!(app.sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_closure_returns_the_customer() {
    let app = serve(|flowglad| {
        Mount::new(flowglad, async |parts: &mut Parts| {
            let name = parts.headers.get("x-user").map(|name| name.to_str().unwrap().to_owned());
            Ok::<_, Response>(Identity::from(name.map(|name| RequestingCustomer::new(name, "", "a@example.com"))))
        })
    })
    .await;
    let ada = app.post("customers/find-or-create").header("x-user", "ada");
    let body: Value = ada.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["data"]["customer"]["externalId"], "ada");
    assert_eq!(app.post("customers/billing").send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn an_async_move_closure_may_capture_a_pool() {
    let pool = Arc::new(RwLock::new(HashMap::from([("token", "ada")])));
    let app = serve(|flowglad| {
        Mount::new(flowglad, async move |parts: &mut Parts| {
            let token = parts.headers.get("x-user").map(|token| token.to_str().unwrap());
            let sessions = pool.read().await;
            let user = token.and_then(|token| sessions.get(token));
            Ok::<_, Response>(Identity::from(user.map(|name| RequestingCustomer::new(*name, "", "a@example.com"))))
        })
    })
    .await;
    for _ in 0..2 {
        let ada = app.post("customers/find-or-create").header("x-user", "token");
        let body: Value = ada.send().await.unwrap().json().await.unwrap();
        assert_eq!(body["data"]["customer"]["externalId"], "ada");
        assert_eq!(app.post("customers/billing").send().await.unwrap().status(), 401);
    }
}

#[tokio::test]
async fn a_closures_own_response_is_sent_as_it_is() {
    let app = serve(|flowglad| {
        Mount::new(flowglad, async |_: &mut Parts| {
            Err::<Identity, _>((StatusCode::BAD_GATEWAY, "no store").into_response())
        })
    })
    .await;
    let response = app.post("customers/billing").send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.text().await.unwrap()), (502, "no store".into()));
}

#[tokio::test]
async fn a_closure_runs_only_for_actions_and_may_panic_at_its_first_line() {
    let app = serve(|flowglad| {
        Mount::new(flowglad, |_: &mut Parts| {
            assert!(std::hint::black_box(false), "the app's own code panics, as this test wants it to");
            std::future::ready(Ok::<_, Response>(Identity::Anonymous))
        })
    })
    .await;
    assert_eq!(app.post("nonsense").send().await.unwrap().status(), 404);
    let response = app.post("customers/billing").send().await.unwrap();
    assert_eq!(response.status(), 500);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], json!("internal_error"));
}

#[tokio::test]
async fn what_a_middleware_found_is_not_looked_up_again_by_the_action() {
    async fn of_customers_only(Customer(_): Customer, request: Request, next: Next) -> Response {
        next.run(request).await
    }
    let (source, runs) = counted_source();
    let app = serve_app(|flowglad| {
        let billing = Mount::new(flowglad, source);
        Router::new()
            .nest_service("/billing", billing.service())
            .layer(from_fn(of_customers_only))
            .layer(billing.layer())
    })
    .await;
    assert_eq!(app.post("customers/billing").send().await.unwrap().status(), 200);
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn each_of_two_mounts_asks_its_own_source() {
    let ((first, first_runs), (second, second_runs)) = (counted_source(), counted_source());
    let app = serve_app(|flowglad| {
        let (people, teams) = (Mount::new(flowglad.clone(), first), Mount::new(flowglad, second));
        let me = async |Customer(me): Customer| me.requesting_customer().external_id().to_owned();
        let teams =
            teams.service().layer(from_fn(async |_: Customer, request: Request, next: Next| next.run(request).await));
        Router::new().route("/me", get(me)).nest_service("/billing", teams).layer(people.layer())
    })
    .await;
    assert_eq!(app.post("customers/billing").send().await.unwrap().status(), 200);
    assert_eq!((first_runs.load(Ordering::Relaxed), second_runs.load(Ordering::Relaxed)), (1, 1));
}

#[tokio::test]
async fn an_extractor_without_the_layer_is_a_mistake_of_the_app() {
    let app = serve_app(|_| Router::new().route("/billing/me", get(async |_: Customer| "me"))).await;
    let response = Client::new().get(format!("{}/billing/me", app.base_url)).send().await.unwrap();
    assert_eq!(response.status(), 500);
    assert_eq!(response.json::<Value>().await.unwrap()["error"]["code"], "internal_error");
}
