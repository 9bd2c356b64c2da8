#![doc = include_str!("docs/crate.md")]
#![forbid(unsafe_code)]

mod route;
mod source;

pub use flowglad_core;
pub use route::router;
pub use source::{CustomerSource, from_extractor};
