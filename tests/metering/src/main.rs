//! Kills a program that records usage, as often as wanted, and prints what was lost or charged twice.
#![expect(clippy::print_stdout, reason = "it prints its findings")]

use std::{process::ExitCode, time::Duration};

use flowglad_metering::{
    Failure, fleet, meter,
    rounds::{self, Plan},
};
use lexopt::{Arg, Parser, ValueExt as _};

const HELP: &str = "\
flowglad-metering [--rounds N] [--seed N]
    Starts a program that records usage on one folder, N times (default: 200), and kills it each time at a random moment,
    while its requests fail in every way. Then compares each acknowledged call with what was charged.
flowglad-metering --fleet [--rounds N] [--seed N] [--outage SECONDS]
    The same with three programs that share a Redis, which is killed too; or, with --outage, takes Redis away for so long
    while the programs make calls.";

/// Between two calls of a task while Redis is away, so that a minute of them can be compared in a minute.
const PAUSE: Duration = Duration::from_millis(5);

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode, Failure> {
    let mut plan = Plan {
        rounds: 200,
        seed: fastrand::u64(..),
        program: std::env::current_exe()?,
        temporary: std::env::temp_dir(),
    };
    let (mut is_fleet, mut outage) = (false, None);
    let mut arguments = Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Value(verb) if verb == "meter" => {
                let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
                runtime.block_on(meter::run(arguments))?;
                return Ok(ExitCode::SUCCESS);
            }
            Arg::Long("rounds") => plan.rounds = arguments.value()?.parse()?,
            Arg::Long("fleet") => is_fleet = true,
            Arg::Long("outage") => outage = Some(Duration::from_secs(arguments.value()?.parse()?)),
            Arg::Long("seed") => plan.seed = arguments.value()?.parse()?,
            Arg::Long("help") | Arg::Short('h') => {
                println!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    println!("seed {}", plan.seed);
    let of_fleet = fleet::Plan { seed: plan.seed, program: plan.program.clone(), temporary: plan.temporary.clone() };
    let report = match outage {
        Some(at_least) => fleet::outage(&of_fleet, at_least, PAUSE)?,
        None if is_fleet => fleet::kill_rounds(&of_fleet, plan.rounds)?,
        None => rounds::run(&plan)?,
    };
    print!("{report}");
    Ok(if report.findings.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
