//! Gates and extractors on axum's routes, routers and nested routers.

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    http::{StatusCode, request::Parts},
    response::IntoResponse as _,
    routing::get,
};
use flowglad_axum::{
    CurrentBilling, CustomerSource, Entitled, Mount, Refusal, ReturnedCheckout,
    flowglad_core::{
        Flowglad, RequestingCustomer,
        adapter::Identity,
        gate::{Gate, balance, feature, paid_plan, plan},
    },
};
use flowglad_sandbox::Sandbox;
use reqwest::{Client, redirect::Policy};
use serde_json::Value;
use tokio::net::TcpListener;

flowglad_axum::flowglad_core::feature!(ExportCsv = "export_csv");
flowglad_axum::flowglad_core::plan!(Pro = "pro");

/// A source that reads the user from a header, and how often it ran.
fn source() -> (impl CustomerSource<()>, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::default());
    let counter = Arc::clone(&runs);
    let source = move |parts: &mut Parts| {
        counter.fetch_add(1, Ordering::Relaxed);
        let name = parts.headers.get("x-user").map(|name| name.to_str().unwrap().to_owned());
        ready(match name.as_deref() {
            Some("broken") => Err((StatusCode::BAD_GATEWAY, "no store").into_response()),
            name => Ok(Identity::from(name.map(|name| RequestingCustomer::new(name, "", "a@example.com")))),
        })
    };
    (source, runs)
}

struct App {
    base_url: String,
    sandbox: Sandbox,
    runs: Arc<AtomicUsize>,
}

async fn serve(app: impl FnOnce(&Mount) -> Router) -> App {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap();
    let (source, runs) = source();
    let app = app(&Mount::new(flowglad, source));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    App { base_url, sandbox, runs }
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

async fn plan_name(CurrentBilling(billing): CurrentBilling) -> String {
    billing.current_subscriptions()[0].name.clone().unwrap_or_default()
}

#[tokio::test]
async fn a_gate_stands_before_a_route_a_router_and_a_nested_router() {
    let app = serve(|mount| {
        let team = Router::new().route("/members", get(plan_name)).route_layer(mount.gate(paid_plan()));
        Router::new()
            .route("/free", get(plan_name).route_layer(mount.gate(plan("free"))))
            .route("/pro", get(plan_name).route_layer(mount.gate(Pro)))
            .route_layer(mount.gate(balance("unknown", 0)))
            .nest("/team", team)
            .route("/open", get(|| async { "open" }))
    })
    .await;
    assert_eq!(app.get("/open", None).await.text().await.unwrap(), "open");
    assert_eq!(app.work(), (0, 0));
    assert_eq!(app.code("/free", None).await, (401, "unauthorized".into()));
    assert_eq!(app.get("/free", Some("ada")).await.status(), 200);
    assert_eq!(app.code("/pro", Some("ada")).await, (403, "plan_required".into()));
    assert_eq!(app.code("/team/members", Some("ada")).await, (402, "subscription_required".into()));
}

#[tokio::test]
async fn gates_and_extractors_of_a_request_look_up_the_user_and_read_billing_once() {
    let app = serve(|mount| {
        let handler = async |_: CurrentBilling, _: flowglad_axum::Customer, pro: Result<Entitled<Pro>, Refusal>| {
            pro.unwrap_err().code().unwrap().to_owned()
        };
        let nested = Router::new().route("/b", get(handler)).route_layer(mount.gate(balance("unknown", 0)));
        Router::new().nest("/a", nested).route_layer(mount.gate(plan("free"))).layer(mount.layer())
    })
    .await;
    app.get("/a/b", Some("ada")).await;
    let (runs, reads) = app.work();
    let response = app.get("/a/b", Some("ada")).await;
    assert_eq!(response.text().await.unwrap(), "plan_required");
    assert_eq!(app.work(), (runs + 1, reads + 1));
}

#[tokio::test]
async fn a_page_redirects_with_its_whole_path() {
    let app = serve(|mount| {
        let gate = Gate::from(feature("export_csv")).redirect_to("/pricing").sign_in_at("/");
        let reports = Router::new().route("/monthly", get(|| async { "the reports" })).route_layer(mount.gate(gate));
        Router::new().nest("/reports", reports)
    })
    .await;
    let response = app.get("/reports/monthly?a=1", Some("ada")).await;
    assert_eq!(response.status(), 303);
    assert_eq!(response.headers()["location"], "/pricing?returnTo=%2Freports%2Fmonthly%3Fa%3D1");
    let response = app.get("/reports/monthly", None).await;
    assert_eq!(response.headers()["location"], "/?returnTo=%2Freports%2Fmonthly");
}

#[tokio::test]
async fn the_apps_own_response_passes_a_gate_and_an_extractor() {
    let app = serve(|mount| {
        let own = async |refused: Result<Entitled<ExportCsv>, Refusal>| {
            let refusal = refused.unwrap_err();
            assert!(refusal.code().is_none() || refusal.is_signed_out() == (refusal.status() == 401));
            refusal
        };
        Router::new()
            .route("/gate", get(|| async { "in" }).route_layer(mount.gate(ExportCsv)))
            .route("/extractor", get(own))
            .layer(mount.layer())
    })
    .await;
    for path in ["/gate", "/extractor"] {
        let response = app.get(path, Some("broken")).await;
        assert_eq!((response.status().as_u16(), response.text().await.unwrap()), (502, "no store".into()), "{path}");
        assert_eq!(app.code(path, None).await, (401, "unauthorized".into()));
        assert_eq!(app.code(path, Some("ada")).await, (403, "feature_required".into()));
    }
}

#[tokio::test]
async fn a_handler_may_require_more_with_a_question_mark() {
    let app = serve(|mount| {
        let handler = async |CurrentBilling(billing): CurrentBilling| {
            billing.require(balance("api_calls", 1_000_000))?;
            Ok::<_, Refusal>("done")
        };
        Router::new().route("/work", get(handler)).layer(mount.layer())
    })
    .await;
    assert_eq!(app.code("/work", Some("ada")).await, (402, "insufficient_balance".into()));
}

#[tokio::test]
async fn the_way_back_from_checkout_and_the_way_to_the_portal() {
    let app = serve(|mount| {
        let thanks = async |ReturnedCheckout(checkout): ReturnedCheckout| checkout.state.as_str();
        Router::new().route("/thanks", get(thanks)).route("/billing", mount.portal()).layer(mount.layer())
    })
    .await;
    assert_eq!(app.code("/thanks", None).await, (401, "unauthorized".into()));
    assert_eq!(app.get("/thanks?checkout_session=chckt_session_1", Some("ada")).await.text().await.unwrap(), "unknown");
    assert_eq!(app.code("/billing", None).await, (401, "unauthorized".into()));
    let response = app.get("/billing", Some("ada")).await;
    assert_eq!(response.status(), 303);
    assert!(response.headers()["location"].to_str().unwrap().starts_with("http"));
}
