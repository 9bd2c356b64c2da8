#![doc = include_str!("docs/crate.md")]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod customer_source;
mod route;

pub use customer_source::{CustomerSource, Extracted, extracted};
pub use flowglad_core;
pub use route::router;
