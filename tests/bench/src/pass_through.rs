//! The measurement and its table.

use std::{env, fs, process::Command};

use crate::{
    Failure,
    document::Size,
    load::{self, USER_HEADER},
    process::Server,
    say,
};

pub(crate) const FRAMEWORKS: [&str; 3] = ["axum", "actix", "rocket"];
const OFFICIAL: &str = "official (npm)";
const OFFICIAL_SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../e2e/clients/bench-server.mjs");

pub(crate) struct Settings {
    pub(crate) seconds: u64,
    pub(crate) rounds: usize,
    pub(crate) connections: usize,
}

/// What one server did with one document, the median of its rounds.
struct Measured {
    server: String,
    per_second: f64,
    cpu_milliseconds: f64,
    memory: f64,
}

pub(crate) fn run(settings: &Settings) -> Result<(), Failure> {
    let stub = Server::start("stub-api", this_program(&["serve", "stub-api"])?)?;
    let api_url = format!("http://{}", stub.address);
    say(&format!("{}, commit {}", machine(), commit()));
    say(&format!(
        "customers/billing, {} connections, {} rounds of {} s, medians",
        settings.connections, settings.rounds, settings.seconds
    ));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    for size in [Size::Small, Size::Large] {
        // Fresh processes for each size, so that the memory is of this size.
        let servers = start_servers(&api_url)?;
        let measured = runtime.block_on(measure(&servers, size, settings))?;
        print_table(size.title(), &measured);
    }
    Ok(())
}

fn start_servers(api_url: &str) -> Result<Vec<Server>, Failure> {
    let mut servers = Vec::new();
    for framework in FRAMEWORKS {
        for name in [format!("bare-{framework}"), framework.to_owned()] {
            servers.push(Server::start(&name, this_program(&["serve", &name, api_url])?)?);
        }
    }
    let mut node = Command::new("node");
    node.arg(OFFICIAL_SCRIPT).env("FLOWGLAD_BASE_URL", api_url);
    match Server::start(OFFICIAL, node) {
        Ok(official) => servers.push(official),
        Err(failure) => say(&format!(
            "without the official server: {failure} (it needs Node.js, and `npm ci` in tests/e2e/clients)"
        )),
    }
    Ok(servers)
}

/// One request for each connection. Each is of another customer, since reads of one are shared.
fn requests(size: Size, connections: usize) -> Vec<String> {
    let request = |number| {
        let customer = size.customer(number);
        format!(
            "POST /api/flowglad/customers/billing HTTP/1.1\r\nhost: bench\r\n{USER_HEADER}: {customer}\r\n\
             content-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}"
        )
    };
    (0..connections).map(request).collect()
}

async fn measure(servers: &[Server], size: Size, settings: &Settings) -> Result<Vec<Measured>, Failure> {
    let requests = requests(size, settings.connections);
    let mut rounds: Vec<Vec<(f64, f64)>> = servers.iter().map(|_| Vec::new()).collect();
    for _ in 0..settings.rounds {
        for (server, rounds) in servers.iter().zip(&mut rounds) {
            load::run(&server.address, &requests, 1).await?;
            let before = server.cpu_seconds()?;
            let responses = load::run(&server.address, &requests, settings.seconds).await?;
            let cpu = server.cpu_seconds()? - before;
            #[expect(clippy::cast_precision_loss, reason = "far below the limit of exact numbers")]
            let (responses, seconds) = (responses as f64, settings.seconds as f64);
            rounds.push((responses / seconds, cpu * 1000.0 / responses));
        }
    }
    let measured = servers.iter().zip(rounds).map(|(server, rounds)| {
        Ok(Measured {
            server: server.name.clone(),
            per_second: median(rounds.iter().map(|round| round.0)),
            cpu_milliseconds: median(rounds.iter().map(|round| round.1)),
            memory: server.memory()?,
        })
    });
    measured.collect()
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn print_table(title: &str, measured: &[Measured]) {
    say(&format!(
        "\n| {title} | requests/s | CPU ms/request | memory MiB | CPU / bare | memory / bare | rate / official | memory / official |"
    ));
    say("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let find = |name: &str| measured.iter().find(|other| other.server == name);
    for row in measured {
        let bare = find(&format!("bare-{}", row.server));
        let official = find(OFFICIAL).filter(|official| official.server != row.server);
        let ratio = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.2}"));
        say(&format!(
            "| {} | {:.0} | {:.4} | {:.0} | {} | {} | {} | {} |",
            row.server,
            row.per_second,
            row.cpu_milliseconds,
            row.memory,
            ratio(bare.map(|bare| row.cpu_milliseconds / bare.cpu_milliseconds)),
            ratio(bare.map(|bare| row.memory / bare.memory)),
            ratio(official.map(|official| row.per_second / official.per_second)),
            ratio(official.map(|official| row.memory / official.memory)),
        ));
    }
}

pub(crate) fn this_program(arguments: &[&str]) -> Result<Command, Failure> {
    let mut command = Command::new(env::current_exe()?);
    command.args(arguments);
    Ok(command)
}

/// The processor's name and the number of its cores.
pub(crate) fn machine() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpus.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("unknown processor");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    format!("{cores} × {}", name.trim_start_matches([' ', '\t', ':']))
}

pub(crate) fn commit() -> String {
    let output = Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    output.map_or_else(|_| "unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
