//! Tests of what is special to Rocket: guards that forward, functions as customer sources, ranks, headers, and the
//! app's own catchers.

#![expect(clippy::unwrap_used, reason = "test code")]

mod gates;

use std::{
    collections::HashMap,
    net::Ipv4Addr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use flowglad_rocket::flowglad_core::{Flowglad, InvalidCustomer, RequestingCustomer, adapter::Identity};
use flowglad_rocket::{Customer, Mount, from_guard};
use flowglad_sandbox::Sandbox;
use reqwest::{Client, RequestBuilder, header::HeaderName};
use rocket::{
    Config, Request, Rocket,
    config::{LogLevel, Shutdown},
    fairing::AdHoc,
    http::Status,
    request::{FromRequest, Outcome},
    shield::Shield,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::{RwLock, oneshot},
};

/// The user that the header names. The guard can return every kind of outcome.
struct User(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for User {
    type Error = &'static str;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        match request.headers().get_one("x-user") {
            Some("forward 503") => Outcome::Forward(Status::ServiceUnavailable),
            Some("error 503") => Outcome::Error((Status::ServiceUnavailable, "no store")),
            Some("error 404") => Outcome::Error((Status::NotFound, "no user")),
            Some("error 403") => Outcome::Error((Status::Forbidden, "no")),
            Some(name) => Outcome::Success(Self(name.to_owned())),
            None => Outcome::Forward(Status::Unauthorized),
        }
    }
}

impl TryFrom<User> for RequestingCustomer {
    type Error = InvalidCustomer;

    fn try_from(User(name): User) -> Result<Self, InvalidCustomer> {
        Self::new(name.clone(), name, "ada@example.com")
    }
}

#[rocket::post("/<_..>")]
fn page() -> &'static str {
    "the app"
}

#[rocket::post("/hook")]
fn hook() -> &'static str {
    "the app's hook"
}

#[rocket::get("/me")]
fn me(customer: Customer) -> String {
    let Customer(me) = customer;
    me.requesting_customer().external_id().to_owned()
}

#[rocket::catch(default)]
fn apology(status: Status, _: &Request<'_>) -> String {
    format!("the app's own {status}")
}

struct App {
    base_url: String,
    sandbox: Sandbox,
}

async fn serve(mount_point: &str, mount: impl FnOnce(Flowglad) -> Mount) -> App {
    serve_with(mount_point, None, mount).await
}

async fn serve_with(mount_point: &str, fairing: Option<AdHoc>, mount: impl FnOnce(Flowglad) -> Mount) -> App {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap();
    let config = Config {
        port: 0,
        address: Ipv4Addr::LOCALHOST.into(),
        log_level: LogLevel::Off,
        shutdown: Shutdown { ctrlc: false, signals: [].into(), ..Shutdown::default() },
        ..Config::default()
    };
    let billing = mount(flowglad);
    let (listening, port) = oneshot::channel();
    let listening = Mutex::new(Some(listening));
    let report_port = AdHoc::on_liftoff("report the port", move |rocket| {
        listening.lock().unwrap().take().unwrap().send(rocket.config().port).unwrap();
        Box::pin(async {})
    });
    let app = rocket::custom(config)
        .attach(report_port)
        .attach(Shield::new())
        .mount("/", rocket::routes![page])
        .mount("/billing", rocket::routes![hook, me])
        .mount(mount_point, billing.routes())
        .manage(billing)
        .register("/", rocket::catchers![apology]);
    tokio::spawn(fairing.into_iter().fold(app, Rocket::attach).launch());
    App { base_url: format!("http://127.0.0.1:{}", port.await.unwrap()), sandbox }
}

async fn app_with_guard() -> App {
    serve("/billing", |flowglad| Mount::new(flowglad, from_guard::<User>())).await
}

impl App {
    fn post(&self, action: &str) -> RequestBuilder {
        Client::new().post(format!("{}/billing/{action}", self.base_url))
    }

