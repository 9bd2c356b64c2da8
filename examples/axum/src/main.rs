//! A small axum app with Flowglad billing: sign-in, a page with plans, a page that requires a plan, and a metered
//! endpoint.
//!
//! Read it in this order: this file mounts Flowglad; `session.rs` finds the signed-in user; `reports.rs` is a page that
//! requires a feature; `calls.rs` is a metered endpoint. The React page is in `examples/web`.

mod calls;
mod reports;
mod session;

use std::{env, error::Error, net::Ipv4Addr, path::Path, process::ExitCode};

use axum::{
    Router,
    routing::{get, post},
};
use flowglad_axum::flowglad_core::{
    Flowglad, FlowgladBuilder, action::RequestHandler, cache::BillingCache, gate::Entitlement as _,
};
use flowglad_sandbox::Sandbox;
use tokio::net::TcpListener;
use tower_http::{services::ServeDir, trace::TraceLayer};
use tracing_subscriber::EnvFilter;

use crate::{reports::ExportCsv, session::User};

const DEFAULT_PORT: u16 = 3000;
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/dist");

#[tokio::main]
async fn main() -> ExitCode {
    // Core already logs failed requests; the trace layer would log them again.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,tower_http=off"));
    tracing_subscriber::fmt().with_env_filter(filter).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("example-axum: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let port = port()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = listener.map_err(|error| format!("cannot listen on port {port} (set PORT to another): {error}"))?;
    if !Path::new(PAGE).join("index.html").exists() {
        say("the page is not built: `cargo xtask demo` builds it and starts this example");
    }
    // The sandbox runs as long as `_sandbox` lives.
    let (flowglad, _sandbox) = connect_to_flowglad().await?;
    say(&format!("listening on http://{}", listener.local_addr()?));
    axum::serve(listener, app(flowglad)).with_graceful_shutdown(ctrl_c()).await?;
    Ok(())
}

fn app(flowglad: Flowglad) -> Router {
    let handler = RequestHandler::new(flowglad.clone()).upgrade_url("/#plans");
    let billing = flowglad_axum::Mount::new(handler, flowglad_axum::from_extractor::<User>());
    Router::new()
        .nest_service("/api/flowglad", billing.service())
        .route("/login", post(session::login))
        .route("/logout", post(session::logout))
        .route("/session", get(session::show))
        .route("/reports", get(reports::page))
        .route("/reports.csv", get(reports::csv).route_layer(billing.gate(ExportCsv::requirement())))
        .route("/reports.json", get(reports::json))
        .route("/calls", post(calls::make))
        .fallback_service(ServeDir::new(PAGE))
        .layer(billing.layer())
        .layer(session::layer())
        .layer(TraceLayer::new_for_http())
        .with_state(flowglad)
}

/// Connects to Flowglad as set in `FLOWGLAD_SECRET_KEY` and `FLOWGLAD_BASE_URL`, or else starts a sandbox. Billing is kept
/// in memory, so that gates need no request.
async fn connect_to_flowglad() -> Result<(Flowglad, Option<Sandbox>), Box<dyn Error>> {
    if env::var_os("FLOWGLAD_SECRET_KEY").is_some_and(|key| !key.is_empty()) {
        return Ok((FlowgladBuilder::from_env()?.cache(BillingCache::new()).build()?, None));
    }
    let sandbox = Sandbox::start().await?;
    say(&format!(
        "FLOWGLAD_SECRET_KEY is not set: using a Flowglad sandbox at {}, no real money moves",
        sandbox.base_url()
    ));
    let flowglad = Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url());
    let flowglad = flowglad.cache(BillingCache::new()).build()?;
    Ok((flowglad, Some(sandbox)))
}

fn port() -> Result<u16, String> {
    match env::var("PORT") {
        Ok(port) => port.parse().map_err(|_| format!("PORT must be a number from 0 to 65535, not {port:?}")),
        Err(_) => Ok(DEFAULT_PORT),
    }
}

async fn ctrl_c() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::error!("cannot wait for Ctrl-C: {error}");
        std::future::pending::<()>().await;
    }
}

#[expect(clippy::print_stdout, reason = "what a person at the terminal needs to know")]
fn say(line: &str) {
    println!("{line}");
}
