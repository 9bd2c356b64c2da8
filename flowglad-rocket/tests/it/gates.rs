//! Gates and guards on Rocket's routes, and the catchers.

#![expect(clippy::needless_pass_by_value, reason = "handlers take their guards by value")]

use std::{
    net::Ipv4Addr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use flowglad_rocket::{
    CurrentBilling, Customer, Entitled, Mount, Refusal, ReturnedCheckout, catchers,
    flowglad_core::{
        Flowglad, RequestingCustomer,
        adapter::Identity,
        gate::{Gate, balance, feature, paid_plan, plan},
    },
};
use flowglad_sandbox::Sandbox;
use reqwest::{Client, redirect::Policy};
use rocket::{
    Build, Config, Request, Rocket,
    config::{LogLevel, Shutdown},
    fairing::AdHoc,
    http::Status,
    routes,
};
use serde_json::Value;
use tokio::sync::oneshot;

flowglad_rocket::flowglad_core::feature!(ExportCsv = "export_csv");
flowglad_rocket::flowglad_core::plan!(Pro = "pro");

struct App {
    base_url: String,
    sandbox: Sandbox,
    runs: Arc<AtomicUsize>,
}

async fn serve(app: impl FnOnce(&Mount, Rocket<Build>) -> Rocket<Build>) -> App {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap();
    let runs = Arc::new(AtomicUsize::default());
    let counter = Arc::clone(&runs);
    let mount = Mount::new(flowglad, async move |request: &Request<'_>| {
        counter.fetch_add(1, Ordering::Relaxed);
        match request.headers().get_one("x-user") {
            Some("broken") => Err(Status::BadGateway),
            name => Ok(Identity::from(name.map(|name| RequestingCustomer::new(name, "", "a@example.com")))),
        }
    });
    let config = Config {
        port: 0,
        address: Ipv4Addr::LOCALHOST.into(),
        log_level: LogLevel::Off,
        shutdown: Shutdown { ctrlc: false, signals: [].into(), ..Shutdown::default() },
        ..Config::default()
    };
    let (listening, port) = oneshot::channel();
    let listening = Mutex::new(Some(listening));
    let report_port = AdHoc::on_liftoff("report the port", move |rocket| {
        listening.lock().unwrap().take().unwrap().send(rocket.config().port).unwrap();
        Box::pin(async {})
    });
    tokio::spawn(app(&mount, rocket::custom(config).attach(report_port)).launch());
    App { base_url: format!("http://127.0.0.1:{}", port.await.unwrap()), sandbox, runs }
}

impl App {
    async fn get(&self, path: &str, user: Option<&str>) -> reqwest::Response {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        let request = client.get(format!("{}{path}", self.base_url));
        user.into_iter().fold(request, |request, user| request.header("x-user", user)).send().await.unwrap()
    }

    async fn code(&self, path: &str, user: Option<&str>) -> (u16, String) {
        let response = self.get(path, user).await;
        let status = response.status().as_u16();
        (status, response.json::<Value>().await.unwrap()["error"]["code"].as_str().unwrap().to_owned())
    }

    /// How often the app's source ran, and how often billing was read.
    fn work(&self) -> (usize, usize) {
        let reads = self.sandbox.requests().iter().filter(|request| request.path.ends_with("/billing")).count();
        (self.runs.load(Ordering::Relaxed), reads)
    }
}

#[rocket::get("/plan")]
fn plan_name(billing: CurrentBilling) -> String {
    billing.0.current_subscriptions()[0].name.clone().unwrap_or_default()
}

#[rocket::get("/all")]
fn all(_billing: CurrentBilling, _me: Customer, pro: Result<Entitled<Pro>, Refusal>) -> String {
    pro.unwrap_err().code().unwrap().to_owned()
}

#[rocket::get("/export")]
fn export(_entitled: Entitled<ExportCsv>) -> &'static str {
    "month,calls"
}

#[rocket::get("/own")]
fn own(entitled: Result<Entitled<ExportCsv>, Refusal>) -> Refusal {
    let refusal = entitled.unwrap_err();
    assert_eq!(refusal.is_signed_out(), refusal.status() == 401);
    refusal
}

#[rocket::get("/work")]
fn work(billing: CurrentBilling) -> Result<&'static str, Refusal> {
    billing.0.require(balance("api_calls", 1_000_000))?;
    Ok("done")
}

#[rocket::get("/greet")]
fn greet(customer: Option<Customer>) -> &'static str {
    if customer.is_some() { "you" } else { "who?" }
}

#[rocket::get("/thanks")]
fn thanks(checkout: ReturnedCheckout) -> &'static str {
    checkout.0.state.as_str()
}

#[rocket::get("/forbidden")]
fn forbidden() -> Status {
    Status::Forbidden
}

#[rocket::catch(default)]
fn apology(status: Status, _: &Request<'_>) -> String {
    format!("the app's own {status}")
}

