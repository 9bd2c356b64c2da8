//! The adapter over real HTTP in a real axum app, with the sandbox behind it.

#![expect(clippy::unwrap_used, reason = "test code")]

use axum::{
    Router,
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
    response::{IntoResponse as _, Response},
    routing::get,
};
use flowglad_axum::flowglad_core::{
    Flowglad, InvalidCustomer, RequestingCustomer,
    action::{Actions, Visitor},
};
use flowglad_sandbox::Sandbox;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The app's own user: whoever the header names.
struct User(String);

/// What the app's session layer does with the state of the app.
#[derive(Clone)]
struct SessionStore {
    is_up: bool,
}

impl FromRequestParts<SessionStore> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, store: &SessionStore) -> Result<Self, StatusCode> {
        if !store.is_up {
            return Err(StatusCode::SERVICE_UNAVAILABLE);
        }
        let name = parts.headers.get("x-user").ok_or(StatusCode::UNAUTHORIZED)?;
        Ok(Self(name.to_str().unwrap().to_owned()))
    }
}

impl TryFrom<User> for RequestingCustomer {
    type Error = InvalidCustomer;

    fn try_from(User(name): User) -> Result<Self, InvalidCustomer> {
        Self::new(name.clone(), name, "ada@example.com")
    }
}

struct App {
    base_url: String,
    sandbox: Sandbox,
}

async fn serve(billing: impl FnOnce(Flowglad) -> Router) -> App {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap();
    let app = Router::new().route("/{*page}", get(|| async { "the app" })).nest("/api/flowglad", billing(flowglad));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    App { base_url, sandbox }
}

async fn app_with_extractor() -> App {
    let store = SessionStore { is_up: true };
    serve(|flowglad| flowglad_axum::router(flowglad, flowglad_axum::extracted::<User>()).with_state(store)).await
}

impl App {
    fn post(&self, action: &str) -> RequestBuilder {
        Client::new().post(format!("{}/api/flowglad/{action}", self.base_url))
    }

    fn post_as_ada(&self, action: &str) -> RequestBuilder {
        self.post(action).header("x-user", "ada")
    }
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn refusal(request: RequestBuilder) -> (u16, String) {
    let (status, body) = answer(request).await;
    (status, body["error"]["code"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_apps_extractor_says_who_the_customer_is() {
    let app = app_with_extractor().await;
    let (status, body) = answer(app.post_as_ada("customers/billing").json(&json!({}))).await;
    assert_eq!((status, &body["data"]["customer"]["externalId"]), (200, &json!("ada")));
}

#[tokio::test]
async fn a_closure_says_who_the_customer_is() {
    let app = serve(|flowglad| {
        flowglad_axum::router(flowglad, async |parts: Parts| {
            let name = parts.headers.get("x-user").map(|name| name.to_str().unwrap().to_owned());
            Ok::<_, Response>(Visitor::from(name.map(|name| RequestingCustomer::new(name, "", "a@example.com"))))
        })
    })
    .await;
    let (_, body) = answer(app.post_as_ada("customers/find-or-create")).await;
    assert_eq!(body["data"]["customer"]["externalId"], "ada");
    assert_eq!(refusal(app.post("customers/billing")).await, (401, "unauthorized".into()));
}

#[tokio::test]
async fn a_refusing_extractor_means_nobody_and_a_broken_one_answers_for_itself() {
    let app = app_with_extractor().await;
    assert_eq!(refusal(app.post("customers/billing")).await, (401, "unauthorized".into()));
    assert_eq!(refusal(app.post("customers/billing").header("x-user", "a/b")).await, (401, "invalid_customer".into()));

    let store = SessionStore { is_up: false };
    let app =
        serve(|flowglad| flowglad_axum::router(flowglad, flowglad_axum::extracted::<User>()).with_state(store)).await;
    let response = app.post_as_ada("pricing-models/retrieve").send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.text().await.unwrap()), (503, String::new()));
    assert!(app.sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_closures_own_response_is_sent_as_it_is() {
    let app = serve(|flowglad| {
        flowglad_axum::router(flowglad, async |_: Parts| {
            Err::<Visitor, _>((StatusCode::BAD_GATEWAY, "no store").into_response())
        })
    })
    .await;
    let response = app.post("customers/billing").send().await.unwrap();
    assert_eq!((response.status().as_u16(), response.text().await.unwrap()), (502, "no store".into()));
}

#[tokio::test]
async fn paths_are_compared_raw_and_the_rest_of_the_app_is_left_alone() {
    let app = app_with_extractor().await;
    for path in ["nonsense", "customers%2Fbilling", "customers%2fbilling", "Customers/billing", "customers/billing/x"] {
        assert_eq!(refusal(app.post_as_ada(path)).await, (404, "unknown_action".into()), "{path}");
    }
    let mount_point = Client::new().post(format!("{}/api/flowglad", app.base_url));
    assert_eq!(refusal(mount_point).await, (404, "unknown_action".into()));
    assert_eq!(answer(app.post_as_ada("/customers//billing/")).await.0, 200);
    let home = reqwest::get(format!("{}/home", app.base_url)).await.unwrap();
    assert_eq!(home.text().await.unwrap(), "the app");
}

#[tokio::test]
async fn other_methods_are_told_which_one_is_allowed() {
    let app = app_with_extractor().await;
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let url = format!("{}/api/flowglad/customers/billing", app.base_url);
        let response = Client::new().request(method.parse().unwrap(), url).send().await.unwrap();
        assert_eq!((response.status().as_u16(), &response.headers()["allow"]), (405, &"POST".parse().unwrap()));
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_told_from_a_broken_one() {
    let app = serve(|flowglad| {
        let actions = Actions::new(flowglad).with_body_limit(64.try_into().unwrap());
        let store = SessionStore { is_up: true };
        flowglad_axum::router(actions, flowglad_axum::extracted::<User>()).with_state(store)
    })
    .await;
    let long = json!({"filler": "x".repeat(100)});
    assert_eq!(refusal(app.post_as_ada("customers/billing").json(&long)).await, (413, "payload_too_large".into()));
    let fits = json!({"filler": "x"});
    assert_eq!(answer(app.post_as_ada("customers/billing").json(&fits)).await.0, 200);
}

#[tokio::test]
async fn content_types_that_a_form_can_send_are_refused() {
    let app = app_with_extractor().await;
    let form = app.post_as_ada("customers/billing").header("content-type", "text/plain").body("{}");
    assert_eq!(refusal(form).await, (415, "unsupported_media_type".into()));
    assert_eq!(refusal(app.post_as_ada("customers/billing").body("{}")).await, (415, "unsupported_media_type".into()));
    let unreadable = app.post_as_ada("customers/billing").header("content-type", b"\xff".as_slice()).body("{}");
    assert_eq!(refusal(unreadable).await, (415, "unsupported_media_type".into()));
}