    async fn answer_as(&self, user: &str, action: &str) -> (u16, String) {
        answer_to(self.post(action).header("x-user", user)).await
    }
}

/// Status and body.
async fn answer_to(request: RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn a_guard_that_refuses_means_an_anonymous_caller() {
    let app = app_with_guard().await;
    let (status, body) = answer_to(app.post("customers/billing")).await;
    assert!(status == 401 && body.contains("unauthorized"), "{status} {body}");
    let (status, body) = app.answer_as("error 404", "customers/billing").await;
    assert!(status == 401 && body.contains("unauthorized"), "{status} {body}");
}

#[tokio::test]
async fn a_guard_that_refuses_with_another_status_leads_to_the_apps_catcher() {
    let app = app_with_guard().await;
    let answer = app.answer_as("error 403", "customers/billing").await;
    assert_eq!(answer, (403, "the app's own 403 Forbidden".into()));
}

#[tokio::test]
async fn a_guard_that_fails_leads_to_the_apps_catcher() {
    let app = app_with_guard().await;
    for broken in ["forward 503", "error 503"] {
        let answer = app.answer_as(broken, "pricing-models/retrieve").await;
        assert_eq!(answer, (503, "the app's own 503 Service Unavailable".into()), "{broken}");
    }
    assert!(app.sandbox.requests().is_empty());
}

#[tokio::test]
async fn an_async_closure_returns_the_customer() {
    let app = serve("/billing", |flowglad| {
        Mount::new(flowglad, async |request: &Request<'_>| {
            let user = request.guard::<User>().await.succeeded();
            Ok::<_, Status>(Identity::from(user.map(RequestingCustomer::try_from)))
        })
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
    let app = serve("/billing", |flowglad| {
        Mount::new(flowglad, async move |request: &Request<'_>| {
            let token = request.headers().get_one("x-user");
            let sessions = pool.read().await;
            let user = token.and_then(|token| sessions.get(token));
            Ok::<_, Status>(Identity::from(user.map(|name| RequestingCustomer::new(*name, "", "a@example.com"))))
        })
    })
    .await;
    for _ in 0..2 {
        let (status, body) = app.answer_as("token", "customers/find-or-create").await;
        assert!(status == 200 && body.contains(r#""externalId":"ada""#), "{status} {body}");
        assert_eq!(answer_to(app.post("customers/billing")).await.0, 401);
    }
}

async fn identify(request: &Request<'_>) -> Result<Identity, Status> {
    match request.guard::<User>().await {
        Outcome::Success(user) => Ok(Identity::from(RequestingCustomer::try_from(user))),
        _ => Err(Status::BadGateway),
    }
}

#[tokio::test]
async fn an_async_function_says_who_the_customer_is_or_leaves_it_to_the_apps_catcher() {
    let app = serve("/billing", |flowglad| Mount::new(flowglad, identify)).await;
    assert_eq!(app.answer_as("ada", "customers/billing").await.0, 200);
    assert_eq!(answer_to(app.post("customers/billing")).await, (502, "the app's own 502 Bad Gateway".into()));
}

#[tokio::test]
async fn a_function_runs_only_for_actions_and_may_panic_at_its_first_line() {
    let app = serve("/billing", |flowglad| {
        Mount::new(flowglad, |_: &Request<'_>| {
            assert!(std::hint::black_box(false), "the app's own code panics, as this test wants it to");
            std::future::ready(Ok::<_, Status>(Identity::Anonymous))
        })
    })
    .await;
    assert_eq!(answer_to(app.post("nonsense")).await.0, 404);
    let response = app.post("customers/billing").send().await.unwrap();
    assert_eq!(response.status(), 500);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], json!("internal_error"));
}

