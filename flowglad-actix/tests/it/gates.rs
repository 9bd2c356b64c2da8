//! Gates and extractors on actix-web's routes, scopes and nested scopes.

use std::{
    future::{Ready, ready},
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_web::{Error, HttpRequest, HttpServer, Scope, error::ErrorBadGateway, web};
use flowglad_actix::{
    CurrentBilling, Customer, Entitled, Mount, Refusal, ReturnedCheckout,
    flowglad_core::{
        Flowglad, RequestingCustomer,
        adapter::Identity,
        gate::{Gate, balance, feature, paid_plan, plan},
    },
};
use flowglad_sandbox::Sandbox;
use reqwest::{Client, redirect::Policy};
use serde_json::Value;

flowglad_actix::flowglad_core::feature!(ExportCsv = "export_csv");
flowglad_actix::flowglad_core::plan!(Pro = "pro");

fn identify(request: &HttpRequest) -> Ready<Result<Identity, Error>> {
    let name = request.headers().get("x-user").map(|name| name.to_str().unwrap());
    ready(match name {
        Some("broken") => Err(ErrorBadGateway("no store")),
        name => Ok(Identity::from(name.map(|name| RequestingCustomer::new(name, "", "a@example.com")))),
    })
}

struct App {
    base_url: String,
    sandbox: Sandbox,
    runs: Arc<AtomicUsize>,
}

/// Serves a scope that is made of the mount; the mount is known to the app only if the scope says so.
async fn serve(app: impl Fn(&Mount) -> Scope + Clone + Send + 'static) -> App {
    let sandbox = Sandbox::start().await.unwrap();
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()).build().unwrap();
    let runs = Arc::new(AtomicUsize::default());
    let counter = Arc::clone(&runs);
    let mount = Mount::new(flowglad, move |request: &HttpRequest| {
        counter.fetch_add(1, Ordering::Relaxed);
        identify(request)
    });
    let app = move || actix_web::App::new().service(app(&mount));
    let server = HttpServer::new(app).workers(1).disable_signals().bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let base_url = format!("http://{}", server.addrs()[0]);
    tokio::spawn(server.run());
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
async fn a_gate_stands_before_a_route_a_scope_and_a_nested_scope() {
    let app = serve(|mount| {
        let team = web::scope("/team").route("/members", web::get().to(plan_name)).wrap(mount.gate(paid_plan()));
        let gated = web::scope("/in")
            .service(web::resource("/free").get(plan_name).wrap(mount.gate(plan("free"))))
            .route("/pro", web::get().to(plan_name).wrap(mount.gate(Pro)))
            .service(team)
            .wrap(mount.gate(balance("unknown", 0)));
        web::scope("").service(gated).route("/open", web::get().to(async || "open"))
    })
    .await;
    assert_eq!(app.get("/open", None).await.text().await.unwrap(), "open");
    assert_eq!(app.work(), (0, 0));
    assert_eq!(app.code("/in/free", None).await, (401, "unauthorized".into()));
    assert_eq!(app.get("/in/free", Some("ada")).await.status(), 200);
    assert_eq!(app.code("/in/pro", Some("ada")).await, (403, "plan_required".into()));
    assert_eq!(app.code("/in/team/members", Some("ada")).await, (402, "subscription_required".into()));
}

#[tokio::test]
async fn gates_and_extractors_of_a_request_look_up_the_user_and_read_billing_once() {
    let app = serve(|mount| {
        let handler = async |_: CurrentBilling, _: Customer, pro: Result<Entitled<Pro>, Refusal>| {
            pro.unwrap_err().code().unwrap().to_owned()
        };
        let nested = web::scope("/a").route("/b", web::get().to(handler)).wrap(mount.gate(balance("unknown", 0)));
        let outer = web::scope("").service(nested).wrap(mount.gate(plan("free")));
        web::scope("").app_data(mount.clone()).service(outer)
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
        let reports = web::scope("/reports").route("/monthly", web::get().to(async || "the reports"));
        web::scope("").service(reports.wrap(mount.gate(gate)))
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
            assert_eq!(refusal.is_signed_out(), refusal.status() == 401);
            Err::<&str, Refusal>(refusal)
        };
        web::scope("")
            .app_data(mount.clone())
            .service(web::resource("/gate").get(async || "in").wrap(mount.gate(ExportCsv)))
            .route("/extractor", web::get().to(own))
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
async fn a_handler_may_require_more_and_take_an_optional_customer() {
    let app = serve(|mount| {
        let work = async |CurrentBilling(billing): CurrentBilling| {
            billing.require(balance("api_calls", 1_000_000))?;
            Ok::<_, Refusal>("done")
        };
        let greet = async |customer: Option<Customer>| if customer.is_some() { "you" } else { "who?" };
        web::scope("").app_data(mount.clone()).route("/work", web::get().to(work)).route("/greet", web::get().to(greet))
    })
    .await;
    assert_eq!(app.code("/work", Some("ada")).await, (402, "insufficient_balance".into()));
    assert_eq!(app.get("/greet", Some("ada")).await.text().await.unwrap(), "you");
    assert_eq!(app.get("/greet", None).await.text().await.unwrap(), "who?");
}

#[tokio::test]
async fn the_way_back_from_checkout_and_the_way_to_the_portal() {
    let app = serve(|mount| {
        let thanks = async |ReturnedCheckout(checkout): ReturnedCheckout| checkout.state.as_str();
        web::scope("").app_data(mount.clone()).route("/thanks", web::get().to(thanks)).route("/billing", mount.portal())
    })
    .await;
    assert_eq!(app.code("/thanks", None).await, (401, "unauthorized".into()));
    assert_eq!(app.get("/thanks?checkout_session=chckt_session_1", Some("ada")).await.text().await.unwrap(), "unknown");
    assert_eq!(app.code("/billing", None).await, (401, "unauthorized".into()));
    let response = app.get("/billing", Some("ada")).await;
    assert_eq!(response.status(), 303);
    assert!(response.headers()["location"].to_str().unwrap().starts_with("http"));
}
