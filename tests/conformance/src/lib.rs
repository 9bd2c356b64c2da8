//! Compares what the typed client sends and reads with the facts of Flowglad's API, and reports where the two drift apart.
//!
//! The way of a run, from top to bottom:
//!
//! 1. [`read_api`] reads the facts ([`Api`]): the recorded ones in `tests/spec/api.json`, or the API's own description.
//! 2. [`compare`] makes every call of [`every_case`] against a scripted server. What is sent must be as described, and
//!    all that is described must be sent (`sent.rs`). Replies are made from the description (`api/replies.rs`); the
//!    client must read every field of them (`read.rs`).
//! 3. [`Report::of`] takes out the drift that is [allowed](Allowances), each with its reason.
//!
//! What is not looked at: header parameters, and the replies of errors.

mod allowances;
mod api;
mod calls;
mod compare;
mod drift;
mod error;
mod observed;
mod read;
mod report;
mod sent;
mod source;

pub use allowances::{Allowance, Allowances};
pub use api::{Api, Operation};
pub use calls::{Case, Record, every_case};
pub use compare::{Compared, Comparison, compare, observe};
pub use drift::{Drift, Part, Problem};
pub use error::{AllowancesError, Error};
pub use observed::{Observed, ScriptedApi};
pub use report::{AllowedDrift, Report, Totals};
pub use source::read_api;
