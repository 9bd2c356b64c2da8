//! Tests of what is special to actix-web: closures as customer sources, nested scopes, and the app's own responses.

#![expect(clippy::unwrap_used, reason = "test code")]

mod gates;

use std::{
    collections::HashMap,
    fmt,
    future::{Ready, ready},
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_web::{
    Error, FromRequest, HttpRequest, HttpResponse, HttpServer, ResponseError, Scope,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::{ErrorBadGateway, InternalError},
    middleware::{Next, from_fn},
    web,
};
use flowglad_actix::flowglad_core::{Flowglad, InvalidCustomer, RequestingCustomer, adapter::Identity};
use flowglad_actix::{Customer, Mount, from_extractor};
use flowglad_sandbox::Sandbox;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::sync::RwLock;

/// The app's state, which its extractor requires.
#[derive(Clone)]
struct SessionStore {
    user: &'static str,
    is_up: bool,
}

const UP: SessionStore = SessionStore { user: "ada", is_up: true };
const DOWN: SessionStore = SessionStore { user: "ada", is_up: false };

struct User(&'static str);

impl FromRequest for User {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let store: &SessionStore = request.app_data().unwrap();
        ready(if store.is_up { Ok(Self(store.user)) } else { Err(ErrorBadGateway("no store")) })
    }
}

impl TryFrom<User> for RequestingCustomer {
    type Error = InvalidCustomer;

    fn try_from(User(name): User) -> Result<Self, InvalidCustomer> {
        Self::new(name, name, "ada@example.com")
    }
}

/// An extractor that always fails. The status of its error's response differs from `status_code`, which is 500 unless
/// it is overridden.
struct SignedOut;

#[derive(Debug)]
struct SignInFirst;

impl fmt::Display for SignInFirst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sign in first")
    }
}

impl ResponseError for SignInFirst {
    fn error_response(&self) -> HttpResponse {
        HttpResponse::SeeOther().insert_header(("location", "/login")).finish()
    }
}

impl FromRequest for SignedOut {
    type Error = SignInFirst;
    type Future = Ready<Result<Self, SignInFirst>>;

    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Err(SignInFirst))
    }
}

impl TryFrom<SignedOut> for RequestingCustomer {
    type Error = InvalidCustomer;

    fn try_from(_: SignedOut) -> Result<Self, InvalidCustomer> {
        Self::new("", "", "")
    }
}

struct App {
    base_url: String,
    sandbox: Sandbox,
}

async fn serve(billing: impl Fn(Flowglad) -> Scope + Clone + Send + 'static) -> App {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap();
    let app = move || actix_web::App::new().service(billing(flowglad.clone()));
    let server = HttpServer::new(app).workers(1).disable_signals().bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let base_url = format!("http://{}", server.addrs()[0]);
    tokio::spawn(server.run());
    App { base_url, sandbox }
}

impl App {
    fn post(&self, action: &str) -> RequestBuilder {
        Client::new().post(format!("{}/billing/{action}", self.base_url))
    }
}

/// Status and body.
async fn answer_to(request: RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn an_extractor_may_need_the_apps_state() {
    let app = serve(|flowglad| Mount::new(flowglad, from_extractor::<User>()).scope("/billing").app_data(UP)).await;
    let body: Value = app.post("customers/billing").send().await.unwrap().json().await.unwrap();
    assert_eq!(body["data"]["customer"]["externalId"], "ada");
}

#[tokio::test]
async fn a_broken_extractors_response_is_sent_as_it_is() {
    let app = serve(|flowglad| Mount::new(flowglad, from_extractor::<User>()).scope("/billing").app_data(DOWN)).await;
    assert_eq!(answer_to(app.post("customers/billing")).await, (502, "no store".into()));
    assert!(app.sandbox.requests().is_empty());
}

#[tokio::test]
async fn the_status_of_a_rejection_is_that_of_its_response() {
    let app = serve(|flowglad| Mount::new(flowglad, from_extractor::<SignedOut>()).scope("/billing")).await;
    let (status, body) = answer_to(app.post("customers/billing")).await;
    assert!(status == 401 && body.contains("unauthorized"), "{status} {body}");
}

#[tokio::test]
async fn a_closure_returns_the_customer() {
    let app = serve(|flowglad| {
        Mount::new(flowglad, async |request: &HttpRequest| {
            let name = request.headers().get("x-user").map(|name| name.to_str().unwrap());
            Ok::<_, Error>(Identity::from(name.map(|name| RequestingCustomer::new(name, "", "a@example.com"))))
        })
        .scope("/billing")
    })
    .await;
    let ada = app.post("customers/find-or-create").header("x-user", "ada");
    let body: Value = ada.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["data"]["customer"]["externalId"], "ada");
    assert_eq!(answer_to(app.post("customers/billing")).await.0, 401);
}

