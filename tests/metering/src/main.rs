//! Kills a program that records usage, as often as wanted, and prints what was lost or charged twice.
#![expect(clippy::print_stdout, reason = "it prints its findings")]

use std::process::ExitCode;

use flowglad_metering::{
    Failure, meter,
    rounds::{self, Plan},
};
use lexopt::{Arg, Parser, ValueExt as _};

const HELP: &str = "\
flowglad-metering [--rounds N] [--seed N]
    Starts a program that records usage on one folder, N times (default: 200), and kills it each time at a random moment,
    while its requests fail in every way. Then compares each acknowledged call with what was charged.";

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
    let mut arguments = Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Value(verb) if verb == "meter" => {
                let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
                runtime.block_on(meter::run(arguments))?;
                return Ok(ExitCode::SUCCESS);
            }
            Arg::Long("rounds") => plan.rounds = arguments.value()?.parse()?,
            Arg::Long("seed") => plan.seed = arguments.value()?.parse()?,
            Arg::Long("help") | Arg::Short('h') => {
                println!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    println!("seed {}", plan.seed);
    let report = rounds::run(&plan)?;
    print!("{report}");
    Ok(if report.findings.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
