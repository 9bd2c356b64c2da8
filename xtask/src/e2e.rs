//! The browser tests: real pages in a real browser against the real examples, all on free ports.

use std::thread;

use crate::{
    chromium,
    example::Example,
    run::{Failure, Program, cargo, say, workspace},
    running::{Running, built},
    web,
};

const SCREENSHOTS: &str = "target/e2e";
const SANDBOX: &str = "flowglad-sandbox";

/// The story of a customer, the states that their money can have, every function of every hook, and an outage of Flowglad.
const SCRIPTS: [&str; 4] = ["main-job", "states", "hooks", "outage"];

/// What is missing for the browser tests.
pub(crate) fn obstacle() -> Option<String> {
    let no_browser = || "Chromium was not found: install it, or name it in CHROMIUM".to_owned();
    web::obstacle().or_else(|| chromium::find().is_none().then(no_browser))
}

/// Builds the page, the examples and the sandbox, and lets the browser tests loose on each.
pub(crate) fn run(examples: &[Example]) -> Result<(), Failure> {
    if let Some(obstacle) = obstacle() {
        return Err(Failure::new(obstacle));
    }
    web::build()?;
    web::npm("tests/e2e", &["ci"]).run()?;
    let packages = examples.iter().flat_map(|example| ["--package", example.package()]);
    cargo(["build", "--package", SANDBOX].into_iter().chain(packages)).run()?;
    run_dashboard()?;
    sign_in(examples)?;
    match examples {
        [example] => run_against(*example, Program::run),
        examples => run_against_each(examples),
    }
}

/// All at once, since a browser waits for most of the time.
fn run_against_each(examples: &[Example]) -> Result<(), Failure> {
    let results: Vec<Result<(), Failure>> = thread::scope(|scope| {
        let runs: Vec<_> =
            examples.iter().map(|example| scope.spawn(|| run_against(*example, Program::run_beside_others))).collect();
        let ended = |run: thread::ScopedJoinHandle<'_, _>| run.join().unwrap_or_else(|_| Err(Failure::new("a panic")));
        runs.into_iter().map(ended).collect()
    });
    results.into_iter().collect()
}

/// Users of running sign-in apps, without a browser.
fn sign_in(examples: &[Example]) -> Result<(), Failure> {
    web::npm("tests/auth", &["ci"]).run()?;
    let programs = examples.iter().map(|example| built(example.package())).collect::<Result<Vec<_>, _>>()?;
    Program::new("node").args(["tests/auth/live.mjs"]).args(programs).run()
}

fn run_dashboard() -> Result<(), Failure> {
    let sandbox = Running::start(SANDBOX, |program| program.args(["--port", "0"]))?;
    say(&format!("{SANDBOX} listens on {}", sandbox.base_url));
    script("dashboard", &sandbox, SANDBOX).run()
}

fn run_against(example: Example, run: fn(Program) -> Result<(), Failure>) -> Result<(), Failure> {
    let running = example.start()?;
    say(&format!("{} listens on {}", example.package(), running.base_url));
    SCRIPTS.iter().try_for_each(|name| run(script(name, &running, example.name())))
}

/// One script against a program, with its screenshots in a folder of the program's name.
fn script(name: &str, running: &Running, folder: &str) -> Program {
    Program::new("node")
        .args([format!("tests/e2e/{name}.mjs")])
        .env("BASE_URL", &running.base_url)
        .env("SANDBOX_URL", running.said_after("sandbox at ").unwrap_or_default())
        .env("CHROMIUM", chromium::find().unwrap_or_default())
        .env("SCREENSHOTS", workspace().join(SCREENSHOTS).join(folder).join(name))
}
