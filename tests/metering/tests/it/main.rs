//! The proof that usage survives the end of a process.
#![expect(clippy::unwrap_used, reason = "this crate is tests")]

mod backlog;
mod first_start;
mod fleet;
mod kill;
mod one_process;
mod pending;
mod scene;
