//! Tells where the typed client and Flowglad's API description drift apart.

use std::{
    error::Error,
    fs,
    io::{self, Write as _},
    process::ExitCode,
};

use flowglad_conformance::{Allowances, ClientOperation, Report, client_operations, compare, read_description};
use lexopt::prelude::{Long, Short, ValueExt as _};

const HELP: &str = "\
Tells where the typed client and Flowglad's API description drift apart.

Usage: flowglad-conformance --spec FILE|URL [--json] [--allowed FILE]

Options:
  --spec FILE|URL  the API's description as OpenAPI 3 in JSON; Flowglad serves it at /api/openapi
  --json           one JSON document in place of the table
  --allowed FILE   drift that is as it should be (default: tests/conformance/allowed-drift), one line each:
                   <pattern> # <reason>      * in the pattern stands for any run of characters
  --client FILE    operations to compare in place of flowglad-core's, as JSON; for tests of this program
  --help           print this and exit

It ends with 0 if there is no drift, with 1 if there is some that no line allows or a line that allows nothing any more,
and with 2 if the comparison could not be made.
";

const ALLOWED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/allowed-drift");

/// What the command line asks for.
#[derive(Debug)]
struct Options {
    spec: String,
    json: bool,
    allowed: String,
    client: Option<String>,
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
    let Some(options) = parse_options()? else {
        io::stdout().write_all(HELP.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    };
    let allowances = read_allowances(&options.allowed)?;
    let client = operations_of(options.client.as_deref())?;
    let report = Report::of(compare(&read_description(&options.spec)?, &client)?, &allowances);
    print(&report, options.json)?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `None` if help is asked for.
fn parse_options() -> Result<Option<Options>, lexopt::Error> {
    let mut spec = None;
    let mut options = Options { spec: String::new(), json: false, allowed: ALLOWED.to_owned(), client: None };
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("spec") => spec = Some(arguments.value()?.string()?),
            Long("json") => options.json = true,
            Long("allowed") => options.allowed = arguments.value()?.string()?,
            Long("client") => options.client = Some(arguments.value()?.string()?),
            Long("help") | Short('h') => return Ok(None),
            other => return Err(other.unexpected()),
        }
    }
    options.spec = spec.ok_or("--spec FILE|URL is needed (see --help)")?;
    Ok(Some(options))
}

fn read_allowances(file: &str) -> Result<Allowances, Box<dyn Error>> {
    let text = fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"))?;
    Ok(Allowances::parse(&text).map_err(|error| format!("{file}: {error}"))?)
}

fn operations_of(file: Option<&str>) -> Result<Vec<ClientOperation>, Box<dyn Error>> {
    let Some(file) = file else { return Ok(client_operations()) };
    let text = fs::read(file).map_err(|error| format!("cannot read {file}: {error}"))?;
    Ok(serde_json::from_slice(&text).map_err(|error| format!("{file}: {error}"))?)
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
