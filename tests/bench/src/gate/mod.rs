//! What a gate costs: a decision from memory, a gated route beside an open one, and the memory of a cached customer.

mod decision;
mod memory;
mod routes;

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
    routes::run(&api_url, settings)?;
    memory::run(&api_url)
}
