//! Three instances of an example app with one Redis and one sandbox, until Ctrl-C. `cargo xtask demo --fleet` starts it.
#![expect(clippy::print_stdout, reason = "what a person at the terminal needs to know")]

mod fleet;
mod instance;

use std::{env, path::PathBuf, process::ExitCode};

use redis_process::Failure;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::fleet::Fleet;

const FIRST_PORT: u16 = 3001;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("fleet-demo: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let program = PathBuf::from(env::args_os().nth(1).ok_or("name the program of an example")?);
    let mut asked_to_end = AskedToEnd::new()?;
    let fleet = tokio::select! {
        // What has started already ends with its value.
        () = asked_to_end.wait() => return Ok(()),
        fleet = Fleet::start(program, first_port()?) => fleet?,
    };
    println!("{}", fleet.what_to_try());
    asked_to_end.wait().await;
    println!("ending: the instances deliver their usage first");
    fleet.end().await;
    Ok(())
}

/// The ports of the instances follow each other. `PORT` chooses the first.
fn first_port() -> Result<u16, Failure> {
    match env::var("PORT") {
        Ok(port) => Ok(port.parse().map_err(|_| format!("PORT must be a number, not {port:?}"))?),
        Err(_) => Ok(FIRST_PORT),
    }
}

/// Ctrl-C, and how service managers end a program.
struct AskedToEnd {
    interrupt: Signal,
    terminate: Signal,
}

impl AskedToEnd {
    fn new() -> Result<Self, Failure> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
