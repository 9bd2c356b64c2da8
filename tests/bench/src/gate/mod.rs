//! What a gate costs: a decision from memory, and the memory of a cached customer.

mod decision;
mod memory;

pub(crate) use memory::hold;

use crate::{
    Failure,
    pass_through::{Settings, commit, machine, this_program},
    process::Server,
    say,
};

pub(crate) fn run(settings: &Settings) -> Result<(), Failure> {
    let stub = Server::start("stub-api", this_program(&["serve", "stub-api"])?)?;
    let api_url = format!("http://{}", stub.address);
    say(&format!("{}, commit {}", machine(), commit()));
    decision::run(&api_url, settings.rounds)?;
    memory::run(&api_url)
}
