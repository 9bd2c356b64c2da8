//! Mutates the corpus for as long as wanted.

#![expect(clippy::unwrap_used, reason = "this crate is tests")]

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    time::{Duration, Instant},
};

use fastrand::Rng;
use flowglad_fuzz::{app::App, corpus, mutation::mutate, target::Target};
use lexopt::{Arg, ValueExt as _};

const HELP: &str = "\
flowglad-fuzz [--minutes N] [--target NAME] [--seed N]
    Mutates the inputs of tests/fuzz/corpus, for a minute per target or as long as said. An input that breaks a rule is
    written there. Targets: browser-body, error-body, owner, splice, webhook. Default: all.";

/// How many new inputs are kept beside the corpus as parents of further ones.
const KEPT: usize = 2_000;

struct Options {
    time: Duration,
    targets: Vec<Target>,
    seed: u64,
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(Some(options)) => options,
        Ok(None) => {
            eprintln!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{error}\n\n{HELP}");
            return ExitCode::FAILURE;
        }
    };
    eprintln!("seed {}", options.seed);
    let failed = options.targets.iter().filter(|target| !run(**target, &options)).count();
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn options() -> Result<Option<Options>, lexopt::Error> {
    let mut options = Options { time: Duration::from_secs(60), targets: Target::ALL.to_vec(), seed: fastrand::u64(..) };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("minutes") => {
                options.time = Duration::from_secs(60 * arguments.value()?.parse::<u64>()?);
            }
            Arg::Long("target") => {
                let name = arguments.value()?.string()?;
                options.targets.retain(|target| target.name() == name);
                if options.targets.is_empty() {
                    return Err(format!("there is no target `{name}`").into());
                }
            }
            Arg::Long("seed") => options.seed = arguments.value()?.parse()?,
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    Ok(Some(options))
}

/// Runs a target until its time is over, and returns whether every rule held.
fn run(target: Target, options: &Options) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let app = runtime.block_on(App::start());
    let mut random = Rng::with_seed(options.seed);
    let parents: Vec<Vec<u8>> = corpus::read(target).into_iter().map(|(_, input)| input).collect();
    let mut children: VecDeque<Vec<u8>> = VecDeque::new();
    let (started, mut inputs) = (Instant::now(), 0_u64);
    while started.elapsed() < options.time {
        let input = next_input(&mut random, &parents, &children);
        if catch_unwind(AssertUnwindSafe(|| runtime.block_on(target.run(&app, &input)))).is_err() {
            eprintln!("{}: input {inputs} broke a rule: {}", target.name(), corpus::add(target, &input).display());
            return false;
        }
        inputs += 1;
        children.push_back(input);
        if children.len() > KEPT {
            children.pop_front();
        }
    }
    eprintln!("{}: {inputs} inputs in {} s, every rule held", target.name(), started.elapsed().as_secs());
    true
}

/// A mutation of a committed input, or of one of its children.
fn next_input(random: &mut Rng, parents: &[Vec<u8>], children: &VecDeque<Vec<u8>>) -> Vec<u8> {
    let other = random.choice(parents).cloned().unwrap_or_default();
    let is_grandchild = !children.is_empty() && random.u8(0..4) == 0;
    let parent =
        if is_grandchild { &children[random.usize(..children.len())] } else { random.choice(parents).unwrap() };
    mutate(random, parent, &other)
}
