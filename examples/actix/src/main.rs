//! A small actix-web app with Flowglad billing: sign-in, a page with plans, a page that requires a plan, metered endpoints,
//! and webhooks.
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
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use actix_files::Files;
use actix_web::{App, HttpServer, cookie::Key, middleware::Logger, web};
use flowglad_actix::{
    Mount,
    flowglad_core::{
        Flowglad, FlowgladBuilder,
        action::RequestHandler,
        cache::BillingCache,
        fleet::Fleet,
        gate::Entitlement as _,
        usage::{Meter, Outbox, UsageDelivery},
    },
};
use flowglad_sandbox::Sandbox;
use tracing_subscriber::EnvFilter;

use crate::{auth::Auth, reports::ExportCsv, session::User, webhooks::Inbox};

const DEFAULT_PORT: u16 = 3001;
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/dist");
/// Together less than the ten seconds that container runtimes and service managers give an app to end.
const ANSWER_FOR: Duration = Duration::from_secs(4);
const DELIVER_FOR: Duration = Duration::from_secs(3);
const LEAVE_FOR: Duration = Duration::from_secs(1);

#[actix_web::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("example-actix: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let (port, auth) = (port("PORT", DEFAULT_PORT)?, Auth::from_env()?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = listener.map_err(|error| format!("cannot listen on port {port} (set PORT to another): {error}"))?;
    if !Path::new(PAGE).join("index.html").exists() {
        say("the page is not built: `cargo xtask demo actix` builds it and starts this example");
    }
    let fleet = connect_to_fleet().await?;
    // The sandbox runs as long as this value lives.
    let (flowglad, sandbox) = connect_to_flowglad(fleet.as_ref()).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let secrets = webhooks::secrets(&flowglad, sandbox.as_ref().map(|_| &*address)).await?;
    let inbox = Inbox::new();
    let receiver = secrets.map(|secrets| inbox.receiver(&flowglad, fleet.as_ref(), secrets));
    let delivery = flowglad.usage().start_delivery()?;
    let billing = mount(RequestHandler::new(flowglad.clone()).upgrade_url("/#plans"), &auth);
    // One key for all workers. A new key at each start signs all users out; a real app keeps its key in a secret store.
    let key = Key::generate();
    let app = move || {
        // The routes of webhooks are the first, since the file service at the end of the others matches every path.
        let app = App::new().configure(|app| webhooks::routes(app, &inbox, receiver.as_ref()));
        let app = app.configure(|app| session::routes(app, &auth)).configure(|app| routes(app, &flowglad, &billing));
        app.wrap(session::middleware(&key)).wrap(Logger::default())
    };
    say(&format!("listening on {address}"));
    // It ends by SIGTERM or Ctrl-C. Connections that a client keeps open, and slow requests, do not keep it from ending.
    HttpServer::new(app).shutdown_timeout(ANSWER_FOR.as_secs()).listen(listener)?.run().await?;
    finish(delivery, fleet).await;
    Ok(())
}

/// The file service comes last, since it matches every path.
fn routes(app: &mut web::ServiceConfig, flowglad: &Flowglad, billing: &Mount) {
    app.app_data(web::Data::new(flowglad.clone()))
        .app_data(billing.clone())
        .service(billing.scope("/api/flowglad"))
        .service(web::resource("/reports").get(reports::page))
        .service(web::resource("/reports.csv").wrap(billing.gate(ExportCsv::requirement())).get(reports::csv))
        .service(web::resource("/reports.json").get(reports::json))
        .service(web::resource("/calls").post(calls::make))
        .service(web::resource("/calls/fail").wrap(billing.meter(Meter::new(calls::METER))).post(calls::fail))
        .service(web::resource("/usage/status").get(calls::status))
        .service(Files::new("/", PAGE).index_file("index.html"));
}

/// A real app has one of these lines, since it knows who signs its users in, and who pays.
fn mount(handler: RequestHandler, auth: &Auth) -> Mount {
    let handler = if auth.organizations { handler.authorize(auth::may) } else { handler };
    match &auth.sign_in {
        Some(provider) => Mount::new(handler, provider.clone()),
        None if auth.organizations => Mount::new(handler, session::organization),
        None => Mount::new(handler, flowglad_actix::from_extractor::<User>()),
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
        env::temp_dir().join(format!("example-actix-usage-{started}"))
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

/// Waits for SIGINT (Ctrl-C) or SIGTERM, by which the server ends. Streams that would go on for ever end then, too.
async fn asked_to_end() {
    tokio::select! {
        Ok(()) = tokio::signal::ctrl_c() => {}
        () = terminated() => {}
        else => std::future::pending().await,
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
