//! A small axum app with Flowglad billing: sign-in, a page with plans, a page that requires a plan, metered endpoints, and
//! webhooks.
//!
//! Read it in this order: this file mounts Flowglad; `session.rs` finds the signed-in user of the demo, `auth.rs` that of a
//! sign-in provider; `reports.rs` is a page that requires a feature; `calls.rs` has the metered endpoints; `webhooks.rs`
//! receives what happens at Flowglad. The React page is in `examples/web`.

mod auth;
mod calls;
mod reports;
mod session;
mod webhooks;

use std::{
    env,
    error::Error,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Extension, Router,
    routing::{get, post},
};
use flowglad_axum::{
    Mount,
    flowglad_core::{
        Flowglad, FlowgladBuilder,
        action::RequestHandler,
        cache::BillingCache,
        fleet::Fleet,
        gate::Entitlement as _,
        usage::{Meter, Outbox, UsageDelivery},
        webhook::WebhookSecrets,
    },
};
use flowglad_sandbox::Sandbox;
use tokio::{net::TcpListener, time::sleep};
use tower_http::{services::ServeDir, trace::TraceLayer};
use tracing_subscriber::EnvFilter;

use crate::{auth::Auth, reports::ExportCsv, session::User};

const DEFAULT_PORT: u16 = 3000;
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/dist");
/// Together less than the ten seconds that container runtimes and service managers give an app to end.
const ANSWER_FOR: Duration = Duration::from_secs(4);
const DELIVER_FOR: Duration = Duration::from_secs(3);
const LEAVE_FOR: Duration = Duration::from_secs(1);

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
    let (port, auth) = (port("PORT", DEFAULT_PORT)?, Auth::from_env()?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = listener.map_err(|error| format!("cannot listen on port {port} (set PORT to another): {error}"))?;
    if !Path::new(PAGE).join("index.html").exists() {
        say("the page is not built: `cargo xtask demo` builds it and starts this example");
    }
    let fleet = connect_to_fleet().await?;
    // The sandbox runs as long as this value lives.
    let (flowglad, sandbox) = connect_to_flowglad(fleet.as_ref()).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let secrets = webhooks::secrets(&flowglad, sandbox.as_ref().map(|_| &*address)).await?;
    say(&format!("listening on {address}"));
    let delivery = flowglad.usage().start_delivery()?;
    let app = app(flowglad, fleet.as_ref(), secrets, auth);
    tokio::select! {
        ended = axum::serve(listener, app).with_graceful_shutdown(asked_to_end()) => ended?,
        // Connections that a client keeps open, and slow requests, do not keep the app from ending.
        () = async { asked_to_end().await; sleep(ANSWER_FOR).await } => {}
    }
    finish(delivery, fleet).await;
    Ok(())
}

fn app(flowglad: Flowglad, fleet: Option<&Fleet>, secrets: Option<WebhookSecrets>, auth: Auth) -> Router {
    let billing = mount(RequestHandler::new(flowglad.clone()).upgrade_url("/#plans"), &auth);
    Router::new()
        .nest_service("/api/flowglad", billing.service())
        .merge(session::routes(&auth))
        .route("/reports", get(reports::page))
        .route("/reports.csv", get(reports::csv).route_layer(billing.gate(ExportCsv::requirement())))
        .route("/reports.json", get(reports::json))
        .route("/calls", post(calls::make))
        .route("/calls/fail", post(calls::fail).route_layer(billing.meter(Meter::new(calls::METER))))
        .route("/usage/status", get(calls::status))
        .merge(webhooks::routes(&flowglad, fleet, secrets))
        .fallback_service(ServeDir::new(PAGE))
        .layer(billing.layer())
        .layer(session::layer())
        .layer(Extension(auth))
        .layer(TraceLayer::new_for_http())
        .with_state(flowglad)
}

/// A real app has one of these lines, since it knows who signs its users in, and who pays.
fn mount(handler: RequestHandler, auth: &Auth) -> Mount {
    let handler = if auth.organizations { handler.authorize(auth::may) } else { handler };
    match &auth.sign_in {
        Some(provider) => Mount::new(handler, provider.clone()),
        None if auth.organizations => Mount::new(handler, session::organization),
        None => Mount::new(handler, flowglad_axum::from_extractor::<User>()),
    }
}

