//! Compares what the typed client sends and reads with a description of Flowglad's API (`OpenAPI` 3), and tells where the
//! two drift apart.
//!
//! The way of a run, from top to bottom:
//!
//! 1. [`read_description`] reads the description from a file or a URL.
//! 2. [`compare`] matches its operations with the client's, and walks through both schemas of each body and reply. A
//!    schema is first taken apart into alternatives without `$ref`, `allOf`, `anyOf` and `oneOf` (`schema/branch.rs`),
//!    then united into one view of what can be there (`schema/shape.rs`).
//! 3. [`Report::of`] takes out the drift that is [allowed](Allowances), each with its reason.
//!
//! What is not looked at: formats, lengths and ranges, `if`/`then`, `not`, header parameters, and the replies of errors.

mod allowances;
mod client;
mod client_operation;
mod compare;
mod description;
mod drift;
mod error;
mod report;
mod schema;
mod source;

pub use allowances::{Allowance, Allowances};
pub use client::client_operations;
pub use client_operation::{ClientOperation, QueryParameter};
pub use compare::{Compared, Comparison, compare};
pub use drift::{Drift, Part, Problem};
pub use error::{AllowancesError, Error, SchemaError};
pub use report::{AllowedDrift, Report, Totals};
pub use schema::{Kind, Literal};
pub use source::read_description;
