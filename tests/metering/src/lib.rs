//! Kills a program that records usage, again and again, and compares what it acknowledged with what was charged.
//!
//! [`meter`] is the program: it records and holds usage, and prints a line for each call that succeeded. [`rounds`] starts it on
//! the same folder, spoils its requests with [`faults`], and ends it without warning at a random moment. [`reconcile`] then
//! compares the lines with the sandbox's ledger. [`fleet`] does the same with three programs that share a Redis, which is
//! killed and taken away too.

pub mod acknowledged;
pub mod call;
pub mod faults;
pub mod fleet;
pub mod line;
pub mod meter;
pub mod reconcile;
pub mod report;
pub mod rounds;
pub mod running_meter;
pub mod world;

/// Why a run of the tests cannot go on, or what it found.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
