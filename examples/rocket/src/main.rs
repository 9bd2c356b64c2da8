//! A small Rocket app with Flowglad billing: sign-in, a page with plans, a page that requires a plan, metered endpoints, and
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

use flowglad_rocket::{
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
use rocket::{
    Build, Config, Rocket,
    config::{SecretKey, Shutdown},
    error::ErrorKind,
    fairing::AdHoc,
    figment::{Figment, providers::Env},
    fs::{FileServer, Options},
};
use tracing_subscriber::EnvFilter;

use crate::{
    auth::Auth,
    reports::ExportCsv,
    session::User,
    webhooks::{Inbox, Registered},
};

const DEFAULT_PORT: u16 = 3002;
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/dist");
/// How many seconds requests get to end after the `grace` of Rocket, which is two. All of the end is then 8 s at most: grace,
/// mercy, one second that Rocket adds, `DELIVER_FOR` and `LEAVE_FOR`. Container runtimes and service managers give an app ten.
const MERCY: u32 = 2;
const DELIVER_FOR: Duration = Duration::from_secs(2);
const LEAVE_FOR: Duration = Duration::from_secs(1);
/// Rocket logs a warning for every refused request and more at other levels. `RUST_LOG=info` shows these logs.
const QUIET: &str = "error,flowglad_core=warn,rocket=off";

#[rocket::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_env_filter(log_filter()).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("example-rocket: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What `RUST_LOG` says, but for the target to which Rocket logs at debug all headers of every request and response, session
/// cookies among them.
fn log_filter() -> EnvFilter {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(QUIET));
    if env::var_os(EnvFilter::DEFAULT_ENV).is_none() {
        return filter;
    }
    filter.add_directive("rocket::server=info".parse().expect("a directive"))
}

async fn run() -> Result<(), Box<dyn Error>> {
    let (port, auth) = (port("PORT", DEFAULT_PORT)?, Auth::from_env()?);
    let config = config(port)?;
    if !Path::new(PAGE).join("index.html").exists() {
        say("the page is not built: `cargo xtask demo rocket` builds it and starts this example");
    }
    let fleet = connect_to_fleet().await?;
    // The sandbox runs as long as this value lives.
    let (flowglad, sandbox) = connect_to_flowglad(fleet.as_ref()).await?;
    let registered = match &sandbox {
        Some(_) => Some(Registered::new(&flowglad, port).await?),
        None => None,
    };
    let secrets = webhooks::secrets(registered.as_ref())?;
    let delivery = flowglad.usage().start_delivery()?;
    let app = app(flowglad.clone(), fleet.as_ref(), secrets, auth, config).attach(say_where(flowglad, registered));
    // It ends by SIGTERM or Ctrl-C.
    match app.launch().await {
        // A request went on for longer than Rocket waits, for example for a Flowglad that does not answer.
        Err(error) if matches!(error.kind(), ErrorKind::Shutdown(..)) => {}
        ended => {
            ended.map_err(|error| format!("cannot serve on port {port} (set PORT to another): {error}"))?;
        }
    }
    finish(delivery, fleet).await;
    Ok(())
}

fn app(
    flowglad: Flowglad,
    fleet: Option<&Fleet>,
    secrets: Option<WebhookSecrets>,
    auth: Auth,
    config: Config,
) -> Rocket<Build> {
    let inbox = Inbox::new();
    let billing = mount(RequestHandler::new(flowglad.clone()).upgrade_url("/#plans"), &auth);
    rocket::custom(config)
        .mount("/api/flowglad", billing.routes())
        .mount("/", session::routes(&auth))
        .mount("/", reports::routes())
        .mount("/", billing.gate(ExportCsv::requirement()).routes(reports::gated_routes()))
        .mount("/", calls::routes())
        .mount("/", billing.meter(Meter::new(calls::METER)).routes(calls::metered_routes()))
        .mount("/webhooks/flowglad", webhooks::deliveries(&inbox, &flowglad, fleet, secrets))
        .mount("/", webhooks::routes())
        .mount("/", FileServer::new(PAGE, Options::Index | Options::Missing))
        .register("/", session::catchers())
        .manage(flowglad)
        .manage(auth)
        .manage(billing)
        .manage(inbox)
}

/// A real app has one of these lines, since it knows who signs its users in, and who pays.
fn mount(handler: RequestHandler, auth: &Auth) -> Mount {
    let handler = if auth.organizations { handler.authorize(auth::may) } else { handler };
    match &auth.sign_in {
        Some(provider) => Mount::new(handler, provider.clone()),
        None if auth.organizations => Mount::new(handler, session::organization),
        None => Mount::new(handler, flowglad_rocket::from_guard::<User>()),
    }
}

fn say_where(flowglad: Flowglad, registered: Option<Registered>) -> AdHoc {
    AdHoc::on_liftoff("say where", |rocket| {
        Box::pin(async move {
            let &Config { address, port, .. } = rocket.config();
            if let Some(registered) = registered
                && let Err(error) = registered.listens_on(&flowglad, port).await
            {
                tracing::error!("webhooks do not arrive: {error}");
            }
            say(&format!("listening on http://{address}:{port}"));
        })
    })
}

/// A new secret key at each start signs all users out; a real app keeps its key in `ROCKET_SECRET_KEY`.
fn config(port: u16) -> Result<Config, String> {
    let secret_key = SecretKey::generate().ok_or("the system has no random numbers")?;
    let shutdown = Shutdown { mercy: MERCY, ..Shutdown::default() };
    let defaults = Config { address: Ipv4Addr::LOCALHOST.into(), secret_key, shutdown, ..Config::default() };
    let config = Figment::from(defaults).merge(Env::prefixed("ROCKET_").global()).merge((Config::PORT, port));
    config.extract().map_err(|error| format!("cannot be configured: {error}"))
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
        env::temp_dir().join(format!("example-rocket-usage-{started}"))
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

#[expect(clippy::print_stdout, reason = "what a person at the terminal needs to know")]
fn say(line: &str) {
    println!("{line}");
}