/// Delivers what it can in the time that is left. The rest waits on the disk for the next start, or in the fleet for others.
async fn finish(delivery: UsageDelivery, fleet: Option<Fleet>) {
    let left = delivery.shutdown(DELIVER_FOR).await;
    if left.pending > 0 {
        say(&format!("usage events that wait for the next start: {}", left.pending));
    }
    if let Some(fleet) = fleet {
        fleet.shutdown(LEAVE_FOR).await;
    }
}

/// What several instances of this app share, if `REDIS_URL` names a Redis or Valkey. If that is away, the app starts without it.
async fn connect_to_fleet() -> Result<Option<Fleet>, Box<dyn Error>> {
    let Some(url) = env::var_os("REDIS_URL").filter(|url| !url.is_empty()) else { return Ok(None) };
    let url = url.into_string().map_err(|_| "REDIS_URL is not Unicode")?;
    Ok(Some(Fleet::connect(url).await.map_err(|error| format!("cannot use REDIS_URL: {error}"))?))
}

/// Connects to Flowglad as set in `FLOWGLAD_SECRET_KEY` and `FLOWGLAD_BASE_URL`, or else starts a sandbox. Billing is kept
/// in memory, so that gates need no request, and usage on the disk or in the fleet until Flowglad has it.
async fn connect_to_flowglad(fleet: Option<&Fleet>) -> Result<(Flowglad, Option<Sandbox>), Box<dyn Error>> {
    let (builder, sandbox) = if env::var_os("FLOWGLAD_SECRET_KEY").is_some_and(|key| !key.is_empty()) {
        (FlowgladBuilder::from_env()?, None)
    } else {
        let sandbox = Sandbox::builder().port(port("SANDBOX_PORT", 0)?).keep_webhooks().start().await?;
        say(&format!(
            "FLOWGLAD_SECRET_KEY is not set: using a Flowglad sandbox at {} with the key {}, no real money moves",
            sandbox.base_url(),
            sandbox.api_key()
        ));
        (Flowglad::builder().api_key(sandbox.api_key()).base_url(sandbox.base_url()), Some(sandbox))
    };
    let (mut cache, mut outbox) = (BillingCache::new(), Outbox::open(usage_folder())?);
    if let Some(fleet) = fleet {
        (cache, outbox) = (cache.store(fleet.billing()), fleet.outbox(outbox)?);
    }
    Ok((builder.cache(cache).usage(outbox).build()?, sandbox))
}

/// A real app sets `USAGE_DIR` to a folder on a disk that is still there after a restart, one for each process.
fn usage_folder() -> PathBuf {
    let new = || {
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        env::temp_dir().join(format!("example-axum-usage-{started}"))
    };
    let folder = env::var_os("USAGE_DIR").filter(|folder| !folder.is_empty()).map_or_else(new, PathBuf::from);
    say(&format!("usage is kept in {} until Flowglad has it", folder.display()));
    folder
}

fn port(name: &str, default: u16) -> Result<u16, String> {
    match env::var(name) {
        Ok(port) => port.parse().map_err(|_| format!("{name} must be a number from 0 to 65535, not {port:?}")),
        Err(_) => Ok(default),
    }
}

/// Waits for SIGINT (Ctrl-C) or SIGTERM, by which service managers and container runtimes end an app.
async fn asked_to_end() {
    let interrupted = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!("cannot wait for Ctrl-C: {error}");
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupted => {}
        () = terminated() => {}
    }
}

#[cfg(unix)]
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};

    match signal(SignalKind::terminate()) {
        Ok(mut signals) => _ = signals.recv().await,
        Err(error) => {
            tracing::error!("cannot wait for SIGTERM: {error}");
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending::<()>().await;
}

#[expect(clippy::print_stdout, reason = "what a person at the terminal needs to know")]
fn say(line: &str) {
    println!("{line}");
}
