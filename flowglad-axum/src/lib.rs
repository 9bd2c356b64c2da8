#![doc = include_str!("docs/crate.md")]
#![deny(missing_docs)]
#![forbid(unsafe_code)]

/// Compiles the README's examples.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

mod customer_source;
mod route;

pub use customer_source::{CustomerSource, Extracted, extracted};
pub use flowglad_core;
pub use route::router;
