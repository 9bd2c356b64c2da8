//! What it costs to record usage: durable records per second, the rate of delivery, and a million records that wait.

mod backlog;
mod delivery;
mod recording;

use std::{
    fs,
    path::{Path, PathBuf},
    process::id,
};

pub(crate) use backlog::{fill, start};
pub(crate) use delivery::serve_sandbox;
use flowglad_axum::flowglad_core::{Flowglad, RequestingCustomer, usage::Outbox};

use crate::{
    Failure,
    pass_through::{Settings, commit, machine},
    say,
    servers::API_KEY,
};

/// Usage is of this many customers.
const CUSTOMERS: usize = 1_000;

pub(crate) fn run(settings: &Settings) -> Result<(), Failure> {
    say(&format!("{}, commit {}", machine(), commit()));
    recording::run(settings)?;
    delivery::run()?;
    backlog::run()
}

/// A folder that is removed when this value is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("flowglad-bench-{}-{name}", id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Left behind, it is in the system's temporary folder.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A client that records into a folder.
fn recorder(folder: &Path, api_url: &str) -> Result<Flowglad, Failure> {
    let outbox = Outbox::open(folder)?;
    Ok(Flowglad::builder().api_key(API_KEY).base_url(api_url).usage(outbox).build()?)
}

fn customer(number: usize) -> Result<RequestingCustomer, Failure> {
    Ok(RequestingCustomer::new(format!("user_{}", number % CUSTOMERS), "Ada", "ada@example.com")?)
}
