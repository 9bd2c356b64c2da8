//! rustdoc with its JSON output, which a stable toolchain refuses otherwise.
//!
//! A program of its own, since the variable must not reach the build scripts of dependencies: they would take the
//! toolchain for a nightly one.

use std::{
    env,
    process::{Command, ExitCode},
};

fn main() -> ExitCode {
    match Command::new("rustdoc").args(env::args_os().skip(1)).env("RUSTC_BOOTSTRAP", "1").status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cannot start rustdoc: {error}");
            ExitCode::FAILURE
        }
    }
}
