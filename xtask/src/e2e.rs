//! The browser tests: real pages in a real browser against the real examples, all on free ports.

use crate::{
    chromium,
    example::Example,
    run::{Failure, Program, cargo, say, workspace},
    web,
};

const SCREENSHOTS: &str = "target/e2e";

/// The story of a customer, and every function of every hook.
const SCRIPTS: [&str; 2] = ["main-job", "hooks"];

/// What is missing for the browser tests.
pub(crate) fn obstacle() -> Option<String> {
    let no_browser = || "Chromium was not found: install it, or name it in CHROMIUM".to_owned();
    web::obstacle().or_else(|| chromium::find().is_none().then(no_browser))
}

/// Builds the page and the examples, and lets the browser tests loose on each.
pub(crate) fn run(examples: &[Example]) -> Result<(), Failure> {
    if let Some(obstacle) = obstacle() {
        return Err(Failure::new(obstacle));
    }
    web::build()?;
    web::npm("e2e", &["ci"]).run()?;
    let packages = examples.iter().flat_map(|example| ["--package", example.package()]);
    cargo(["build"].into_iter().chain(packages)).run()?;
    examples.iter().try_for_each(|example| run_against(*example))
}

fn run_against(example: Example) -> Result<(), Failure> {
    let chromium = chromium::find().unwrap_or_default();
    let running = example.start()?;
    say(&format!("{} listens on {}", example.package(), running.base_url));
    SCRIPTS.iter().try_for_each(|script| {
        Program::new("node")
            .args([format!("e2e/{script}.mjs")])
            .env("BASE_URL", &running.base_url)
            .env("CHROMIUM", &chromium)
            .env("SCREENSHOTS", workspace().join(SCREENSHOTS).join(example.name()).join(script))
            .run()
    })
}