#[tokio::test]
async fn routes_of_the_app_without_parameters_come_first_and_its_wildcards_last() {
    let app = app_with_guard().await;
    assert_eq!(answer_to(app.post("hook")).await, (200, "the app's hook".into()));
    let (_, body) = app.answer_as("ada", "customers/billing").await;
    assert!(body.contains("pricingModel"), "{body}");
    let elsewhere = Client::new().post(format!("{}/elsewhere", app.base_url));
    assert_eq!(answer_to(elsewhere).await, (200, "the app".into()));
}

#[tokio::test]
async fn the_mount_point_may_be_of_any_depth() {
    for (mount_point, asked_at) in [("/", ""), ("/a", "//a/"), ("/a/b/c/", "/%61/b/c")] {
        let app = serve(mount_point, |flowglad| Mount::new(flowglad, from_guard::<User>())).await;
        for (path, answer) in [
            ("/customers/billing", r#"{"data":"#),
            ("//customers//billing/", r#"{"data":"#),
            ("/customers%2Fbilling", "unknown_action"),
            ("", "unknown_action"),
        ] {
            let request = Client::new().post(format!("{}{asked_at}{path}", app.base_url)).header("x-user", "ada");
            let (_, body) = answer_to(request).await;
            assert!(body.contains(answer), "{mount_point} {asked_at}{path}: {body}");
        }
    }
}

/// Sends a request whose connection ends before its body is complete.
async fn cut_off(app: &App, sent: &str) -> String {
    let mut connection = TcpStream::connect(app.base_url.strip_prefix("http://").unwrap()).await.unwrap();
    let head = "POST /billing/customers/billing HTTP/1.1\r\nhost: app\r\nx-user: ada\r\nconnection: close\r\n\
        content-type: application/json\r\ncontent-length: 100\r\n\r\n";
    connection.write_all(format!("{head}{sent}").as_bytes()).await.unwrap();
    connection.shutdown().await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_body_cut_off_before_the_adapter_reads_it_is_broken_too() {
    let app = app_with_guard().await;
    for sent in ["", "{}", r#"{"subscriptionId": ""}"#] {
        let answer = cut_off(&app, sent).await;
        assert!(
            answer.starts_with("HTTP/1.1 400 ") && answer.contains("did not arrive completely"),
            "{sent}: {answer}"
        );
    }
    assert!(app.sandbox.requests().is_empty());
}

#[tokio::test]
async fn the_headers_are_the_actions_and_those_that_the_app_adds() {
    let app = app_with_guard().await;
    let response = app.post("customers/billing").send().await.unwrap();
    let mut names: Vec<&str> = response.headers().keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-length", "content-type", "date", "server"]);
}

#[tokio::test]
async fn a_guard_for_a_caller_who_is_no_customer_leaves_the_answer_to_the_apps_catcher() {
    let app = app_with_guard().await;
    let me = |user: Option<&str>| {
        let request = Client::new().get(format!("{}/billing/me", app.base_url));
        answer_to(user.into_iter().fold(request, |request, user| request.header("x-user", user)))
    };
    assert_eq!(me(Some("ada")).await, (200, "ada".into()));
    assert_eq!(me(None).await, (401, "the app's own 401 Unauthorized".into()));
    assert_eq!(me(Some("error 503")).await, (503, "the app's own 503 Service Unavailable".into()));
}

#[tokio::test]
async fn what_a_fairing_found_is_not_looked_up_again_by_the_action() {
    let runs = Arc::new(AtomicUsize::default());
    let counter = Arc::clone(&runs);
    let look = AdHoc::on_request("look at the customer", |request, _| {
        Box::pin(async {
            assert!(request.guard::<Customer>().await.is_success());
        })
    });
    let app = serve_with("/billing", Some(look), |flowglad| {
        Mount::new(flowglad, move |_: &Request<'_>| {
            counter.fetch_add(1, Ordering::Relaxed);
            std::future::ready(Ok::<_, Status>(Identity::from(RequestingCustomer::new("ada", "", "ada@example.com"))))
        })
    })
    .await;
    assert_eq!(answer_to(app.post("customers/billing")).await.0, 200);
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}