#[tokio::test]
async fn an_async_move_closure_may_capture_a_pool() {
    let pool = Arc::new(RwLock::new(HashMap::from([("token", "ada")])));
    let app = serve(move |flowglad| {
        let pool = Arc::clone(&pool);
        Mount::new(flowglad, async move |request: &HttpRequest| {
            let token = request.headers().get("x-user").map(|token| token.to_str().unwrap());
            let sessions = pool.read().await;
            let user = token.and_then(|token| sessions.get(token));
            Ok::<_, Error>(Identity::from(user.map(|name| RequestingCustomer::new(*name, "", "a@example.com"))))
        })
        .scope("/billing")
    })
    .await;
    for _ in 0..2 {
        let ada = app.post("customers/find-or-create").header("x-user", "token");
        let body: Value = ada.send().await.unwrap().json().await.unwrap();
        assert_eq!(body["data"]["customer"]["externalId"], "ada");
        assert_eq!(answer_to(app.post("customers/billing")).await.0, 401);
    }
}

#[tokio::test]
async fn a_closures_own_response_is_sent_as_it_is() {
    let app = serve(|flowglad| {
        Mount::new(flowglad, async |_: &HttpRequest| {
            let response = HttpResponse::BadGateway().body("no store");
            Err::<Identity, Error>(InternalError::from_response("no store", response).into())
        })
        .scope("/billing")
    })
    .await;
    assert_eq!(answer_to(app.post("customers/billing")).await, (502, "no store".into()));
}

#[tokio::test]
async fn a_closure_runs_only_for_actions_and_may_panic_at_its_first_line() {
    let app = serve(|flowglad| {
        Mount::new(flowglad, |_: &HttpRequest| {
            assert!(std::hint::black_box(false), "the app's own code panics, as this test wants it to");
            ready(Ok::<_, Error>(Identity::Anonymous))
        })
        .scope("/billing")
    })
    .await;
    assert_eq!(answer_to(app.post("nonsense")).await.0, 404);
    let response = app.post("customers/billing").send().await.unwrap();
    assert_eq!(response.status(), 500);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], json!("internal_error"));
}

#[tokio::test]
async fn a_scope_in_a_scope_compares_the_rest_of_the_raw_path() {
    let app = serve(|flowglad| {
        let billing = Mount::new(flowglad, from_extractor::<User>()).scope("/{tenant}/");
        web::scope("/billing").app_data(UP).service(web::scope("").service(billing))
    })
    .await;
    for path in ["tenant/customers/billing", "ten%2Fant/customers/billing", "%C3%A9//customers//billing/"] {
        assert_eq!(answer_to(app.post(path)).await.0, 200, "{path}");
    }
    for path in
        ["tenant", "tenant/", "tenant/customers%2Fbilling", "tenant/%63ustomers/billing", "x/y/customers/billing"]
    {
        let (status, body) = answer_to(app.post(path)).await;
        assert!(status == 404 && body.contains("unknown_action"), "{path}: {status} {body}");
    }
}

#[tokio::test]
async fn the_mount_point_may_be_the_root() {
    for root in ["", "/"] {
        let app = serve(move |flowglad| Mount::new(flowglad, from_extractor::<User>()).scope(root).app_data(UP)).await;
        let request = Client::new().post(format!("{}/customers/billing", app.base_url));
        assert_eq!(answer_to(request).await.0, 200, "{root:?}");
    }
}

#[tokio::test]
async fn what_a_middleware_found_is_not_looked_up_again_by_the_action() {
    async fn of_customers_only(
        _: Customer,
        request: ServiceRequest,
        next: Next<impl MessageBody>,
    ) -> Result<ServiceResponse<impl MessageBody>, Error> {
        next.call(request).await
    }
    let runs = Arc::new(AtomicUsize::default());
    let counter = Arc::clone(&runs);
    let app = serve(move |flowglad| {
        let counter = Arc::clone(&counter);
        let billing = Mount::new(flowglad, move |_: &HttpRequest| {
            counter.fetch_add(1, Ordering::Relaxed);
            ready(Ok::<_, Error>(Identity::from(RequestingCustomer::new("ada", "", "ada@example.com"))))
        });
        let guarded = web::scope("").app_data(billing.clone()).wrap(from_fn(of_customers_only));
        web::scope("").service(guarded.service(billing.scope("/billing")))
    })
    .await;
    assert_eq!(answer_to(app.post("customers/billing")).await.0, 200);
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn an_extractor_without_the_app_data_is_a_mistake_of_the_app() {
    let app = serve(|_| web::scope("/billing").route("/me", web::post().to(async |_: Customer| "me"))).await;
    let (status, body) = answer_to(app.post("me")).await;
    assert!(status == 500 && body.contains("internal_error"), "{status} {body}");
}
