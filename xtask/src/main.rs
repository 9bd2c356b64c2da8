//! The developer's verbs. Continuous integration calls the same ones.

mod chromium;
mod e2e;
mod run;
mod web;

use std::process::ExitCode;

use lexopt::{Arg, Parser};

use crate::run::{Failure, cargo, say};

const HELP: &str = "\
cargo xtask demo                      build the page and start the axum example with its own sandbox
cargo xtask test [--require-browser]  format, lints, tests, doc tests, docs, and the browser test if it can run
cargo xtask e2e                       the browser test alone
cargo xtask sandbox [ARGS]            start the Flowglad sandbox; --help shows its options";

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
        _ => "help".to_owned(),
    };
    match &*verb {
        "demo" => no_more(arguments).and_then(|()| demo()),
        "test" => test(require_browser(arguments)?),
        "e2e" => no_more(arguments).and_then(|()| e2e::run()),
        "sandbox" => cargo(["run", "--quiet", "--package", "flowglad-sandbox", "--"]).args(arguments.raw_args()?).run(),
        "help" => {
            say(HELP);
            Ok(())
        }
        other => Err(Failure::new(format!("no verb `{other}`\n\n{HELP}"))),
    }
}

fn demo() -> Result<(), Failure> {
    web::build()?;
    cargo(["run", "--package", "example-axum"]).run()
}

fn test(require_browser: bool) -> Result<(), Failure> {
    cargo(["fmt", "--all", "--check"]).run()?;
    cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).run()?;
    if run::has(cargo(["nextest", "--version"])) {
        cargo(["nextest", "run", "--workspace"]).env("INSTA_UPDATE", "no").run()?;
    } else {
        say("cargo-nextest is not installed: using the slower `cargo test`");
        cargo(["test", "--workspace", "--lib", "--bins", "--tests"]).env("INSTA_UPDATE", "no").run()?;
    }
    cargo(["test", "--workspace", "--doc"]).run()?;
    cargo(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings").run()?;
    match e2e::obstacle() {
        None => e2e::run(),
        Some(obstacle) if require_browser => Err(Failure::new(format!("the browser test cannot run: {obstacle}"))),
        Some(obstacle) => {
            say(&format!("skipped the browser test: {obstacle}"));
            Ok(())
        }
    }
}

fn require_browser(mut arguments: Parser) -> Result<bool, Failure> {
    let mut required = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("require-browser") => required = true,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(required)
}

fn no_more(mut arguments: Parser) -> Result<(), Failure> {
    match arguments.next()? {
        Some(argument) => Err(argument.unexpected().into()),
        None => Ok(()),
    }
}
