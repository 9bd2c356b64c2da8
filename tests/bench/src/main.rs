//! Six measurements, which `cargo xtask bench` builds and runs. `pass-through`: `customers/billing` through each adapter,
//! beside a bare pass-through on the same framework and, where Node.js is installed, beside the official server from npm.
//! `gate`: decisions from memory, gated routes beside open ones, and the memory of cached customers. `usage`: durable
//! records per second, the rate of delivery, and a million records that wait. `webhook`: verified deliveries per second and core.
//! `auth`: checks of who is signed in per second and core. `fleet`: gates, reads, holds and records with a Redis behind.
//!
//! Every server is a process of its own, this same program with another verb, in front of one stub of the API. Rounds of
//! load visit the servers in turn, so that a machine that slows down slows all of them down.

mod auth;
mod document;
mod fleet;
mod gate;
mod gated_servers;
mod load;
mod pass_through;
mod process;
mod servers;
mod stub_api;
mod usage;
mod webhook;

use std::process::ExitCode;

use lexopt::{Arg, Parser, ValueExt as _};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const HELP: &str = "\
flowglad-bench pass-through|gate|usage|webhook|auth|fleet [--seconds N] [--rounds N] [--connections N]
    --seconds N       the length of one round of load (default 2)
    --rounds N        how many rounds each server gets (default 3)
    --connections N   how many connections send requests at once, each of another customer (default 128)
flowglad-bench serve stub-api|SERVER [API_URL]
    one server on a free port: axum, actix, rocket, the same with `bare-` before it
    (no adapter), or with `gated-` (one open and one gated route)";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let mut arguments = Parser::from_env();
    let mut words = Vec::new();
    let mut settings = pass_through::Settings { seconds: 2, rounds: 3, connections: 128 };
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Value(word) => words.push(word.string()?),
            Arg::Long("seconds") => settings.seconds = arguments.value()?.parse()?,
            Arg::Long("rounds") => settings.rounds = arguments.value()?.parse()?,
            Arg::Long("connections") => settings.connections = arguments.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["pass-through"] => pass_through::run(&settings),
        ["gate"] => gate::run(&settings),
        ["usage"] => usage::run(&settings),
        ["webhook"] => webhook::run(&settings),
        ["auth"] => auth::run(&settings),
        ["fleet"] => fleet::run(&settings),
        ["fill", folder] => usage::fill(folder),
        ["start", folder] => usage::start(folder),
        ["hold", size, customers, api_url] => gate::hold(size, customers, api_url),
        ["serve", "stub-api"] => stub_api::serve(),
        ["serve", "sandbox"] => usage::serve_sandbox(),
        ["serve", server, api_url] => match server.strip_prefix("gated-") {
            Some(framework) => gated_servers::serve(framework, api_url),
            None => servers::serve(server, api_url),
        },
        _ => Err(HELP.into()),
    }
}

#[expect(clippy::print_stdout, reason = "the result of the program")]
fn say(line: &str) {
    println!("{line}");
}
