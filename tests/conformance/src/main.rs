//! Compares what the typed client sends and reads with the facts of Flowglad's API.

use std::{
    error::Error,
    fs,
    io::{self, Write as _},
    process::ExitCode,
};

use flowglad_conformance::{Allowances, Report, compare, read_api};
use lexopt::prelude::{Long, Short, ValueExt as _};

const HELP: &str = "\
Compares what the typed client sends and reads with the facts of Flowglad's API.

Usage: flowglad-conformance [--spec FILE|URL] [--json] [--allowed FILE]
       flowglad-conformance --record FILE --spec FILE|URL

Options:
  --spec FILE|URL  the API's description as OpenAPI 3 in JSON, which Flowglad serves at /api/openapi, or recorded facts
                   (default: tests/spec/api.json)
  --json           one JSON document in place of the table
  --allowed FILE   drift that is meant (default: tests/conformance/allowed-drift), one line each:
                   <pattern> # <reason>      * in the pattern stands for any run of characters
  --record FILE    write the facts of the description to FILE, and compare nothing
  --help           print this and exit

It ends with 0 if there is no drift, with 1 if there is drift that no line allows or a line that allows nothing,
and with 2 if the comparison could not be made.
";

const FACTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../spec/api.json");
const ALLOWED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/allowed-drift");

/// What the command line asks for.
#[derive(Debug)]
enum Task {
    Help,
    Record { spec: String, file: String },
    Compare { spec: String, json: bool, allowed: String },
}

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("flowglad-conformance: {}", with_causes(error.as_ref()));
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    match parse_arguments()? {
        Task::Help => {
            io::stdout().write_all(HELP.as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Record { spec, file } => {
            let facts = read_api(&spec)?.to_text();
            fs::write(&file, facts).map_err(|error| format!("cannot write {file}: {error}"))?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Compare { spec, json, allowed } => {
            let allowances = read_allowances(&allowed)?;
            let api = read_api(&spec)?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let report = Report::of(runtime.block_on(compare(&api))?, &allowances);
            print(&report, json)?;
            Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

fn parse_arguments() -> Result<Task, lexopt::Error> {
    let (mut spec, mut json, mut allowed, mut record) = (None, false, None, None);
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("spec") => spec = Some(arguments.value()?.string()?),
            Long("json") => json = true,
            Long("allowed") => allowed = Some(arguments.value()?.string()?),
            Long("record") => record = Some(arguments.value()?.string()?),
            Long("help") | Short('h') => return Ok(Task::Help),
            other => return Err(other.unexpected()),
        }
    }
    match record {
        Some(file) => {
            let spec = spec.ok_or("--record FILE needs --spec FILE|URL (see --help)")?;
            Ok(Task::Record { spec, file })
        }
        None => Ok(Task::Compare {
            spec: spec.unwrap_or_else(|| FACTS.to_owned()),
            json,
            allowed: allowed.unwrap_or_else(|| ALLOWED.to_owned()),
        }),
    }
}

fn read_allowances(file: &str) -> Result<Allowances, Box<dyn Error>> {
    let text = fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"))?;
    Ok(Allowances::parse(&text).map_err(|error| format!("{file}: {error}"))?)
}

/// A reader that goes away early is an error like any other, and no panic.
fn print(report: &Report, json: bool) -> Result<(), Box<dyn Error>> {
    let mut stdout = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut stdout, report)?;
        writeln!(stdout)?;
    } else {
        write!(stdout, "{report}")?;
    }
    Ok(stdout.flush()?)
}

fn with_causes(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let sentence = error.to_string();
        // Some errors tell their cause themselves; once is enough.
        if !message.ends_with(&sentence) {
            message.push_str(": ");
            message.push_str(&sentence);
        }
        cause = error.source();
    }
    message
}