#[rocket::catch(403)]
fn nested_apology(_: &Request<'_>) -> &'static str {
    "nested"
}

#[tokio::test]
async fn a_gate_stands_before_routes_and_inside_another_gate() {
    let app = serve(|mount, rocket| {
        let pro = mount.gate(Pro).routes(routes![plan_name]);
        rocket
            .mount("/free", mount.gate(plan("free")).routes(routes![plan_name]))
            .mount("/pro", mount.gate(balance("unknown", 0)).routes(pro))
            .mount("/team", mount.gate(paid_plan()).routes(routes![plan_name]))
            .mount("/open", routes![forbidden])
    })
    .await;
    assert_eq!(app.get("/open/forbidden", None).await.status(), 403);
    assert_eq!(app.work(), (0, 0));
    assert_eq!(app.code("/free/plan", None).await, (401, "unauthorized".into()));
    assert_eq!(app.get("/free/plan", Some("ada")).await.status(), 200);
    assert_eq!(app.code("/pro/plan", Some("ada")).await, (403, "plan_required".into()));
    assert_eq!(app.code("/team/plan", Some("ada")).await, (402, "subscription_required".into()));
}

#[tokio::test]
async fn gates_and_guards_of_a_request_look_up_the_user_and_read_billing_once() {
    let app = serve(|mount, rocket| {
        let nested = mount.gate(balance("unknown", 0)).routes(routes![all]);
        rocket.mount("/", mount.gate(plan("free")).routes(nested))
    })
    .await;
    app.get("/all", Some("ada")).await;
    let (runs, reads) = app.work();
    let response = app.get("/all", Some("ada")).await;
    assert_eq!(response.text().await.unwrap(), "plan_required");
    assert_eq!(app.work(), (runs + 1, reads + 1));
}

#[tokio::test]
async fn a_page_redirects_with_its_whole_path() {
    let app = serve(|mount, rocket| {
        let gate = Gate::from(feature("export_csv")).redirect_to("/pricing").sign_in_at("/");
        rocket.mount("/reports", mount.gate(gate).routes(routes![greet]))
    })
    .await;
    let response = app.get("/reports/greet?a=1", Some("ada")).await;
    assert_eq!(response.status(), 303);
    assert_eq!(response.headers()["location"], "/pricing?returnTo=%2Freports%2Fgreet%3Fa%3D1");
    let response = app.get("/reports/greet", None).await;
    assert_eq!(response.headers()["location"], "/?returnTo=%2Freports%2Fgreet");
}

#[tokio::test]
async fn the_apps_own_status_goes_to_its_catcher_from_a_gate_and_a_guard() {
    let app = serve(|mount, rocket| {
        rocket
            .manage(mount.clone())
            .mount("/gate", mount.gate(ExportCsv).routes(routes![plan_name]))
            .mount("/", routes![export, own])
            .register("/", catchers())
            .register("/", rocket::catchers![apology])
    })
    .await;
    for path in ["/gate/plan", "/export", "/own"] {
        let response = app.get(path, Some("broken")).await;
        let answer = (response.status().as_u16(), response.text().await.unwrap());
        assert_eq!(answer, (502, "the app's own 502 Bad Gateway".into()), "{path}");
        assert_eq!(app.code(path, None).await, (401, "unauthorized".into()), "{path}");
        assert_eq!(app.code(path, Some("ada")).await, (403, "feature_required".into()), "{path}");
    }
}

#[tokio::test]
async fn catchers_leave_what_the_app_itself_refuses_to_its_own_catchers() {
    let app = serve(|mount, rocket| {
        let rocket = rocket.manage(mount.clone()).mount("/", routes![forbidden, export, own]);
        rocket
            .mount("/nested", routes![forbidden, export])
            .register("/", catchers())
            .register("/", rocket::catchers![apology])
            .register("/nested", rocket::catchers![nested_apology])
    })
    .await;
    for (path, body) in [("/forbidden", "the app's own 403 Forbidden"), ("/nested/forbidden", "nested")] {
        let response = app.get(path, None).await;
        assert_eq!((response.status().as_u16(), response.text().await.unwrap()), (403, body.into()));
    }
    let response = app.get("/nested/export", Some("ada")).await;
    assert_eq!((response.status().as_u16(), response.text().await.unwrap()), (403, "nested".into()));
}

#[tokio::test]
async fn without_a_catcher_of_the_app_rockets_own_answers() {
    let app = serve(|mount, rocket| {
        rocket.manage(mount.clone()).mount("/", routes![forbidden, export]).register("/", catchers())
    })
    .await;
    let response = app.get("/forbidden", None).await;
    assert_eq!(response.status(), 403);
    assert!(response.text().await.unwrap().contains("403 Forbidden"));
    assert_eq!(app.code("/export", Some("ada")).await, (403, "feature_required".into()));
}

#[tokio::test]
async fn a_handler_may_require_more_and_take_an_optional_customer() {
    let app = serve(|mount, rocket| rocket.manage(mount.clone()).mount("/", routes![work, greet])).await;
    assert_eq!(app.code("/work", Some("ada")).await, (402, "insufficient_balance".into()));
    assert_eq!(app.get("/greet", Some("ada")).await.text().await.unwrap(), "you");
    assert_eq!(app.get("/greet", None).await.text().await.unwrap(), "who?");
}

#[tokio::test]
async fn the_way_back_from_checkout_and_the_way_to_the_portal() {
    let app = serve(|mount, rocket| {
        let rocket = rocket.manage(mount.clone()).mount("/", routes![thanks]).mount("/billing", mount.portal());
        rocket.register("/", catchers())
    })
    .await;
    assert_eq!(app.code("/thanks", None).await, (401, "unauthorized".into()));
    assert_eq!(app.get("/thanks?checkout_session=chckt_session_1", Some("ada")).await.text().await.unwrap(), "unknown");
    assert_eq!(app.code("/billing", None).await, (401, "unauthorized".into()));
    let response = app.get("/billing", Some("ada")).await;
    assert_eq!(response.status(), 303);
    assert!(response.headers()["location"].to_str().unwrap().starts_with("http"));
}
