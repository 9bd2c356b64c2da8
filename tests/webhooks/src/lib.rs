//! Kills a program that handles webhooks, and compares what was delivered with what it did.
//!
//! [`receiver`] is the program: it handles each event in a transaction of its own database, and can stop at a [`point`] where
//! a test wants to kill it. [`running`] starts it as a process, [`world`] is the sandbox that delivers to it, and [`effects`]
//! reads what it did. [`sql_log`] is the code of the guide.

pub mod effects;
mod free_address;
pub mod point;
pub mod receiver;
pub mod running;
#[expect(missing_docs, clippy::missing_errors_doc, reason = "it is shown as it is in docs/guides/webhooks_sql.md")]
pub mod sql_log;
pub mod world;

/// Why a run cannot go on.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
