//! The developer's verbs. Continuous integration calls the same ones.

mod check;
mod chromium;
mod clients;
mod e2e;
mod example;
mod run;
mod running;
mod tools;
mod web;

use std::process::ExitCode;

use lexopt::{Arg, Parser};

use crate::{
    example::Example,
    run::{Failure, Program, cargo, say},
    running::built,
};

const FLEET_DEMO: &str = "fleet-demo";

const HELP: &str = "\
cargo xtask demo [axum|actix|rocket]  build the page and start an example (axum's if none is named) with its own sandbox
cargo xtask demo --fleet [EXAMPLE]    start three instances of an example, one Redis and one sandbox, and say what to try
cargo xtask check                     format, lints, features, licences, code blocks, adapters, dependencies, packages
cargo xtask test [--require-browser]  check, tests, doc tests, docs; npm clients and browser if they can run
cargo xtask e2e [axum|actix|rocket]   the browser tests alone, against one example or all
cargo xtask clients                   the sandbox, driven by every method of Flowglad's npm clients
cargo xtask sandbox [ARGS]            start the Flowglad sandbox; --help shows its options
cargo xtask conformance [ARGS]        compare the client with the facts of the API; --help shows the options
cargo xtask bench pass-through [ARGS] measure the adapters beside a bare pass-through and the official server
cargo xtask bench gate [ARGS]         measure decisions from memory, gated routes, and the memory of cached billing
cargo xtask bench usage [ARGS]        measure durable records, their delivery, and a million that wait
cargo xtask bench webhook [ARGS]      measure verified deliveries of webhooks, beside a bare hash of the same bytes
cargo xtask bench fleet [ARGS]        measure gates, reads, holds and records with a Redis behind, and when others see a change
cargo xtask bench auth [ARGS]         measure warm checks of who is signed in, by algorithm and provider
cargo xtask kill [ARGS]               kill a program that records usage, and compare its acknowledgements with the charges
cargo xtask fuzz [ARGS]               run the fuzz targets for a while, optimized; --help shows the options";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            run::complain(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let mut arguments = Parser::from_env();
    let verb = match arguments.next()? {
        Some(Arg::Value(verb)) => verb.to_string_lossy().into_owned(),
        Some(Arg::Long("help") | Arg::Short('h')) | None => "help".to_owned(),
        Some(other) => return Err(other.unexpected().into()),
    };
    match &*verb {
        "demo" => demo(arguments),
        "check" => check::run(),
        "test" => test(has_flag(arguments, "require-browser")?),
        "clients" => clients::run(),
        "e2e" => match chosen_example(arguments)? {
            Some(example) => e2e::run(&[example]),
            None => e2e::run(&Example::ALL),
        },
        "sandbox" => run_program("flowglad-sandbox", arguments),
        "conformance" => run_program("flowglad-conformance", arguments),
        "bench" => bench(arguments),
        "kill" => run_program("flowglad-metering", arguments),
        "fuzz" => run_optimized("flowglad-fuzz", arguments),
        "help" => {
            say(HELP);
            Ok(())
        }
        other => Err(Failure::new(format!("no verb `{other}`\n\n{HELP}"))),
    }
}

fn demo(mut arguments: Parser) -> Result<(), Failure> {
    let (mut is_fleet, mut example) = (false, Example::Axum);
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("fleet") => is_fleet = true,
            Arg::Value(name) => example = Example::named(&name.to_string_lossy())?,
            other => return Err(other.unexpected().into()),
        }
    }
    web::build()?;
    if !is_fleet {
        return cargo(["run", "--package", example.package()]).run();
    }
    cargo(["build", "--package", FLEET_DEMO, "--package", example.package()]).run()?;
    Program::new(built(FLEET_DEMO)?).args([built(example.package())?]).replace_this()
}

fn test(require_browser: bool) -> Result<(), Failure> {
    check::run()?;
    tools::require("nextest")?;
    cargo(["nextest", "run", "--workspace"]).env("INSTA_UPDATE", "no").run()?;
    cargo(["test", "--workspace", "--doc"]).run()?;
    cargo(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings").run()?;
    match clients::obstacle() {
        None => clients::run()?,
        Some(obstacle) => say(&format!("skipped the npm clients: {obstacle}")),
    }
    match e2e::obstacle() {
        None => e2e::run(&Example::ALL),
        Some(obstacle) if require_browser => Err(Failure::new(format!("the browser test cannot run: {obstacle}"))),
        Some(obstacle) => {
            say(&format!("skipped the browser test: {obstacle}"));
            Ok(())
        }
    }
}

/// Runs a program of the workspace. A `--` before its arguments may be there or not.
fn run_program(package: &str, arguments: Parser) -> Result<(), Failure> {
    run_with(&["run", "--quiet", "--package", package, "--"], arguments)
}

/// As [`run_program`], in a build that is fast and still checks arithmetic.
fn run_optimized(package: &str, arguments: Parser) -> Result<(), Failure> {
    run_with(&["run", "--profile", "fuzz", "--package", package, "--"], arguments)
}

fn run_with(command: &[&str], mut arguments: Parser) -> Result<(), Failure> {
    let mut arguments = arguments.raw_args()?.peekable();
    arguments.next_if(|first| first == "--");
    cargo(command.iter().copied()).args(arguments).run()
}

/// Builds the measured servers as an app would ship them, and measures.
fn bench(mut arguments: Parser) -> Result<(), Failure> {
    if clients::obstacle().is_none() {
        web::npm(clients::FOLDER, &["ci"]).run()?;
    }
    cargo(["run", "--quiet", "--release", "--package", "flowglad-bench", "--"]).args(arguments.raw_args()?).run()
}

/// Whether a verb's only flag is given.
fn has_flag(mut arguments: Parser, flag: &str) -> Result<bool, Failure> {
    let mut given = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long(name) if name == flag => given = true,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(given)
}

fn chosen_example(mut arguments: Parser) -> Result<Option<Example>, Failure> {
    let example = match arguments.next()? {
        None => None,
        Some(Arg::Value(name)) => Some(Example::named(&name.to_string_lossy())?),
        Some(other) => return Err(other.unexpected().into()),
    };
    match arguments.next()? {
        None => Ok(example),
        Some(more) => Err(more.unexpected().into()),
    }
}
